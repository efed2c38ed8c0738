"""Work-item admission: a unit applies, the admin decides, the decision holds for its area and its dates."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import Admission, AdmissionApplication, AuditEntry, Notice, Task
from gridapp.services import admission
from gridapp.services.admission import Application, Decision, Ruled, ruling_for
from gridapp.services.drafts import parse
from gridapp.services.routing import rules
from gridapp.services.tasking import tasks
from gridapp.timesource import now
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.world import World

FREE, CLOSED = "06001", "07001"
"""Admitted by the catalogue, and not."""
PAGE = {"Accept": "text/html"}


@pytest.fixture(autouse=True)
def inside(app: Flask) -> Any:
    with app.app_context():
        yield


def day(later: int = 0) -> str:
    china = dt.timezone(dt.timedelta(hours=8))
    return (now().astimezone(china).date() + dt.timedelta(days=later)).isoformat()


def ruled(world: World, verdict: str, who: str = "admin_a", item: str = CLOSED, **given: Any) -> Admission:
    plain = {"item": item, "area": world.areas["a"].code, "begins": day(), "words": "会议纪要第 3 号"}
    return admission.rule_item(tasking.principal(world, who), parse(Ruled, {**plain, "verdict": verdict, **given}))


def applied(world: World, who: str = "handler_a", item: str = CLOSED) -> AdmissionApplication:
    return admission.apply(
        tasking.principal(world, who), parse(Application, {"item": item, "words": "网格员可以先行劝导"})
    )


def fire_lane(world: World) -> uuid.UUID:
    return tasking.file(world, category=CLOSED, fields={"width": 3})


def can_be_given(world: World, task_id: uuid.UUID) -> bool:
    offered = tasks.get(tasking.principal(world, "dispatcher_a"), task_id)["actions"]
    [choices] = [
        f["choices"] for a in offered if a["action"] == "assign" for f in a["fields"] if f["name"] == "assignee"
    ]
    return str(world.people["worker_a"].post) in {choice.get("post") for choice in choices}


def refused(world: World, task_id: uuid.UUID) -> Problem:
    with pytest.raises(Problem) as caught, session.begin_nested():
        tasking.act(world, "dispatcher_a", task_id, "assign")
    return caught.value


def test_what_is_applied_for_and_admitted_can_be_given_to_workers(world: World) -> None:
    task_id = fire_lane(world)
    assert not can_be_given(world, task_id)
    assert "消防通道堵塞" in refused(world, task_id).errors["assignee"].zh
    application = applied(world)
    answer = parse(Decision, {"verdict": "admit", "begins": day(), "words": "同意"})
    admission.decide(tasking.principal(world, "admin_a"), application.id, application.version, answer)
    assert can_be_given(world, task_id)
    assert tasking.act(world, "dispatcher_a", task_id, "assign")["stage"] == "assign"
    decision = session.scalars(select(Admission)).one()
    assert (decision.application_id, decision.decided_by) == (application.id, world.people["admin_a"].id)


def test_who_applies_and_who_decides_are_told(world: World) -> None:
    application = applied(world)
    answer = parse(Decision, {"verdict": "refuse", "words": "应由消防处置"})
    admission.decide(tasking.principal(world, "admin_a"), application.id, application.version, answer)
    told = session.execute(select(Notice.kind, Notice.person_id)).all()
    assert ("admission_applied", world.people["admin_a"].id) in told
    assert ("admission_refused", world.people["handler_a"].id) in told
    deeds = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_kind == "admission")).all()
    assert deeds == ["apply_admission", "refuse_admission"]


def test_what_is_revoked_cannot_be_given_and_the_refusal_says_since_when(world: World) -> None:
    task_id = tasking.file(world)
    assert can_be_given(world, task_id)
    ruled(world, "revoke", item=FREE)
    assert not can_be_given(world, task_id)
    problem = refused(world, task_id)
    assert problem.errors["assignee"].code == "not_admitted"
    assert day() in problem.errors["assignee"].zh
    assert day() in problem.errors["assignee"].en
    unit = {"unit": str(world.units["a"])}
    assert tasking.act(world, "dispatcher_a", task_id, "assign", assignee=unit)["stage"] == "assign"


def test_a_decision_holds_from_its_day_to_its_last(world: World) -> None:
    task = session.get_one(Task, fire_lane(world))
    ruled(world, "admit", begins=day(2), until=day(4))
    at = [now() + dt.timedelta(days=days) for days in (0, 2.999, 3, 6)]
    assert [ruling_for(task, moment).admitted for moment in at] == [False, True, True, False]


def test_a_decision_holds_for_its_area_and_the_deeper_goes_before(world: World) -> None:
    here, there = session.get_one(Task, fire_lane(world)), session.get_one(Task, other_side(world))
    ruled(world, "admit", "admin_district", area=world.areas["district"].code)
    assert ruling_for(here).admitted
    assert ruling_for(there).admitted
    ruled(world, "revoke")
    assert not ruling_for(here).admitted
    assert ruling_for(there).admitted


def other_side(world: World) -> uuid.UUID:
    return tasking.file(world, "worker_b", category=CLOSED, fields={"width": 3}, location=world.inside("b1"))


def test_rules_give_a_worker_only_what_is_admitted(world: World) -> None:
    task = session.get_one(Task, tasking.file(world))
    session.execute(
        text("insert into category_routing (category_code, to_worker) values (:code, true)"), {"code": FREE}
    )
    found = rules.route_of(task, now())
    assert found is not None
    ruled(world, "revoke", item=FREE)
    assert rules.route_of(task, now()) is None


def test_a_unit_applies_once_at_a_time_and_may_take_it_back(world: World) -> None:
    application = applied(world)
    session.commit()
    with pytest.raises(Problem) as caught:
        applied(world)
    assert caught.value.code == "applied_already"
    handler = tasking.principal(world, "handler_a")
    admission.withdraw(handler, application.id, application.version)
    with pytest.raises(Problem) as caught:
        admission.withdraw(handler, application.id, application.version)
    assert caught.value.code == "application_closed"
    assert applied(world).state == "open"


def test_nobody_decides_outside_the_own_area(world: World) -> None:
    application = applied(world)
    answer = parse(Decision, {"verdict": "admit", "begins": day(), "words": "同意"})
    with pytest.raises(Problem) as caught:
        admission.decide(tasking.principal(world, "admin_b"), application.id, application.version, answer)
    assert caught.value.status == 404
    with pytest.raises(Problem) as caught:
        ruled(world, "admit", "admin_b")
    assert "area" in caught.value.errors


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"begins": "2020-01-01"}, "begins"),
        ({"until": "2001-01-01"}, "until"),
        ({"item": "99999"}, "category"),
        ({"words": "x"}, "words"),
        ({"verdict": "maybe"}, "verdict"),
        ({"area": "nowhere"}, "area"),
    ],
)
def test_what_is_wrong_is_named(world: World, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Problem) as caught:
        ruled(world, **{"verdict": "admit", **given})
    assert field in caught.value.errors
    assert session.scalars(select(Admission)).all() == []


def test_a_decision_is_never_rewritten(world: World) -> None:
    ruled(world, "admit")
    with pytest.raises(Exception, match="never changed or deleted"), session.begin_nested():
        session.execute(text("update admission set admitted = false"))


def version_of(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


def item_page(client: FlaskClient, code: str = CLOSED) -> str:
    answer = client.get("/admission/item", query_string={"code": code}, headers=PAGE)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_pages_lead_from_the_application_to_the_revocation(world: World, sign_in: SignIn) -> None:
    handler, admin = sign_in("handler_a", browser=True), sign_in("admin_a", browser=True)
    assert "消防通道堵塞" in handler.get("/admission?q=消防", headers=PAGE).text
    assert "申请准入" in item_page(handler)
    sent = handler.post("/admission/apply", data={"item": CLOSED, "words": "可以先行劝导"}, headers=PAGE)
    assert sent.status_code == 303
    assert "消防通道堵塞" in admin.get("/admission?state=applied", headers=PAGE).text
    page = item_page(admin)
    [application] = re.findall(r"/admission/applications/([0-9a-f-]{36})/decide", page)
    path = f"/admission/applications/{application}/decide"
    fields = {"version": version_of(page), "item": CLOSED, "application": application, "verdict": "admit"}
    wrong = admin.post(path, data={**fields, "begins": "2020-01-01", "words": "同意准入"}, headers=PAGE)
    assert wrong.status_code == 422
    assert "同意准入" in wrong.text
    assert "请选择今天或之后的日期" in wrong.text
    done = admin.post(path, data={**fields, "begins": day(), "words": "同意准入"}, headers=PAGE)
    assert done.status_code == 303
    assert "同意准入" in item_page(handler)
    assert "消防通道堵塞" in admin.get("/admission?state=admitted", headers=PAGE).text
    given = {"item": CLOSED, "area": world.areas["a"].code, "begins": day(), "verdict": "revoke", "words": "另有规定"}
    assert admin.post("/admission/rule", data=given, headers=PAGE).status_code == 303
    assert "消防通道堵塞" in admin.get("/admission?state=not_admitted", headers=PAGE).text
    assert "另有规定" in item_page(handler)


@pytest.mark.parametrize(("who", "status"), [("handler_a", 403), ("dispatcher_a", 403), ("auditor_a", 403)])
def test_only_the_administrator_decides(world: World, sign_in: SignIn, who: str, status: int) -> None:
    application = applied(world)
    session.commit()
    answer = sign_in(who, browser=True).post(f"/admission/applications/{application.id}/decide", data={"version": "1"})
    assert answer.status_code == status


def test_an_item_that_there_is_not_is_not_found(sign_in: SignIn) -> None:
    admin = sign_in("admin_a", browser=True)
    assert admin.get("/admission/item?code=99999", headers=PAGE).status_code == 404
    assert admin.post("/admission/rule", data={"item": "99999"}, headers=PAGE).status_code == 404


def says(phone: FlaskClient, item: str = CLOSED) -> bool:
    """What a phone's catalogue says of an item."""
    majors = phone.get("/api/v1/catalogue").get_json()["categories"]
    [minor] = [minor for major in majors for minor in major["children"] if minor["code"] == item]
    return bool(minor["admitted"])


def test_a_phones_catalogue_tells_what_was_decided_for_its_area(world: World, sign_in: SignIn) -> None:
    ruled(world, "admit")
    ruled(world, "revoke", item=FREE)
    session.commit()
    own, other = sign_in("worker_a"), sign_in("worker_b")
    assert (says(own), says(own, FREE)) == (True, False)
    assert (says(other), says(other, FREE)) == (False, True)


def test_the_offer_on_phone_and_desk_agrees_with_the_refusal(world: World, sign_in: SignIn) -> None:
    session.commit()
    phone, desk = sign_in("chief_a"), sign_in("dispatcher_a", browser=True)
    post = str(world.people["worker_a"].post)
    for verdict in ("admit", "revoke"):
        task_id = fire_lane(world)
        ruled(world, verdict)
        session.commit()
        admitted = verdict == "admit"
        assert says(phone) is admitted
        actions = phone.get(f"/api/v1/tasks/{task_id}").get_json()["actions"]
        assign = next(action for action in actions if action["action"] == "assign")
        offered = next(field for field in assign["fields"] if field["name"] == "assignee")["choices"]
        assert (post in {choice.get("post") for choice in offered}) is admitted
        assert (f'value="post:{post}"' in desk.get(f"/command/tasks/{task_id}").text) is admitted
        with session.begin_nested() as attempt:
            if admitted:
                tasking.act(world, "chief_a", task_id, "assign")
            else:
                refused(world, task_id)
            attempt.rollback()


def test_what_was_revoked_meanwhile_is_not_reopened_at_the_worker(world: World) -> None:
    task_id = tasking.bring_to(world, "reviewed")
    ruled(world, "revoke", item=FREE)
    tasking.act(world, "dispatcher_a", task_id, "reopen")
    assert session.get_one(Task, task_id).assignee_post_id == world.people["chief_a"].post
