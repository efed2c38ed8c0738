"""The catalogue at the admin desk: shown and searched, set here as new editions, undone, retired, by nobody else."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridapp.db import session
from gridapp.models import Category, Task
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.catalogue import BILLS, FIRE_LANE, LITTER, STALL
from tests.support.catalogue_desk import PAGE, in_force, limit_of, read, save
from tests.support.world import World

ROOMS = ("catalogue", f"catalogue/category?code={LITTER}", "catalogue/editions")
WRITES = ("catalogue/category", "catalogue/category/retire", "catalogue/category/restore", "catalogue/editions/again")


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("room", ROOMS)
def test_each_page_opens_in_both_languages(desk: FlaskClient, room: str, language: str) -> None:
    desk.set_cookie("lang", language)
    page = desk.get(f"/admin/{room}", headers=PAGE)
    assert page.status_code == 200
    assert ("Catalogue" in page.text) is (language == "en")
    ids = re.findall(r' id="([^"]+)"', page.text)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("who", ["worker_a", "chief_a", "dispatcher_a", "reviewer_a", "handler_a", "planner_a"])
def test_it_is_for_admins_and_auditors(sign_in: SignIn, who: str) -> None:
    client = sign_in(who, browser=True)
    for room in ROOMS:
        refused: Any = client.get(f"/admin/{room}", headers={"Accept": "application/json"})
        assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    for room in WRITES:
        assert client.post(f"/admin/{room}", data={"category": LITTER, "seen": "test-1"}).status_code == 403


@pytest.mark.parametrize(("who", "code"), [("auditor_district", "forbidden"), ("admin_a", "not_whole_house")])
def test_who_reads_it_without_the_whole_house_changes_nothing(
    sign_in: SignIn, world: World, who: str, code: str
) -> None:
    client = sign_in(who, browser=True)
    page = client.get(f"/admin/catalogue/category?code={BILLS}", headers=PAGE)
    assert page.status_code == 200
    assert 'action="/admin/catalogue' not in page.text
    for room in WRITES:
        refused = client.post(f"/admin/{room}", data={"category": BILLS, "seen": world.edition, "edition": "x"})
        assert refused.status_code == 403
        assert code in refused.text
    assert in_force().version == world.edition


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", {LITTER, BILLS, STALL, FIRE_LANE}),
        ("q=垃圾", {LITTER}),
        ("q=bllj", {LITTER}),
        ("q=stree", set()),
        ("q=PAVEment", {STALL}),
        ("q=070", {FIRE_LANE}),
        ("major=06", {LITTER, BILLS, STALL}),
        ("class=joint", {FIRE_LANE}),
        ("class=committed", {LITTER}),
        ("state=own", set()),
        ("state=retired", set()),
        ("q=%00%25&page=9", set()),
    ],
)
def test_categories_are_found_by_words_initials_code_and_class(desk: FlaskClient, asked: str, found: set[str]) -> None:
    page = desk.get(f"/admin/catalogue?{asked}", headers=PAGE)
    assert page.status_code == 200
    assert set(re.findall(r'class="mono">(\d{5})<', page.text)) == found


def test_what_is_saved_is_a_new_edition_that_phones_get(live_app: Flask, world: World, live_sign_in: SignIn) -> None:
    desk, phone = live_sign_in("admin_district", browser=True), live_sign_in("worker_a")
    first = phone.get("/api/v1/catalogue")
    cursor = read(phone, "changes")["cursor"]
    saved = save(desk, BILLS, sample_share="0.3", similar_radius_m="25", similar_hours="12.5", accuracy_m="２０")
    assert saved.status_code == 303
    assert "已发布" in desk.get(saved.headers["Location"], headers=PAGE).text
    version = f"{world.edition}_1"
    with live_app.app_context():
        assert (in_force().version, in_force().published_by) == (version, world.people["admin_district"].id)
        bills = session.get_one(Category, (version, BILLS))
        told = (bills.sample_share, bills.similar_radius_m, bills.similar_hours, bills.accuracy_m)
        assert told == (0.3, 25.0, 12.5, 20.0)
    again: Any = phone.get("/api/v1/catalogue", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.json["version"]) == (200, version)
    [category] = [one for one in again.json["categories"][0]["children"] if one["code"] == BILLS]
    assert (category["similar"], category["accuracy_m"]) == ({"metres": 25.0, "hours": 12.5}, 20.0)
    heard = read(phone, "changes", since=cursor)["changes"]
    assert version in {change["id"] for change in heard if change["kind"] == "catalogue"}


def test_nothing_changed_is_no_edition(desk: FlaskClient, world: World) -> None:
    assert save(desk, LITTER).status_code == 303
    assert in_force().version == world.edition


def test_back_to_what_the_program_says_is_no_setting_any_more(desk: FlaskClient, world: World) -> None:
    save(desk, BILLS, sample_share="0.3")
    assert "程序默认：0。" in desk.get(f"/admin/catalogue/category?code={BILLS}", headers=PAGE).text
    assert BILLS in desk.get("/admin/catalogue?state=own", headers=PAGE).text
    save(desk, BILLS, sample_share="0")
    edition = in_force()
    assert (edition.version, edition.settings) == (f"{world.edition}_2", {})


def test_tasks_that_run_keep_their_limits_and_new_ones_have_the_new(
    app: Flask, desk: FlaskClient, world: World
) -> None:
    running = tasking.file(world, category=LITTER)
    tasking.act(world, "dispatcher_a", running, "assign")
    due = session.get_one(Task, running).due_at
    waiting = tasking.file(world, category=LITTER)
    new = {f"{LITTER}-1.handle.amount": "9", f"{LITTER}-1.handle.unit": "urgent_day"}
    assert save(desk, LITTER, **new).status_code == 303
    assert limit_of(in_force().version, f"{LITTER}-1") == (9, "urgent_day")
    assert session.get_one(Task, running).due_at == due
    tasking.act(world, "dispatcher_a", waiting, "assign")
    after = tasking.file(world, category=LITTER)
    tasking.act(world, "dispatcher_a", after, "assign")
    kept = {task: (session.get_one(Task, task).clock or {})["handle"] for task in (running, waiting, after)}
    old = [4, "working_hour"]
    assert kept == {running: old, waiting: old, after: [9, "urgent_day"]}, "a task has the limits that it was filed by"


def test_a_retired_category_is_not_offered_and_taken_from_a_phone_that_was_away(
    desk: FlaskClient, world: World, sign_in: SignIn
) -> None:
    phone = sign_in("worker_a")
    retired = desk.post(
        "/admin/catalogue/category/retire", data={"category": LITTER, "seen": world.edition}, headers=PAGE
    )
    assert retired.status_code == 303
    offered = read(phone, "catalogue")["categories"]
    assert LITTER not in {one["code"] for major in offered for one in major["children"]}
    body = tasking.report_body(world, category=LITTER, photos=[])
    new: Any = phone.put(f"/api/v1/reports/{uuid.uuid4()}", json={**body, "catalogue_version": in_force().version})
    assert (new.status_code, list(new.json["errors"])) == (422, ["category"])
    away = phone.put(f"/api/v1/reports/{uuid.uuid4()}", json={**body, "catalogue_version": world.edition})
    assert away.status_code == 201
    assert LITTER in desk.get("/admin/catalogue?state=retired", headers=PAGE).text
    assert LITTER not in set(re.findall(r'mono">(\d{5})<', desk.get("/admin/catalogue", headers=PAGE).text))
    seen = in_force().version
    desk.post("/admin/catalogue/category/restore", data={"category": LITTER, "seen": seen}, headers=PAGE)
    assert session.get(Category, (in_force().version, LITTER)) is not None


def test_what_was_reported_of_a_retired_category_is_still_worked_on(
    desk: FlaskClient, world: World, sign_in: SignIn
) -> None:
    task_id, near = tasking.file(world, category=LITTER), tasking.file(world, "chief_a", category=LITTER)
    desk.post("/admin/catalogue/category/retire", data={"category": LITTER, "seen": world.edition}, headers=PAGE)
    dispatcher = sign_in("dispatcher_a", browser=True)
    panel = dispatcher.get(f"/command/tasks/{task_id}", headers=PAGE)
    assert panel.status_code == 200
    assert f'data-merge-into="{session.get_one(Task, near).number}"' in panel.text
    found = read(sign_in("worker_a"), "reports/similar", category=LITTER, **world.inside("a1"))
    assert {one["id"] for one in found["items"]} == {str(task_id), str(near)}
    tasking.act(world, "dispatcher_a", task_id, "merge", master=str(near))
    for who, action in (("dispatcher_a", "assign"), ("worker_a", "accept"), ("worker_a", "feedback")):
        tasking.act(world, who, near, action)
    tasking.act(world, "reviewer_a", near, "rework")
    assert session.get_one(Task, near).stage == "handle"


def test_the_last_category_is_not_retired(desk: FlaskClient) -> None:
    last = None
    for code in (LITTER, BILLS, STALL, FIRE_LANE):
        form = {"category": code, "seen": in_force().version}
        last = desk.post("/admin/catalogue/category/retire", data=form, headers=PAGE)
    assert last is not None
    assert last.status_code == 409
    assert "最后一个可上报的类别" in last.text


@pytest.mark.parametrize(
    ("code", "given", "field"),
    [
        (BILLS, {"sample_share": "1.5"}, "sample_share"),
        (BILLS, {"sample_share": "-0.1"}, "sample_share"),
        (BILLS, {"sample_share": "三成"}, "sample_share"),
        (BILLS, {"sample_share": "nan"}, "sample_share"),
        (BILLS, {"sample_share": ""}, "sample_share"),
        (LITTER, {"sample_share": "0.2"}, "sample_share"),
        (LITTER, {"sample_share": "much"}, "sample_share"),
        (LITTER, {"similar_radius_m": "-1"}, "similar_radius_m"),
        (LITTER, {"similar_radius_m": "0"}, "similar_radius_m"),
        (LITTER, {"similar_radius_m": "5001"}, "similar_radius_m"),
        (LITTER, {"similar_hours": "inf"}, "similar_hours"),
        (LITTER, {"similar_hours": "1e999"}, "similar_hours"),
        (LITTER, {"accuracy_m": "ten"}, "accuracy_m"),
        (LITTER, {f"{LITTER}-1.answer.amount": "0"}, f"{LITTER}-1.answer.amount"),
        (LITTER, {f"{LITTER}-1.answer.amount": "1.5"}, f"{LITTER}-1.answer.amount"),
        (LITTER, {f"{LITTER}-2.handle.amount": "10000"}, f"{LITTER}-2.handle.amount"),
        (LITTER, {f"{LITTER}-2.handle.amount": "4x"}, f"{LITTER}-2.handle.amount"),
        (LITTER, {f"{LITTER}-2.handle.unit": "fortnight"}, f"{LITTER}-2.handle.unit"),
    ],
)
def test_bad_input_is_told_beside_its_field(
    desk: FlaskClient, world: World, code: str, given: dict[str, str], field: str
) -> None:
    refused = save(desk, code, **given)
    assert refused.status_code == 422
    assert f'id="w-{field}"' in refused.text
    assert ("不能自行处置" in refused.text) is (field == "sample_share" and code == LITTER)
    [typed] = given.values()
    assert f'value="{typed}"' in refused.text or field.endswith("unit")
    assert in_force().version == world.edition


def test_every_wrong_field_is_named_at_once(desk: FlaskClient) -> None:
    refused = save(desk, BILLS, sample_share="2", **{f"{BILLS}-1.handle.amount": "x"})
    told = re.search(r'data-problem="invalid">.*?<p>(.*?)</p>', refused.text, re.DOTALL)
    assert told
    assert "抽查比例" in told[1]
    assert f"{BILLS}-1 处置时限" in told[1]


@pytest.mark.parametrize(
    "asked", ["category?code=99999", "category?code=06", "category", "category?code=06001&edition=x"]
)
def test_what_is_not_there_is_not_found(desk: FlaskClient, asked: str) -> None:
    assert desk.get(f"/admin/catalogue/{asked}", headers=PAGE).status_code == 404


def test_automatic_assignment_is_switched_where_the_category_is(desk: FlaskClient) -> None:
    form = {"category": LITTER, "back": "category", "on": "1"}
    switched = desk.post("/admin/rules/straight", data=form, headers=PAGE)
    assert switched.headers["Location"].startswith("/admin/catalogue/category")
    assert LITTER in desk.get("/admin/catalogue?state=straight", headers=PAGE).text
    assert "自动" in desk.get(f"/admin/catalogue/category?code={LITTER}", headers=PAGE).text


def test_a_share_set_here_holds_for_a_phone_that_knows_the_edition_before(
    desk: FlaskClient, world: World, sign_in: SignIn
) -> None:
    save(desk, BILLS, sample_share="1")
    settled = {"note": "已清理", "photos": ["cd" * 32], "handled_at": tasking.report_body(world)["reported_at"]}
    body = tasking.report_body(world, category=BILLS, photos=[tasking.PHOTO], self_handled=settled)
    filed: Any = sign_in("worker_a").put(
        f"/api/v1/reports/{uuid.uuid4()}", json={**body, "catalogue_version": world.edition}
    )
    assert (filed.status_code, filed.json["stage"]) == (201, "feedback"), filed.json
