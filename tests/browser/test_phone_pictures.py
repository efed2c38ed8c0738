"""Photos that a phone keeps to show: so many, and those looked at longest ago make room."""

from __future__ import annotations

from tests.support import phones
from tests.support.phones import located, phone
from tests.support.photos import put
from tests.support.pictures import film, photo, sha256
from tests.support.world import signed_in

# As many as are kept, of which the names say nothing about their age: the third was looked at longest ago.
FULL = """async ({ most, oldest }) => {
  const { sealBytes } = await import("/static/field/core/seal.js");
  const { write } = await import("/static/field/core/store.js");
  const sealed = await sealBytes(new Uint8Array(10));
  await write("pictures", (pictures) => {
    pictures.clear();
    for (let n = 0; n < most; n += 1) {
      const key = `g${String(n).padStart(3, "0")}-thumb`;
      pictures.put({ key, at: n === oldest ? 1 : 1_000 - n, type: "image/jpeg", sealed });
    }
  });
}"""
KEPT = """async ([sha256, size]) => {
  const { keepPicture } = await import("/static/field/api.js");
  await keepPicture(sha256, size);
  const { read } = await import("/static/field/core/store.js");
  return read("pictures", (pictures) => pictures.getAllKeys());
}"""


def test_photos_looked_at_longest_ago_make_room(open_page, site):
    content = photo()
    put(signed_in(site.app, site.world.people["worker_a"]), content)
    phones.report(site, photos=[sha256(content)])
    page = phone(open_page, site, "worker_a")
    located(page)
    page.evaluate("import('/static/field/stock.js').then(({ whenStocked }) => whenStocked())")
    page.evaluate(FULL, {"most": 300, "oldest": 3})
    one = page.evaluate(KEPT, [sha256(content), "thumb"])
    assert (len(one), f"{sha256(content)}-thumb" in one, "g003-thumb" in one) == (300, True, False)
    two = page.evaluate(KEPT, [sha256(content), "screen"])
    assert (len(two), "g299-thumb" in two, "g000-thumb" in two) == (300, False, True)


HERE = """async () => {
  const { read } = await import("/static/field/core/store.js");
  const all = await read("pictures", (pictures) => pictures.getAll());
  return all.map(({ key, type, sealed }) => ({ key, type, isWhole: Boolean(sealed) }));
}"""
LOOKED_AT = """async (name) => {
  const { picture } = await import("/static/field/api.js");
  await picture(name, "screen");
}"""
STOCK = "import('/static/field/stock.js').then(({ stockUp }) => stockUp())"


def stocked(page):
    """What the phone keeps of pictures after a round in the background."""
    located(page)
    page.evaluate(STOCK)
    return {one["key"]: one for one in page.evaluate(HERE)}


def test_a_film_is_fetched_only_once_somebody_looks_at_it(open_page, site):
    content = film(frames=b"\x00" * 2_000_000)
    put(signed_in(site.app, site.world.people["worker_a"]), content)
    phones.report(site, photos=[sha256(content)])
    page = phone(open_page, site, "worker_a")
    kept = stocked(page)
    key = f"{sha256(content)}-screen"
    assert kept == {key: {"key": key, "type": "video/mp4", "isWhole": False}}
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.evaluate(STOCK)
    assert not [url for url in asked if "size=screen" in url]
    page.evaluate(LOOKED_AT, sha256(content))
    assert page.evaluate(HERE) == [{"key": key, "type": "video/mp4", "isWhole": True}]


def test_photos_of_many_tasks_are_kept_as_far_as_there_is_room_and_fetched_once(open_page, site):
    client = signed_in(site.app, site.world.people["worker_a"])
    for n in range(7):
        album = [photo(width=40 + n, height=40 + m) for m in range(20)]
        for content in album:
            assert put(client, content).status_code in (200, 201)
        phones.report(site, description=f"第{n}件", photos=[sha256(content) for content in album])
    page = phone(open_page, site, "worker_a")
    first = stocked(page)
    assert len(first) == 240
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    assert stocked(page) == first
    assert not [url for url in asked if "/photos/" in url]
