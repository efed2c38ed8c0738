"""The admin desk's pages: forms that keep what was typed, lists that stay in scope, an auditor who only reads."""

from __future__ import annotations

import re
import uuid

import pytest
from sqlalchemy import select

from gridapp.db import session
from gridapp.models import AuditEntry, Person, Token

PAGE = {"Accept": "text/html"}
PART = {**PAGE, "HX-Request": "true"}
LISTS = ("persons", "posts", "units", "devices", "audit")


@pytest.fixture
def desk(sign_in):
    return sign_in("admin_a", browser=True)


def fields(world, **given):
    return {
        "username": "newcomer",
        "name": "新人",
        "role": "worker",
        "scope": world.areas["a2"].code,
        "phone": "",
        "titles": "",
        "unit": "",
        "language": "zh_CN",
        **given,
    }


def stored(app, query):
    with app.app_context():
        return session.scalars(query).all()


def added(desk, world, **given):
    answer = desk.post("/admin/persons/new", data=fields(world, **given), headers=PAGE)
    assert answer.status_code == 200, answer.text
    (person_id,) = re.findall(r'href="/admin/persons/([0-9a-f-]{36})"', answer.text)
    return uuid.UUID(person_id)


@pytest.mark.parametrize("room", LISTS)
def test_a_list_is_a_page_and_for_htmx_the_list_alone(desk, room):
    page, part = desk.get(f"/admin/{room}", headers=PAGE), desk.get(f"/admin/{room}", headers=PART)
    assert (page.status_code, part.status_code) == (200, 200)
    assert "<html" in page.text
    assert "<html" not in part.text
    assert part.text.strip()


@pytest.mark.parametrize("room", LISTS)
@pytest.mark.parametrize(
    "query", ["page=0", "page=99999999999999999999", "page=x", "q=%00%27%25", "_external=1&page=2"]
)
def test_odd_questions_get_a_list(desk, room, query):
    assert desk.get(f"/admin/{room}?{query}&_scheme=x&_anchor=y&role=king&when=never&kind=odd").status_code == 200


@pytest.mark.parametrize("who", ["worker_a", "chief_a", "dispatcher_a", "reviewer_a", "handler_a", "planner_a"])
def test_the_desk_is_for_admins_and_auditors(sign_in, world, who):
    client = sign_in(who, browser=True)
    for room in LISTS:
        assert client.get(f"/admin/{room}", headers=PAGE).status_code == 403
    assert client.post("/admin/persons/new", data=fields(world), headers=PAGE).status_code == 403


def test_an_auditor_reads_and_changes_nothing(sign_in, world):
    auditor = sign_in("auditor_a", browser=True)
    worker = world.people["worker_a"]
    page = auditor.get(f"/admin/persons/{worker.id}", headers=PAGE)
    assert page.status_code == 200
    assert 'name="version"' not in page.text
    for path, data in writes(world, "a"):
        assert auditor.post(path, data=data, headers=PAGE).status_code == 403, path


def writes(world, side):
    worker, unit = world.people[f"worker_{side}"], world.units[side]
    return [
        (f"/admin/persons/{worker.id}", {**fields(world), "version": "1"}),
        (f"/admin/persons/{worker.id}/retire", {"version": "1"}),
        (f"/admin/persons/{worker.id}/password", {}),
        (f"/admin/persons/{worker.id}/phone", {"reason": "because"}),
        (f"/admin/posts/{worker.post}/end", {"version": "1", "ends": "2199-01-01"}),
        (f"/admin/units/{unit}", {"version": "1", "code": "x1", "name": "x", "level": "community", "area": "x"}),
        (f"/admin/units/{unit}/retire", {"version": "1"}),
    ]


def test_another_community_is_not_there(app, desk, sign_in, world):
    sign_in("worker_b")
    (token,) = stored(app, select(Token.id).where(Token.person_id == world.people["worker_b"].id))
    reads = [f"/admin/persons/{world.people['worker_b'].id}", f"/admin/posts/{world.people['worker_b'].post}"]
    for path in [*reads, f"/admin/units/{world.units['b']}"]:
        assert desk.get(path, headers=PAGE).status_code == 404, path
    for path, data in [*writes(world, "b"), (f"/admin/devices/{token}/revoke", {})]:
        assert desk.post(path, data=data, headers=PAGE).status_code == 404, path
    for room in LISTS:
        text = desk.get(f"/admin/{room}?q=", headers=PART).text
        assert not any(word in text for word in ("worker_b", "Worker B", "西一组", "西社区"))
    for pick in ("areas", "units", "persons"):
        assert "没有找到" in desk.get(f"/admin/picks/{pick}?q=西", headers=PART).text


def test_a_new_person_gets_a_password_shown_once(desk, world, client):
    answer = desk.post("/admin/persons/new", data=fields(world, titles="居民小组长\n\n支部书记"), headers=PAGE)
    (password,) = re.findall(r"data-secret>([^<]+)<", answer.text)
    signed = client.post("/sign-in", data={"username": "newcomer", "password": password}, headers=PAGE)
    assert signed.status_code == 303
    listed = desk.get("/admin/persons?q=newcomer", headers=PART).text
    assert "居民小组长、支部书记" in listed
    assert password not in listed


def test_a_wrong_form_comes_back_with_what_was_typed(desk, world):
    answer = desk.post("/admin/persons/new", data=fields(world, name="留下", phone="x", scope="nowhere"), headers=PAGE)
    assert answer.status_code == 422
    assert 'value="留下"' in answer.text
    assert 'id="w-phone"' in answer.text
    assert "须为 5-15 位数字" in answer.text
    scope = desk.post("/admin/persons/new", data=fields(world, scope="nowhere"), headers=PAGE)
    assert scope.status_code == 422
    assert 'id="w-scope"' in scope.text


def test_constraints_of_the_database_come_back_in_the_form(desk, world):
    taken = desk.post("/admin/persons/new", data=fields(world, username="worker_b"), headers=PAGE)
    assert (taken.status_code, 'data-problem="username_taken"' in taken.text) == (409, True)
    added(desk, world)
    given = {"person": "newcomer", "grid": world.areas["a2"].code, "begins": "2026-01-01"}
    refused = desk.post("/admin/posts/new", data=given, headers=PAGE)
    assert (refused.status_code, 'data-problem="grid_has_worker"' in refused.text) == (409, True)
    assert 'value="newcomer"' in refused.text
    deputy = desk.post("/admin/posts/new", data={**given, "deputy": "1"}, headers=PAGE)
    assert deputy.status_code == 303


@pytest.mark.parametrize("missing", ["person", "grid", "begins"])
def test_a_post_with_a_blank_field_is_told(desk, world, missing):
    given = {"person": "worker_a", "grid": world.areas["a1"].code, "begins": "2026-01-01", missing: " "}
    answer = desk.post("/admin/posts/new", data=given, headers=PAGE)
    assert answer.status_code == 422
    assert f'id="w-{missing}"' in answer.text


def test_two_who_edit_the_same_person(desk, sign_in, world):
    person_id = added(desk, world)
    path, first = f"/admin/persons/{person_id}", fields(world, name="第一个", version="1")
    assert desk.post(path, data=first, headers=PAGE).status_code == 303
    other = sign_in("admin_district", browser=True)
    late = other.post(path, data=fields(world, name="第二个", version="1"), headers=PAGE)
    assert late.status_code == 412
    assert "Admin A 已先行处理" in late.text
    assert 'value="第一个"' in late.text
    assert 'name="version" value="2"' in late.text
    assert other.post(path, data=fields(world), headers=PAGE).status_code == 428


def test_a_number_is_masked_until_somebody_says_why(desk, sign_in, world):
    person_id = added(desk, world, phone="13800138000")
    pages = [
        desk.get(path, headers=PAGE).text for path in ("/admin/persons", f"/admin/persons/{person_id}", "/admin/audit")
    ]
    assert all("13800138000" not in page for page in pages)
    assert "138****8000" in pages[0]
    assert desk.post(f"/admin/persons/{person_id}/phone", data={"reason": " "}, headers=PART).status_code == 422
    shown = desk.post(f"/admin/persons/{person_id}/phone", data={"reason": "联系本人"}, headers=PART)
    assert "13800138000" in shown.text
    assert "联系本人" in desk.get("/admin/audit", headers=PART).text
    for who, status in (("chief_a", 200), ("auditor_a", 403), ("worker_a", 403), ("dispatcher_b", 404)):
        peek = sign_in(who, browser=True).post(
            f"/admin/persons/{person_id}/phone", data={"reason": "联系本人"}, headers=PART
        )
        assert peek.status_code == status, who


def test_the_record_of_a_look_is_kept(live_app, live_sign_in, world):
    desk = live_sign_in("admin_a", browser=True)
    person_id = added(desk, world, phone="13800138000")
    desk.post(f"/admin/persons/{person_id}/phone", data={"reason": "联系本人"}, headers=PART)
    noted = stored(live_app, select(AuditEntry.subject_id).where(AuditEntry.action == "reveal"))
    assert noted == [str(person_id)]


def test_a_revoked_device_is_signed_out(app, desk, sign_in, world):
    phone = sign_in("worker_a")
    (token,) = stored(app, select(Token.id).where(Token.person_id == world.people["worker_a"].id))
    assert "Worker A" in desk.get("/admin/devices", headers=PART).text
    assert desk.post(f"/admin/devices/{token}/revoke", headers=PAGE).status_code == 303
    assert phone.get("/api/v1/me").status_code == 401
    assert desk.post(f"/admin/devices/{token}/revoke", headers=PAGE).status_code == 303


def test_a_device_is_named_at_the_desk_and_found_by_its_name(app, desk, sign_in, world):
    sign_in("worker_a")
    (token,) = stored(app, select(Token.id).where(Token.person_id == world.people["worker_a"].id))
    blank = desk.post(f"/admin/devices/{token}", data={"device": " "}, headers=PAGE)
    assert (blank.status_code, 'id="w-device"' in blank.text) == (422, True)
    assert desk.post(f"/admin/devices/{token}", data={"device": "红色手机"}, headers=PAGE).status_code == 303
    assert "红色手机" in desk.get(f"/admin/devices/{token}", headers=PAGE).text
    assert "Worker A" in desk.get("/admin/devices?q=红色", headers=PART).text
    assert "红色手机" in desk.get("/admin/audit?kind=token", headers=PART).text


def test_a_post_is_changed_at_the_desk(desk, world):
    post = world.people["worker_a2"].post
    address = f"/admin/posts/{post}/edit"
    form = desk.get(address, headers=PAGE).text
    [begins] = re.findall(r'name="begins"[^>]* value="([\d-]+)"', form)
    past = desk.post(address, data={"version": "1", "begins": begins, "ends": "2020-01-01"}, headers=PAGE)
    assert (past.status_code, 'id="w-ends"' in past.text) == (422, True)
    saved = desk.post(address, data={"version": "1", "begins": begins, "ends": "2199-01-01"}, headers=PAGE)
    assert saved.status_code == 303
    assert "2199-01-01" in desk.get(f"/admin/posts/{post}", headers=PAGE).text


def test_why_the_deputy_of_a_leave_is_not_changed_is_told_in_its_form(desk, world):
    post = world.people["worker_a2"].post
    days = {"begins": "2199-01-01T08:00", "ends": "2199-01-02T08:00", "deputy": "worker_a"}
    assert desk.post(f"/admin/posts/{post}/leaves", data=days, headers=PAGE).status_code == 303
    listed = desk.get("/admin/posts?when=coming", headers=PART).text
    [covering] = set(re.findall(r"/admin/posts/([0-9a-f-]{36})", listed))
    form = {"version": "1", "begins": "2199-01-01", "deputy": "1"}
    refused = desk.post(f"/admin/posts/{covering}/edit", data=form, headers=PAGE)
    assert refused.status_code == 422
    assert "请结束休假" in refused.text


def test_a_post_is_given_and_ended_at_the_desk(desk, world):
    post = world.people["worker_a2"].post
    assert 'name="version" value="1"' in desk.get(f"/admin/posts/{post}", headers=PAGE).text
    past = desk.post(f"/admin/posts/{post}/end", data={"version": "1", "ends": "2020-01-01"}, headers=PAGE)
    assert (past.status_code, 'id="w-ends"' in past.text) == (422, True)
    ended = desk.post(f"/admin/posts/{post}/end", data={"version": "1", "ends": "2199-01-01"}, headers=PAGE)
    assert ended.status_code == 303
    assert "2199-01-01" in desk.get("/admin/posts?q=worker_a2", headers=PART).text


def test_a_person_retires_at_the_desk(app, desk, world):
    worker = world.people["worker_a2"]
    assert desk.post(f"/admin/persons/{worker.id}/retire", data={"version": "1"}, headers=PAGE).status_code == 303
    assert stored(app, select(Person.retired_at).where(Person.id == worker.id)) != [None]
    assert "worker_a2" not in desk.get("/admin/persons", headers=PART).text
    assert "worker_a2" in desk.get("/admin/persons?state=retired", headers=PART).text


def test_units_are_kept_at_the_desk(desk, world):
    new = {"code": "lz", "name": "综治办", "name_en": "", "level": "community", "area": world.areas["a"].code}
    made = desk.post("/admin/units/new", data=new, headers=PAGE)
    assert made.status_code == 303
    path = made.location.split("?")[0]
    assert desk.post(path, data={**new, "name": "新名", "version": "1"}, headers=PAGE).status_code == 303
    assert desk.post(path, data={**new, "name": "旧名", "version": "1"}, headers=PAGE).status_code == 412
    assert "新名" in desk.get("/admin/units?q=新名", headers=PART).text
    assert desk.post(f"{path}/retire", data={"version": "2"}, headers=PAGE).status_code == 303
    assert "新名" not in desk.get("/admin/units", headers=PART).text
    wrong = desk.post("/admin/units/new", data={**new, "area": world.areas["b"].code}, headers=PAGE)
    assert (wrong.status_code, 'id="w-area"' in wrong.text) == (422, True)


def test_pickers_offer_what_is_in_scope(desk):
    areas = desk.get("/admin/picks/areas?field=grid&grid=东&level=group", headers=PART).text
    assert re.findall(r'data-words="([^"]+)"', areas) == ["东一组", "东二组"]
    units = desk.get("/admin/picks/units?field=unit&unit=综合", headers=PART).text
    assert re.findall(r'data-pick="([^"]+)"', units) == ["unit_a"]
    persons = desk.get("/admin/picks/persons?field=person&person=worker", headers=PART).text
    assert re.findall(r'data-pick="([^"]+)"', persons) == ["worker_a", "worker_a2"]


def test_names_typed_by_people_are_text_and_nothing_else(desk, world):
    person_id = added(desk, world, name="<script>alert(1)</script>", titles='"><img src=x>')
    for path in ("/admin/persons", f"/admin/persons/{person_id}", "/admin/picks/persons?q=script"):
        text = desk.get(path, headers=PART).text
        assert "<script>alert" not in text
        assert "<img" not in text
