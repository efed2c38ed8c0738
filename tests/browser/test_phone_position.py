"""Where a report lies: far from the own grid, leaping, at a building of the offline map; drafts and joining offline."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.support import phones, streets
from tests.support.phones import (
    BAD_NETWORK,
    choose,
    fill_report,
    located,
    number_of,
    phone,
    send,
    sheet,
    task,
    tasks_of,
)
from tests.support.world import SIDE, SOUTH, WEST

SLOW = 20_000
METRES_A_PIXEL = 0.7
METRES_A_DEGREE = 111_195


def stand(page: Page, site: Site, x: float, y: float, accuracy: float = 8) -> None:
    """Walk to a place by the drawing's units."""
    there = site.world.point(x, y)
    page.context.set_geolocation({"longitude": there["lon"], "latitude": there["lat"], "accuracy": accuracy})


def position_of(site: Site) -> dict[str, Any]:
    """What the only report says of its position."""
    [filed] = tasks_of(site, "dispatcher_district")
    facts = task(site, filed["id"], "dispatcher_district")["events"][0]["facts"]
    position: dict[str, Any] = facts["position"]
    return position


def test_a_report_far_from_the_own_grid_asks_for_the_reason_which_goes_with_the_raw_values(open_page, site):
    there = site.world.inside("b2")
    stands = {"longitude": there["lon"], "latitude": there["lat"], "accuracy": 9}
    page = phone(open_page, site, "worker_a", geolocation=stands)
    expect(page.locator(".f-place-grids").first).to_contain_text("不在辖区网格内")
    choose(page, "06001")
    page.get_by_label("情况说明").fill("邻社区的垃圾")
    doubt = page.locator("[data-doubt=far]")
    expect(doubt).to_contain_text("距本网格", timeout=SLOW)
    send(page)
    expect(page.locator('[data-field="location"] .wrong')).to_contain_text("请重新定位、移动图钉，或说明原因")
    assert tasks_of(site, "dispatcher_district") == []
    page.locator("#place-reason").select_option("other_reason")
    page.get_by_label("其他原因").fill("路过时发现")
    send(page)
    number_of(page)
    said = position_of(site)
    assert (said["reason"], said["source"]) == ("路过时发现", "gnss")
    [fix, *_] = said["fixes"]
    assert (round(fix["lon"], 4), round(fix["lat"], 4), fix["accuracy"]) == (there["lon"], there["lat"], 9)


def test_a_leaping_position_is_taken_for_simulated_until_the_pin_is_set_by_hand(open_page, site):
    page = phone(open_page, site, "worker_a")
    located(page)
    page.get_by_role("link", name="任务").click()
    stand(page, site, 0.4, 0.95)
    page.get_by_role("link", name="上报").click()
    choose(page, "06001")
    page.get_by_label("情况说明").fill("跳变的位置")
    expect(page.locator("[data-doubt=leap]")).to_contain_text("可能为模拟定位", timeout=SLOW)
    send(page)
    expect(page.locator('[data-field="location"] .wrong')).to_contain_text("请重新定位")
    page.get_by_role("button", name="移动图钉").first.click()
    page.get_by_role("button", name="使用此位置").click()
    expect(page.locator("[data-doubt=leap]")).to_have_count(0)
    send(page)
    number_of(page)
    [filed] = tasks_of(site)
    assert filed["description"] == "跳变的位置"
    assert task(site, filed["id"])["events"][0]["facts"]["position"]["source"] == "pin"


def press(page: Page, site: Site, x: float, y: float) -> None:
    """Tap the map of the pin, which opened where the phone stands, at a place by the drawing's units."""
    page.locator("#pin-map[data-drawn]").wait_for()
    box = page.locator("#pin-map").bounding_box()
    assert box is not None
    from_lon, from_lat = site.world.inside("a1").values()
    lon, lat = WEST + SIDE * x, SOUTH + SIDE * y
    east = (lon - from_lon) * METRES_A_DEGREE * 0.8771
    north = (lat - from_lat) * METRES_A_DEGREE
    page.mouse.click(
        box["x"] + box["width"] / 2 + east / METRES_A_PIXEL,
        box["y"] + box["height"] / 2 - north / METRES_A_PIXEL,
    )


def test_a_building_of_the_offline_map_is_tapped_and_forgotten_where_the_map_goes_on(open_page, site, wire):
    streets.build(site.app)
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    page.evaluate("navigator.serviceWorker.ready")
    located(page)
    phones.until(page, BASE_MAP)
    wire.cut()
    page.reload()
    expect(page.locator(".f-place-grids").first).to_contain_text("东一组", timeout=SLOW)
    page.get_by_role("button", name="移动图钉").first.click()
    press(page, site, 0.40, 0.40)
    where = sheet(page).get_by_role("status")
    expect(where).to_contain_text("号院")
    name = where.inner_text().split(" · ")[0].removeprefix("位于")
    box = page.locator("#pin-map").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 150, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 30, box["y"] + 60, steps=5)
    page.mouse.up()
    expect(where).not_to_contain_text(name)
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 150, steps=5)
    page.mouse.up()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(where).to_contain_text(name)
    page.get_by_role("button", name="使用此位置").click()
    expect(page.locator("#address")).to_have_value(name)
    choose(page, "06001")
    page.get_by_label("情况说明").fill("院内的垃圾")
    send(page)
    wire.mend()
    number_of(page)
    [filed] = tasks_of(site)
    assert (filed["address"], filed["description"]) == (name, "院内的垃圾")


BASE_MAP = """async () => {
  const { kept } = await import("/static/field/core/store.js");
  return Boolean((await kept("basemap")) && (await kept("grids")));
}"""


def test_without_a_network_a_similar_task_kept_on_the_phone_is_offered_and_joined(open_page, site, wire):
    known = phones.report(site, "worker_a2")
    page = phone(open_page, site, "worker_a", base_url=wire.url, tolerate=BAD_NETWORK)
    located(page)
    phones.until(page, KEPT, known)
    wire.cut()
    fill_report(page, "这里也有垃圾")
    expect(page.locator("#similar")).to_contain_text("垃圾堆在路口")
    page.get_by_role("button", name="同一事项").click()
    send(page)
    expect(page.get_by_role("heading", name="已保存在本机")).to_be_visible()
    wire.mend()
    number_of(page)
    [joined] = [filed for filed in tasks_of(site) if filed["id"] != known]
    assert joined["duplicate_of"] == known


KEPT = """async (id) => {
  const { keptTasks } = await import("/static/field/tasklist.js");
  return (await keptTasks()).some((task) => task.id === id);
}"""


def test_several_drafts_wait_sealed_and_one_can_be_thrown_away(open_page, site):
    page = phone(open_page, site, "worker_a")
    for words in ("草稿一", "草稿二"):
        fill_report(page, words)
        page.get_by_role("button", name="存草稿").click()
        expect(page.get_by_label("情况说明")).to_have_value("")
    page.reload()
    page.locator("#drafts").click()
    expect(sheet(page).locator(".f-unsent")).to_have_count(2)
    sheet(page).locator(".f-unsent", has_text="草稿一").get_by_role("button", name="丢弃").click()
    expect(page.locator("#drafts")).to_contain_text("1")
    page.locator("#drafts").click()
    page.get_by_role("button", name="继续填写").click()
    expect(page.get_by_label("情况说明")).to_have_value("草稿二")
    located(page)
    send(page)
    number_of(page)
    assert [filed["description"] for filed in tasks_of(site)] == ["草稿二"]


def test_a_receiver_that_finds_nothing_at_first_goes_on_looking(open_page, site):
    page = phone(open_page, site, "worker_a", "/field#/me")
    page.get_by_role("button", name="上岗").click()
    expect(page.locator("#duty")).to_contain_text("在岗 自", timeout=SLOW)
    page.get_by_role("link", name="上报").click()
    expect(page.locator(".f-place-line")).to_be_visible()
    stand(page, site, 0.41, 0.4)
    located(page)


def test_who_stands_still_is_placed_where_they_stood_though_no_new_fix_comes(open_page, site):
    page = phone(open_page, site, "worker_a")
    located(page)
    page.context.set_geolocation(None)
    page.get_by_role("link", name="任务").click()
    expect(page.locator("#tasks")).to_be_visible()
    page.get_by_role("link", name="上报").click()
    fill_report(page, "原地不动")
    send(page)
    number_of(page)
    [filed] = tasks_of(site)
    there = site.world.inside("a1")
    assert (round(filed["location"]["lon"], 4), round(filed["location"]["lat"], 4)) == (there["lon"], there["lat"])
