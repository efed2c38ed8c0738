"""Checks on the spot: tasks of their own for somebody of the grid, linked to what they check, waited for by nobody."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from gridapp.db import session
from gridapp.errors import Problem
from gridapp.jobs.checks import expire_checks
from gridapp.models import Notice, Task
from gridapp.services.doctor import tasks as doctor_tasks
from gridapp.services.tasking import tasks
from gridapp.timesource import now
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.world import World


@pytest.fixture(autouse=True)
def inside(app: Flask) -> Any:
    with app.app_context():
        yield


def document(world: World, task_id: uuid.UUID, who: str = "dispatcher_a") -> dict[str, Any]:
    return tasks.get(tasking.principal(world, who), task_id)


def test_a_check_before_filing_goes_to_the_worker_of_the_grid(world: World) -> None:
    task_id = tasking.file(world, "dispatcher_a")
    asked = tasking.act(world, "dispatcher_a", task_id, "verify", note="看看是否占道")
    [check] = asked["checks"]
    assert (check["kind"], check["state"], check["checker"]) == ("verify", "open", "Worker A")
    assert check["words"] == "看看是否占道"
    seen = document(world, uuid.UUID(check["id"]), "worker_a")
    assert (seen["stage"], seen["check"]["of"]["number"]) == ("assign", asked["number"])
    assert {action["action"] for action in seen["actions"]} == {"accept", "check_answer", "comment"}
    [reason] = [
        f for a in seen["actions"] if a["action"] == "check_answer" for f in a["fields"] if f["name"] == "reason"
    ]
    assert [choice["code"] for choice in reason["choices"]] == ["present", "absent"]


def test_its_result_is_shown_to_who_asked_and_stands_in_the_record(world: World) -> None:
    task_id = tasking.file(world, "dispatcher_a")
    check_id = tasking.check_of(world, task_id)
    tasking.act(world, "worker_a", check_id, "check_answer", reason="absent", note="已被清走", photos=[tasking.PHOTO])
    shown = document(world, task_id)
    [check] = shown["checks"]
    assert (check["state"], check["result"]["zh"], check["note"]) == ("answered", "现场无此问题", "已被清走")
    assert check["photos"] == [tasking.PHOTO]
    assert (shown["events"][-1]["action"], shown["events"][-1]["reason"]) == ("check_told", "absent")
    assert shown["stage"] == "report"
    told = session.scalars(select(Notice.kind).where(Notice.person_id == world.people["dispatcher_a"].id)).all()
    assert "check_answered" in told


def test_whoever_reported_or_handled_does_not_check(world: World) -> None:
    reported = tasking.file(world, "worker_a")
    assert tasking.act(world, "dispatcher_a", reported, "verify")["checks"][0]["checker"] == "Chief A"
    handled = tasking.bring_to(world, "fed_back")
    [check] = tasking.act(world, "reviewer_a", handled, "inspect")["checks"]
    assert (check["kind"], check["checker"]) == ("inspect", "Chief A")


def test_where_nobody_could_check_the_refusal_says_so(world: World) -> None:
    task_id = tasking.file(world, "chief_a", location=None, address="东社区某处")
    with pytest.raises(Problem) as caught, session.begin_nested():
        tasking.act(world, "dispatcher_a", task_id, "verify")
    assert caught.value.code == "nobody_to_check"


def test_one_check_at_a_time(world: World) -> None:
    task_id = tasking.file(world, "dispatcher_a")
    tasking.check_of(world, task_id)
    with pytest.raises(Problem) as caught:
        tasking.act(world, "dispatcher_a", task_id, "verify")
    assert caught.value.code == "not_allowed_now"


def test_the_task_goes_on_without_the_answer(world: World) -> None:
    task_id = tasking.file(world, "dispatcher_a")
    check_id = tasking.check_of(world, task_id)
    assert tasking.act(world, "dispatcher_a", task_id, "assign")["stage"] == "assign"
    tasking.act(world, "worker_a", check_id, "check_answer")
    assert document(world, task_id)["events"][-1]["action"] == "check_told"


def test_a_check_ends_with_its_task(world: World) -> None:
    task_id = tasking.file(world, "dispatcher_a")
    check_id = tasking.check_of(world, task_id)
    tasking.act(world, "dispatcher_a", task_id, "dismiss")
    check = document(world, check_id)
    assert (check["outcome"], check["events"][-1]["reason"]) == ("withdrawn", "task_ended")


def test_a_check_that_nobody_answers_ends_by_itself_once_and_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = tasking.file(world, "dispatcher_a")
    check_id = tasking.check_of(world, task_id)
    assert expire_checks() == 0
    later = now() + dt.timedelta(days=30)
    monkeypatch.setattr("gridapp.services.checks.following.now", lambda: later)
    assert expire_checks() == 1
    assert expire_checks() == 0
    assert document(world, check_id)["outcome"] == "withdrawn"
    shown = document(world, task_id)
    assert (shown["events"][-1]["reason"], shown["checks"][0]["state"]) == ("unanswered", "called_off")
    assert "verify" in {action["action"] for action in shown["actions"]}


def test_who_asked_sets_the_time_or_the_setting_does(world: World) -> None:
    task_id = tasking.file(world, "dispatcher_a")
    due = (now() + dt.timedelta(hours=2)).replace(microsecond=0)
    [check] = tasking.act(world, "dispatcher_a", task_id, "verify", due=due.isoformat())["checks"]
    assert dt.datetime.fromisoformat(check["due_at"]) == due


def test_the_row_of_a_check_is_what_its_events_say(world: World) -> None:
    check_id = tasking.check_of(world, tasking.file(world, "dispatcher_a"))
    tasking.act(world, "worker_a", check_id, "accept")
    tasking.act(world, "worker_a", check_id, "check_answer")
    assert list(doctor_tasks.events(None)) == []  # type: ignore[arg-type]  # it reads no settings


def test_a_self_handled_task_that_was_drawn_is_inspected_on_the_spot(world: World, sign_in: SignIn) -> None:
    body = tasking.report_body(world, category="06003", photos=[tasking.PHOTO])
    body["self_handled"] = {"note": "已劝离", "photos": ["cd" * 32], "handled_at": now().isoformat()}
    task_id = uuid.uuid4()
    answer = sign_in("worker_a").put(f"/api/v1/reports/{task_id}", json=body)
    assert (answer.status_code, answer.get_json()["stage"]) == (201, "feedback")
    assert answer.headers["ETag"] == f'"{answer.get_json()["version"]}"'
    shown = document(world, task_id, "reviewer_a")
    [check] = shown["checks"]
    assert (check["kind"], check["checker"]) == ("inspect", "Chief A")
    assert shown["events"][-1]["reason"] == "sample"
    again = sign_in("worker_a").put(f"/api/v1/reports/{task_id}", json=body)
    assert again.status_code == 200
    assert len(document(world, task_id, "reviewer_a")["checks"]) == 1


def test_checks_are_no_duplicates_of_what_they_check(world: World, sign_in: SignIn) -> None:
    task_id = tasking.file(world, "dispatcher_a")
    tasking.check_of(world, task_id)
    place = world.inside("a1")
    found = sign_in("worker_a").get("/api/v1/reports/similar", query_string={"category": "06001", **place})
    assert [item["id"] for item in found.get_json()["items"]] == [str(task_id)]
    assert session.scalar(select(Task.source).where(Task.check_of == task_id)) == "check"
