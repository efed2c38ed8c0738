"""The phone page with the largest text: nothing is wider than the screen, on no screen, in Chinese and in English."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from playwright.sync_api import expect
from sqlalchemy.dialects.postgresql import Range

from gridapp.db import session
from gridapp.models import Person, Post
from gridapp.timesource import now
from tests.support import phones, tasking
from tests.support.phones import phone
from tests.support.photos import put
from tests.support.pictures import photo, sha256
from tests.support.world import signed_in

TOO_WIDE = """() => [...document.querySelectorAll("body *")].filter((one) => {
  if (!one.checkVisibility() || one.closest(".visually-hidden, .skip, svg, canvas")) return false;
  const { width, left, right } = one.getBoundingClientRect();
  return width > 0 && (right > innerWidth + 0.5 || left < -0.5);
}).map((one) => `${one.tagName}.${one.className} ${one.textContent.trim().slice(0, 30)}`)"""
SCREENS = {
    "report": "#send-report",
    "day": "[data-hand-over]",
    "track": "#readers",
    "tasks": "#tasks [data-task]",
    "tasks/{task}": "#task-head",
    "me": "#sign-out",
    "outbox": "#unsent-items .f-conflict",
}
# A report that lacks something, an action that the desk overtook, a stop that somebody was at before: all were refused.
REFUSED = """async ({ task, other, stop }) => {
  const items = await import("/static/field/core/items.js");
  const { session } = await import("/static/field/session.js");
  const { ask } = await import("/static/field/core/wire.js");
  const person = session.me.id, at = new Date().toISOString(), method = "POST";
  const keep = async (item, problem) => {
    await items.put({ person, method, ...item, state: "refused" });
    const kept = (await items.itemsOf(person)).find(({ id }) => id === item.id);
    await items.mark(kept, { state: "refused", problem });
  };
  const words = "Supercalifragilisticexpialidocious 幸福社区东一组北门垃圾堆放点旁的消防通道".repeat(2);
  const report = crypto.randomUUID(), act = crypto.randomUUID(), tick = crypto.randomUUID();
  await keep({ id: report, kind: "report", about: report, path: `/reports/${report}`, method: "PUT", title: words,
               body: { category: "07001", description: words, reported_at: at } },
             { status: 422, detail: words, errors: { "fields.width": { detail: words } } });
  await keep({ id: act, kind: "action", about: task, path: `/tasks/${task}/actions`, title: words,
               body: { id: act, action: "feedback", at, note: words } },
             { status: 412, code: "changed_meanwhile", detail: words, task: await ask(`/tasks/${other}`) });
  await keep({ id: tick, kind: "stop", about: stop, path: `/stops/${stop}/done`, title: words,
               body: { id: tick, day: at.slice(0, 10), at, note: words } }, { status: 409, detail: words });
}"""


def furnished(site) -> dict[str, str]:
    """A day with everything on it: tasks in hand and sent back, a stop, a hand-over, photos before and after."""
    worker, before, after = signed_in(site.app, site.world.people["worker_a"]), photo(), photo(width=333)
    for content in (before, after):
        put(worker, content)
    task = phones.report(site, photos=[sha256(before)], description="消防通道被电动自行车占用，居民多次反映" * 4)
    other = phones.report(site)
    for one in (task, other):
        phones.assign(site, one)
        phones.act(site, "worker_a", one, "accept")
    fed = {"note": "已清理", "photos": [sha256(after)], "location": site.world.inside("a1")}
    phones.act(site, "worker_a", task, "feedback", **fed)
    with site.app.app_context():
        tasking.act(site.world, "reviewer_a", uuid.UUID(task), "rework", note="仍有车辆停放，" * 10)
        place = site.world.inside("a1")
        tasking.stop(site.world, name="北门配电房" * 6, note="查看水表", **place)
        stop = str(tasking.stop(site.world, **place).id)
        lately = Range(now() - dt.timedelta(days=20), None)
        earlier = Range(now() - dt.timedelta(days=300), lately.lower)
        for name in ("worker_a", "worker_a2"):
            session.get_one(Post, site.world.people[name].post).during = lately
        session.flush()
        person, grid = site.world.people["worker_a2"].id, site.world.areas["a1"].id
        session.add(Post(person_id=person, grid_id=grid, kind="worker", during=earlier))
        session.commit()
    return {"task": task, "other": other, "stop": stop}


# What opens the sheets that lie over the screens, from which screen and by which taps.
SHEETS = (
    ("report", ("#choose-category",)),
    ("report", (".f-map-button",)),
    ("day", ("[data-stop] .f-day-taps button:not(.primary)",)),
    ("outbox", ("[data-state=refused] .f-pair .danger",)),
    ("tasks/{task}", ("button.f-photo",)),
    ("tasks/{task}", ("#more-actions",)),
    ("tasks/{task}", (".f-foot [data-action]",)),
    ("tasks/{other}", (".f-foot [data-action]",)),
)


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_the_largest_text_fits_every_screen(open_page, site, language):
    made = furnished(site)
    page = phone(open_page, site, "worker_a", language=language)
    expect(page.locator("#send-report")).to_be_visible()
    page.evaluate("localStorage.setItem('field-size', 'huge')")
    page.reload()
    phones.choose(page, "07001")
    page.evaluate(REFUSED, made)
    for width in (390, 360):
        page.set_viewport_size({"width": width, "height": 740})
        for screen, shown in SCREENS.items():
            page.goto(f"/field#/{screen.format(**made)}")
            expect(page.locator(shown).first).to_be_visible()
            expect(page.locator("#screen .skeleton")).to_have_count(0)
            assert not (wide := page.evaluate(TOO_WIDE)), f"{width} {screen}: {wide}"
        for screen, taps in SHEETS:
            page.goto(f"/field#/{screen.format(**made)}")
            for tap in taps:
                page.locator(tap).first.click()
            expect(page.locator("dialog[open]")).to_be_visible()
            assert not (wide := page.evaluate(TOO_WIDE)), f"{width} {screen} {taps}: {wide}"
            page.keyboard.press("Escape")


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_the_largest_text_fits_where_nobody_is_signed_in(open_page, site, language):
    page = phone(open_page, site, None, language=language)
    page.evaluate("localStorage.setItem('field-size', 'huge')")
    page.reload()
    for width in (390, 360):
        page.set_viewport_size({"width": width, "height": 740})
        expect(page.locator("#by-code")).to_be_visible()
        assert not (wide := page.evaluate(TOO_WIDE)), f"{width}: {wide}"
        page.locator("#by-code").click()
        expect(page.locator("#code")).to_be_visible()
        assert not (wide := page.evaluate(TOO_WIDE)), f"{width}: {wide}"
        page.keyboard.press("Escape")


LINES = """(button) => {
  const range = document.createRange();
  range.selectNodeContents(button.lastChild);
  return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
}"""


@pytest.mark.parametrize("size", ["usual", "huge"])
def test_the_name_of_whom_to_call_is_not_torn_apart(open_page, site, size):
    with site.app.app_context():
        session.get_one(Person, site.world.people["chief_a"].id).name = "欧阳建国"
        session.get_one(Person, site.world.people["chief_a"].id).phone = "13812345678"
        session.commit()
    task = phones.report(site)
    phones.assign(site, task)
    phones.act(site, "worker_a", task, "accept")
    page = phone(open_page, site, "worker_a")
    page.evaluate("(size) => localStorage.setItem('field-size', size)", size)
    page.goto("/field#/day")
    page.reload()
    call = page.locator("[data-tap=call]").first
    expect(call).to_have_text("呼叫欧阳建国")
    assert call.evaluate(LINES) == 1
    assert page.evaluate(TOO_WIDE) == []


def test_what_is_chosen_stands_out_in_the_dark_too(open_page, site):
    page = phone(open_page, site, "worker_a", "/field#/me")
    page.locator("input[name=look][value=dark]").check(force=True)
    light = """(chip) => {
      const [r, g, b] = getComputedStyle(chip).backgroundColor.match(/[\\d.]+/g).map((n) => {
        const part = n / 255;
        return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    }"""
    expect(page.locator("html")).to_have_attribute("data-look", "dark")
    chosen, other = (page.locator(f"input[value={one}] + .f-chip").evaluate(light) for one in ("dark", "sun"))
    assert (max(chosen, other) + 0.05) / (min(chosen, other) + 0.05) >= 3
