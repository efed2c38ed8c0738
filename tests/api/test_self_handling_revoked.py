"""Handling on the spot where the area's admission was revoked: refused as such, and kept as an ordinary report."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from gridapp.db import session
from gridapp.errors import Problem
from gridapp.jobs import clockwork
from gridapp.models import RoutingRule, Task, TaskEvent, TaskPhoto
from gridapp.services import admission
from gridapp.services.drafts import parse
from gridapp.services.moments import today
from gridapp.services.reporting import reports
from gridapp.timesource import now
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.world import World

BILLS = "06002"
BEFORE, AFTER = tasking.PHOTO, "cd" * 32


def rule(world: World, area: str, verdict: str) -> None:
    said = {
        "item": BILLS,
        "area": world.areas[area].code,
        "begins": today().isoformat(),
        "words": "纪要",
        "verdict": verdict,
    }
    admission.rule_item(tasking.principal(world, "admin_district"), parse(admission.Ruled, said))


def body_of(world: World) -> dict[str, Any]:
    settled = {"note": "已清除", "photos": [AFTER], "handled_at": now().isoformat()}
    return tasking.report_body(world, category=BILLS, photos=[BEFORE], self_handled=settled)


@pytest.mark.parametrize("area", ["a1x", "a1", "a", "district"])
def test_it_is_refused_and_the_report_waits_for_the_desk(
    live_app: Flask, world: World, live_sign_in: SignIn, area: str
) -> None:
    with live_app.app_context():
        rule(world, area, "revoke")
        session.commit()
        body = body_of(world)
    phone, task_id = live_sign_in("worker_a"), uuid.uuid4()
    for _ in range(2):
        answer = phone.put(f"/api/v1/reports/{task_id}", json=body)
        problem = answer.get_json()
        assert (answer.status_code, problem["code"]) == (409, "self_handling_not_admitted")
        assert "乱贴小广告" in problem["detail"]
        assert (problem["task"]["id"], problem["task"]["stage"]) == (str(task_id), "report")
    with live_app.app_context():
        task = session.get_one(Task, task_id)
        assert (task.stage, task.outcome, task.self_handled, task.handlers) == ("report", None, False, [])
        event = session.scalars(select(TaskEvent).where(TaskEvent.task_id == task_id)).one()
        assert (event.action, event.note) == ("report", "已清除")
        photos = session.execute(select(TaskPhoto.sha256, TaskPhoto.phase).where(TaskPhoto.task_id == task_id))
        assert {tuple(row) for row in photos} == {(BEFORE, "before"), (AFTER, "after")}
        assert tasking.act(world, "dispatcher_a", task_id, "dismiss")["outcome"] == "dismissed"


def test_sent_again_as_an_ordinary_report_it_is_the_same_task(
    live_app: Flask, world: World, live_sign_in: SignIn
) -> None:
    with live_app.app_context():
        rule(world, "a1", "revoke")
        session.commit()
        body = body_of(world)
    phone, path = live_sign_in("worker_a"), f"/api/v1/reports/{uuid.uuid4()}"
    assert phone.put(path, json=body).status_code == 409
    ordinary = {name: value for name, value in body.items() if name != "self_handled"}
    again = phone.put(path, json=ordinary)
    assert (again.status_code, again.get_json()["stage"]) == (200, "report")


def test_a_rule_takes_what_was_kept(live_app: Flask, world: World) -> None:
    with live_app.app_context():
        rule(world, "a1", "revoke")
        district = world.areas["district"].id
        session.add(RoutingRule(ordinal=1, target="chief", name="网格长", grid_id=district))
        session.commit()
        task_id, report = uuid.uuid4(), reports.Report.model_validate(body_of(world))
        with pytest.raises(Problem):
            reports.file_report(tasking.principal(world, "worker_a"), task_id, report)
        session.rollback()
        clockwork.run_due_steps()
        assert session.get_one(Task, task_id).assignee_post_id == world.people["chief_a"].post


def test_where_a_smaller_area_is_admitted_again_it_counts(app: Flask, world: World) -> None:
    with app.app_context():
        rule(world, "district", "revoke")
        rule(world, "a1", "admit")
        task_id, report = uuid.uuid4(), reports.Report.model_validate(body_of(world))
        document, new = reports.file_report(tasking.principal(world, "worker_a"), task_id, report)
        assert (document["outcome"], new) == ("resolved", True)


def test_what_was_taken_before_the_decision_stays_handled(app: Flask, world: World) -> None:
    with app.app_context():
        task_id, report = uuid.uuid4(), reports.Report.model_validate(body_of(world))
        worker = tasking.principal(world, "worker_a")
        reports.file_report(worker, task_id, report)
        rule(world, "a1", "revoke")
        document, new = reports.file_report(worker, task_id, report)
        assert (document["outcome"], new) == ("resolved", False)
