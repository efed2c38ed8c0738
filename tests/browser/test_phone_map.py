"""The offline map: its names can be read."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.support.phones import located, phone, sign_in

SCREEN = 300
PAINTS = """async ([things, side]) => {
  const { paint } = await import("/static/field/map/paint.js");
  const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
  const context = canvas.getContext("2d");
  const written = [];
  const fillText = context.fillText.bind(context);
  context.fillText = (words, x, y) => {
    const half = context.measureText(words).width / 2;
    const height = parseFloat(/([\\d.]+)px/.exec(context.font)[1]) / 2;
    written.push([words, x - half, y - height, x + half, y + height]);
    fillText(words, x, y);
  };
  const view = { scale: 1, width: side, height: side, toScreen: (place) => place, sees: () => true };
  const at = ([layer, name, x, y]) => ({
    properties: { layer, name, name_en: name, part: "neighbour" },
    geometry: { type: "LineString", coordinates: [[x, y], [x + 1, y]] },
    box: [x, y, x, y],
  });
  const all = things.map(at);
  const grids = all.filter(({ properties }) => properties.layer === "grid");
  paint(context, view, { basemap: all.filter((one) => !grids.includes(one)), grids });
  return written;
}"""


def written(page: Any, *things: tuple[str, str, float, float]) -> list[list[Any]]:
    """What is written on a map of these things: the words, and where: left, top, right, bottom."""
    found: list[list[Any]] = page.evaluate(PAINTS, [[list(one) for one in things], SCREEN])
    return found


def test_names_lie_over_no_other_and_the_grid_comes_first(open_page, site):
    page = phone(open_page, site, "worker_a")
    expect(page.locator("#choose-category")).to_be_visible()
    crowd = [("building", f"枫渡雅居{n}栋", 90 + 17 * (n % 5), 100 + 9 * (n // 5)) for n in range(20)]
    names = written(page, *crowd, ("street", "云溪巷", 120, 110), ("grid", "枫渡雅居", 110, 105))
    assert [words for words, *_ in names][:1] == ["枫渡雅居"]
    assert len(names) > 1
    for n, (_, *one) in enumerate(names):
        for _, *other in names[:n]:
            assert one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3], names


def test_a_name_that_the_edge_would_cut_is_left_out(open_page, site):
    page = phone(open_page, site, "worker_a")
    expect(page.locator("#choose-category")).to_be_visible()
    names = written(page, ("building", "明园新村一号楼", 5, 100), ("building", "秋坪小区", 150, 150))
    assert [words for words, *_ in names] == ["秋坪小区"]


def test_the_map_is_asked_for_once_at_a_sign_in(open_page, site):
    page = phone(open_page, site, None)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url.partition("/api/v1")[2]))
    sign_in(page, "worker_a")
    located(page)
    page.evaluate("import('/static/field/stock.js').then(({ stockUp }) => stockUp())")
    assert [asked.count(f"/{part}/mine") for part in ("grids", "basemap")] == [1, 1]
