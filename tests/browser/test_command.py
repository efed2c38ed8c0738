"""The command centre in a browser: a task that arrives by itself, is seen in list and map, and is assigned."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE
from tests.support.centre import hears, number, row
from tests.support.phones import act, report
from tests.support.pictures import photo
from tests.support.screens import assert_fits

PAINTED = """() => [...document.querySelectorAll("canvas.leaflet-tile-loaded")].some((tile) => {
  const copy = new OffscreenCanvas(tile.width, tile.height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(tile, 0, 0);
  const pixels = copy.getImageData(0, 0, tile.width, tile.height).data;
  const seen = new Set();
  for (let i = 0; i < pixels.length; i += 4) seen.add(`${pixels[i]},${pixels[i + 1]},${pixels[i + 2]}`);
  return seen.size > 20;
})"""


def markers(page: Page):
    return page.locator(".task-marker, .task-cluster")


def test_a_report_arrives_and_is_assigned(open_page, site):
    page = open_page("dispatcher_a", "/command")
    page.wait_for_function(PAINTED)
    hears(page)
    expect(page.locator(".command-row")).to_have_count(0)

    task_id = report(site, description="垃圾堆在路口")
    expect(row(page, task_id)).to_contain_text("垃圾堆在路口")
    expect(markers(page)).to_have_count(1)
    expect(page.locator('#counts [data-stage="report"] b')).to_have_text("1")

    row(page, task_id).get_by_role("link").click()
    panel = page.locator("#panel")
    expect(panel.get_by_role("heading", level=1)).to_contain_text("#")
    expect(page).to_have_url(re.compile(f"/command/tasks/{task_id}"))
    panel.locator("summary", has_text="派遣").click()
    panel.get_by_label("派给").select_option(f"post:{site.world.people['worker_a'].post}")
    panel.get_by_role("button", name="派遣", exact=True).click()
    expect(panel.locator('[aria-current="step"]')).to_have_text("派遣")
    expect(page.locator("#toasts")).to_contain_text("操作成功")
    expect(row(page, task_id)).to_contain_text("派遣")
    expect(page.locator('#counts [data-stage="assign"] b')).to_have_text("1")


def test_keys_walk_the_list_in_both_languages(open_page, site):
    first, second = report(site), report(site)
    page = open_page("dispatcher_a", "/command")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator("#panel article")).to_have_attribute("data-task", first)
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    hears(page)
    expect(page.locator("#panel article")).to_have_attribute("data-task", first)
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("没有这样的任务")
    expect(page.locator(".command-row")).to_have_count(0)
    expect(markers(page)).to_have_count(0)
    assert second != first


def test_a_call_is_written_down_and_pinned(open_page, site):
    page = open_page("dispatcher_a", "/command")
    page.wait_for_function(PAINTED)
    page.get_by_role("button", name="登记任务").click()
    panel = page.locator("#panel")
    panel.get_by_label("事项类别").press_sequentially("06001")
    panel.get_by_role("option").first.click()
    panel.get_by_label("来电内容").fill("桥头有人反映垃圾没人收")
    panel.get_by_role("button", name="在地图上选点").click()
    page.locator(".folium-map").click(position={"x": 300, "y": 400})
    expect(panel.locator("[data-place-words]")).to_contain_text("已选位置")
    panel.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("已登记")
    expect(panel).to_contain_text("热线")
    expect(page.locator(".command-row")).to_contain_text("桥头有人反映垃圾没人收")


def test_a_unit_feeds_back_with_a_photo_and_the_place(open_page, site):
    task_id = report(site)
    act(site, "dispatcher_a", task_id, "assign", assignee={"unit": str(site.world.units["a"])})
    page = open_page("handler_a", f"/command/tasks/{task_id}")
    page.wait_for_function(PAINTED)
    panel = page.locator("#panel")
    panel.locator("summary", has_text="接单").click()
    panel.get_by_role("button", name="接单", exact=True).click()
    panel.locator("summary", has_text="反馈").click()
    form = panel.locator("details[open]")
    form.get_by_label("说明").fill("长" * 5000)
    form.get_by_role("button", name="反馈", exact=True).click()
    expect(form.get_by_text("文字太长")).to_be_visible()
    expect(form.get_by_label("说明")).to_be_focused()
    form.get_by_label("说明").fill("已清理干净")
    form.locator("[data-uploads]").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    expect(form.locator("[data-sent] img")).to_have_count(1)
    form.get_by_role("button", name="在地图上选点").click()
    page.locator(".folium-map").click(position={"x": 200, "y": 300})
    form.get_by_role("button", name="反馈", exact=True).click()
    expect(panel.locator('[aria-current="step"]')).to_have_text("反馈")
    shown = panel.locator("#task-facts [data-photo] img")
    expect(shown).to_have_count(1)
    page.wait_for_function("image => image.naturalWidth > 0", arg=shown.element_handle())
    panel.locator("#task-facts [data-photo]").click()
    expect(page.get_by_role("dialog").get_by_role("img")).to_be_visible()


def test_a_task_is_merged_into_another_by_its_number(open_page, site):
    first, second = report(site, description="先报的"), report(site, description="后报的")
    page = open_page("dispatcher_a", f"/command/tasks/{second}")
    page.locator("summary", has_text="合并").click()
    page.get_by_label("主任务").press_sequentially(number(page, first))
    page.locator("#panel [data-pick]").first.click()
    page.get_by_role("button", name="合并", exact=True).click()
    expect(page.locator("#panel .badge").first).to_contain_text("合并")
    expect(row(page, second)).to_have_count(0)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_on_a_phone_one_view_at_a_time(open_page, site, language):
    task_id = report(site)
    page = open_page("dispatcher_a", "/command", PHONE, language=language)
    assert_fits(page)
    page.locator('[data-tab="map"]').click()
    expect(markers(page)).to_have_count(1)
    assert_fits(page)
    page.locator('[data-tab="list"]').click()
    row(page, task_id).get_by_role("link").click()
    expect(page.locator("#panel article")).to_be_visible()
    expect(page.locator("#map-pane")).to_be_hidden()
    assert_fits(page)
