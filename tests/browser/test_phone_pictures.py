"""Photos that a phone keeps to show: so many, and those looked at longest ago make room."""

from __future__ import annotations

from tests.support import phones
from tests.support.phones import located, phone
from tests.support.photos import put
from tests.support.pictures import photo, sha256
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
