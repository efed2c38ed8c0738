"""The planner's desk in a browser: a vertex dragged by the mouse, neighbours follow, kept, published, tasks moved."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from gridapp import db
from gridapp.db import session
from gridapp.models import Boundary, Street, Task
from tests.browser.conftest import DESK, PHONE
from tests.support import tasking
from tests.support.screens import assert_fits
from tests.support.world import SIDE, SOUTH, WEST

both = pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
WHERE = """([lon, lat]) => {
  const map = document.querySelector('#map-pane .folium-map').map;
  const box = map.getContainer().getBoundingClientRect();
  const at = map.latLngToContainerPoint([lat, lon]);
  return [box.left + at.x, box.top + at.y];
}"""
SHOWN = """(id) => {
  let found = null;
  document.querySelector('#map-pane .folium-map').map.eachLayer((layer) => {
    if (layer.feature?.id === id) found = layer.toGeoJSON().geometry.coordinates[0];
  });
  return found;
}"""


def place(x, y):
    """A place by the units of the world's drawing."""
    return [round(WEST + SIDE * x, 6), round(SOUTH + SIDE * y, 6)]


def begin(page, world, area="a"):
    """A new plan below an area, by the form."""
    page.get_by_label("名称").fill("东一组北扩")
    page.get_by_label("区域").press_sequentially(world.areas[area].code)
    page.get_by_role("option", name=world.areas[area].name).first.click()
    page.get_by_role("button", name="开始编制").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("东一组北扩")


def choose(page, name):
    page.locator("#grids").get_by_role("button", name=re.compile(name)).click()
    expect(page.locator("#chosen h2")).to_have_text(name)


def drag(page, start, end):
    """Drag the vertex at one place of the world to another with the mouse."""
    with page.expect_response(re.compile(r"/planning/.+/grids/\d+")):
        page.mouse.move(*page.evaluate(WHERE, place(*start)))
        page.mouse.down()
        page.mouse.move(*page.evaluate(WHERE, place(*end)), steps=8)
        page.mouse.up()
    expect(page.locator("#saving")).to_have_attribute("data-state", "kept")


def shown(page, area):
    """The outline of a grid as the map shows it, rounded to what a hand can aim at."""
    return [tuple(round(value, 4) for value in point) for point in page.evaluate(SHOWN, area.id)]


def task_in_the_strip(site):
    """A task of grid a2 in the hands of its worker, at a place that a1 will get."""
    with site.app.app_context():
        task_id = tasking.file(site.world, "worker_a2", location=site.world.point(1, 1.15))
        post = {"post": str(site.world.people["worker_a2"].post)}
        tasking.act(site.world, "dispatcher_a", task_id, "assign", assignee=post)
        db.commit()
    return task_id


@both
def test_from_the_first_drag_to_the_new_boundaries(open_page, site, screen):
    task_id = task_in_the_strip(site)
    areas = site.world.areas
    page = open_page("planner_a", "/planning", screen)
    begin(page, site.world)
    assert_fits(page)
    choose(page, "东一组")
    before = shown(page, areas["a2"])
    drag(page, (1, 1), (1, 1.4))
    moved = set(shown(page, areas["a2"])) - set(before)
    assert len(moved) == 1
    assert moved <= set(shown(page, areas["a1"]))
    expect(page.locator("#grids .badge.is-info")).to_have_count(2)
    expect(page.locator("#findings")).to_contain_text("图形检查无问题")

    page.reload()
    assert moved <= set(shown(page, areas["a1"]))
    page.get_by_role("button", name="发布").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("变更网格的在办任务")
    expect(dialog.locator("#impact")).to_contain_text("Worker A、Worker A2")
    expect(dialog.locator("#impact-grids tr")).to_have_count(4)
    assert_fits(page)
    dialog.get_by_role("button", name="发布", exact=True).click()
    expect(page.locator("#status")).to_have_attribute("data-status", "published")
    expect(page.get_by_role("status").filter(has_text="方案已发布")).to_be_visible()
    assert moved <= set(shown(page, areas["a1"]))
    with site.app.app_context():
        task = session.get_one(Task, task_id)
        assert task.assignee_post_id == site.world.people["worker_a"].post
        assert task.grid_id in {areas["a1x"].id, areas["a1y"].id}
    page.get_by_role("link", name="方案", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("已发布")


def test_undo_and_redo_by_button_and_key(open_page, site):
    page = open_page("planner_a", "/planning")
    begin(page, site.world)
    choose(page, "东一组")
    before = shown(page, site.world.areas["a1"])
    drag(page, (1, 1), (1, 1.4))
    after = shown(page, site.world.areas["a1"])
    redrawn = page.locator("#grids .badge.is-info")
    page.get_by_role("button", name="撤销").click()
    expect(redrawn).to_have_count(0)
    assert set(shown(page, site.world.areas["a1"])) == set(before)
    page.keyboard.press("Control+y")
    expect(redrawn).to_have_count(2)
    assert set(shown(page, site.world.areas["a1"])) == set(after)
    page.keyboard.press("Control+z")
    expect(redrawn).to_have_count(0)
    expect(page.get_by_role("button", name="还原")).to_be_disabled()


def test_a_refused_edit_says_why_in_place_and_the_drawing_goes_back(open_page, site):
    page = open_page("planner_a", "/planning")
    begin(page, site.world)
    choose(page, "东一组")
    before = shown(page, site.world.areas["a1"])
    drag(page, (0, 0), (0.3, 0.3))
    expect(page.locator("#refusal")).to_contain_text("外边界会被改变")
    assert shown(page, site.world.areas["a1"]) == before
    drag(page, (1, 1), (1, 1.3))
    expect(page.locator("#refusal")).to_be_hidden()


def test_a_vertex_is_taken_away_by_a_right_click(open_page, site):
    page = open_page("planner_a", "/planning")
    begin(page, site.world)
    choose(page, "东一组")
    drag(page, (1, 1), (1, 1.4))
    with page.expect_response(re.compile(r"/planning/.+/grids/\d+")):
        page.mouse.click(*page.evaluate(WHERE, place(1, 1.4)), button="right")
    expect(page.locator("#saving")).to_have_attribute("data-state", "kept")
    for area in ("a1", "a2"):
        assert tuple(place(1, 1.4)) not in shown(page, site.world.areas[area])


def test_a_vertex_snaps_to_a_street(open_page, site):
    with site.app.app_context():
        line = f"SRID=4326;LINESTRING({WEST} {SOUTH + 1.4 * SIDE}, {WEST + 2 * SIDE} {SOUTH + 1.4 * SIDE})"
        session.add(Street(source="test", kind="primary", rank=1, geom=line))
        db.commit()
    page = open_page("planner_a", "/planning")
    begin(page, site.world)
    page.wait_for_load_state("networkidle")
    choose(page, "东一组")
    drag(page, (1, 1), (1.0, 1.385))
    latitudes = {lat for _, lat in page.evaluate(SHOWN, site.world.areas["a1"].id)}
    assert min(abs(lat - (SOUTH + 1.4 * SIDE)) for lat in latitudes) < 1e-7


def test_a_later_start_is_shown_and_waits(open_page, site):
    page = open_page("planner_a", "/planning")
    begin(page, site.world)
    choose(page, "东一组")
    drag(page, (1, 1), (1, 1.4))
    page.get_by_role("button", name="发布").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("自指定时间起生效").check()
    dialog.get_by_role("button", name="发布", exact=True).click()
    expect(dialog).to_contain_text("请填写生效时间")
    dialog.get_by_label("生效时间").fill("2020-01-01T08:00")
    dialog.get_by_role("button", name="发布", exact=True).click()
    expect(dialog).to_contain_text("生效时间已过")
    dialog.get_by_label("生效时间").fill("2099-01-01T08:00")
    dialog.get_by_role("button", name="发布", exact=True).click()
    expect(page.locator("#since")).to_have_text("自 2099-01-01 08:00 起生效")


def test_two_planners_on_one_plan_and_a_plan_that_was_quicker(open_page, site):
    first = open_page("planner_a", "/planning")
    begin(first, site.world)
    second = open_page("planner_a", first.url)
    choose(first, "东一组")
    drag(first, (1, 1), (1, 1.4))
    choose(second, "东二组")
    drag(second, (1, 1), (1, 0.8))
    expect(second.locator("#refusal")).to_contain_text("其他人已修改该方案")
    assert shown(second, site.world.areas["a1"]) == shown(first, site.world.areas["a1"])

    third = open_page("planner_a", "/planning")
    begin(third, site.world)
    choose(third, "东一组")
    drag(third, (1, 1), (1, 0.7))
    first.get_by_role("button", name="发布").click()
    first.get_by_role("dialog").get_by_role("button", name="发布", exact=True).click()
    expect(first.locator("#status")).to_have_attribute("data-status", "published")
    third.get_by_role("button", name="发布").click()
    third.get_by_role("dialog").get_by_role("button", name="发布", exact=True).click()
    expect(third.locator("#publish-refusal")).to_contain_text("方案“东一组北扩”已改划")
    third.reload()
    expect(third.locator("#refusal")).to_contain_text("请新建方案")
    expect(third.get_by_role("button", name="发布")).to_be_disabled()


@both
def test_building_grids_are_drawn_one_level_down(open_page, site, screen):
    page = open_page("planner_a", "/planning", screen)
    begin(page, site.world)
    choose(page, "东一组")
    page.get_by_role("button", name="下级网格（2）").click()
    expect(page.locator("#grids")).to_contain_text("一号楼")
    choose(page, "一号楼")
    drag(page, (1, 0.5), (0.8, 0.5))
    expect(page.locator("#grids .badge.is-info")).to_have_count(2)
    x, y = (set(shown(page, site.world.areas[key])) for key in ("a1x", "a1y"))
    assert len(x & y) == 3
    page.get_by_role("navigation", name="当前层级").get_by_role("button", name="东社区").click()
    expect(page.locator("#grids")).to_contain_text("东二组")
    assert_fits(page)


def test_who_only_reads_gets_no_handles_and_no_buttons(open_page, site):
    planner = open_page("planner_a", "/planning")
    begin(planner, site.world)
    page = open_page("auditor_a", planner.url)
    choose(page, "东一组")
    expect(page.locator(".marker-icon")).to_have_count(0)
    expect(page.get_by_role("button", name="发布")).to_have_count(0)
    expect(page.get_by_role("button", name="作废")).to_have_count(0)


def test_a_discarded_plan_and_words_in_english(open_page, site):
    page = open_page("planner_a", "/planning")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Plans")
    expect(page.get_by_role("main")).to_contain_text("No plans yet")
    page.get_by_label("Name").fill("North")
    page.get_by_label("Area").fill(site.world.areas["a"].code)
    page.get_by_role("button", name="Begin the plan").click()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Discard").click()
    expect(page.locator("#status")).to_have_text("Discarded")
    assert re.search("[一-鿿]", page.get_by_role("complementary").inner_text()) is None


def test_an_area_without_grids_below_says_so(open_page, site):
    with site.app.app_context():
        for boundary in session.query(Boundary).filter(Boundary.level == "building"):
            session.delete(boundary)
        db.commit()
    page = open_page("planner_a", "/planning")
    begin(page, site.world, "a2")
    expect(page.locator("#grids")).to_contain_text("没有带边界的下级网格")
