"""Every state x every action x every role x own and other scope: only what the domain's table allows passes.

The table stands here a second time on purpose, written from the domain's page and not from the code.
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from flask import Flask

from gridapp.access import Principal
from gridapp.errors import Problem
from gridapp.services.tasking import tasks
from gridapp.workflow import BY_ACTION
from tests.support import tasking
from tests.support.world import World

ROLES = ("worker", "chief", "dispatcher", "reviewer", "handler", "planner", "admin", "auditor")
PARTS = ("assist_asked", "assisted")
IN_HANDLING = ("handled", "handled_by_unit", "asked", "held", *PARTS)
WITH_HOLDER = ("assigned", "assigned_to_unit", *IN_HANDLING)
OPEN = ("reported", "returned", *WITH_HOLDER, "fed_back")
CHECK = ("checking",)
ENDED = ("reviewed", "dismissed", "merged", "withdrawn")

# action: (who, states, stage after, outcome after); who is roles, "assignee" or "reporter"
TABLE: dict[str, tuple[tuple[str, ...], tuple[str, ...], str | None, str | None]] = {
    "dismiss": (("dispatcher", "chief"), ("reported", "returned"), "report", "dismissed"),
    "merge": (("dispatcher", "chief"), ("reported", "returned", "assigned", "assigned_to_unit"), None, "merged"),
    "assign": (("dispatcher", "chief"), ("reported", "returned"), "assign", None),
    "accept": (("assignee",), ("assigned", "assigned_to_unit", *CHECK), "handle", None),
    "return": (("assignee",), WITH_HOLDER, "report", None),
    "acknowledge": (("dispatcher", "chief"), ("returned",), "report", None),
    "transfer": (("dispatcher", "chief"), (*WITH_HOLDER, *CHECK), "assign", None),
    "escalate": (("assignee", "chief"), WITH_HOLDER, "assign", None),
    "extend": (("assignee",), tuple(s for s in WITH_HOLDER if s not in ("asked", "held")), None, None),
    "grant_extension": (("dispatcher", "chief"), ("asked",), None, None),
    "refuse_extension": (("dispatcher", "chief"), ("asked",), None, None),
    "hold": (("dispatcher", "chief"), tuple(s for s in IN_HANDLING if s != "held"), None, None),
    "resume": (("dispatcher", "chief"), ("held",), None, None),
    "feedback": (("assignee",), IN_HANDLING, "feedback", None),
    "pass": (("reviewer", "chief"), ("fed_back",), "review", "resolved"),
    "rework": (("reviewer", "chief"), ("fed_back",), "handle", None),
    "reopen": (("dispatcher",), ("reviewed",), "assign", None),
    "withdraw": (("reporter",), ("reported", "returned"), "report", "withdrawn"),
    "comment": (tuple(r for r in ROLES if r != "auditor"), (*OPEN, *CHECK), None, None),
    "urge": (("dispatcher", "chief"), (*OPEN, *CHECK), None, None),
    "recall": (("dispatcher", "chief"), ("assigned", "assigned_to_unit"), "report", None),
    "involve": (("dispatcher",), WITH_HOLDER, None, None),
    "assist_accept": (("asked unit",), ("assist_asked",), None, None),
    "assist_feedback": (("assisting unit",), ("assisted",), None, None),
    "assist_decline": (("asked unit", "assisting unit"), PARTS, None, None),
    "release": (("dispatcher",), PARTS, None, None),
    "verify": (("dispatcher", "chief"), ("reported", "returned"), None, None),
    "inspect": (("dispatcher", "reviewer", "chief"), ("fed_back",), None, None),
    "check_answer": (("assignee",), CHECK, "review", "resolved"),
    "call_off": (("dispatcher", "chief", "reviewer"), CHECK, None, "withdrawn"),
}
NEVER_BY_A_PERSON = (
    *("auto_pass", "rehome", "rebuild", "import", "check", "check_told"),
    *("assist_escalate", "assist_pass_up", "freeze", "assist_freeze"),
)
FILING = {"report": ("worker", "chief", "dispatcher", "handler"), "self_handle": ("worker",)}


def holds(role: str, state: str) -> bool:
    """Whether this role's person of community a holds the task in this state."""
    if state in ("reported", "returned", "dismissed", "merged", "withdrawn"):
        return False
    return role == ("handler" if state.endswith("_unit") else "worker")


def is_allowed_to(role: str, state: str, who: tuple[str, ...]) -> bool:
    is_others = {
        "assignee": holds(role, state),
        "reporter": role == ("dispatcher" if state in CHECK else "worker"),
        "asked unit": role == "handler" and state == "assist_asked",
        "assisting unit": role == "handler" and state == "assisted",
    }
    return role in who or any(is_others.get(one, False) for one in who)


def expected(role: str, state: str, action: str) -> int:
    if action in FILING:
        return 409 if role in FILING[action] else 403
    if action in NEVER_BY_A_PERSON:
        return 403
    who, states, _, _ = TABLE[action]
    if not is_allowed_to(role, state, who):
        return 403
    return 200 if state in states else 409


def everybody(world: World, community: str) -> dict[str, Principal]:
    """Somebody of each role in a community."""
    return {role: tasking.principal(world, f"{role}_{community}") for role in ROLES}


def attempt(
    world: World, who: str | Principal, task_id: uuid.UUID, action: str, **given: Any
) -> tuple[int, dict[str, Any]]:
    with tasking.undone():
        try:
            return 200, tasking.act(world, who, task_id, action, **given)
        except Problem as problem:
            return problem.status, {"code": problem.code, **problem.extra}


def test_the_table_of_the_domain_is_the_table_of_the_code() -> None:
    assert set(BY_ACTION) == {*TABLE, *NEVER_BY_A_PERSON, *FILING}


@pytest.mark.parametrize("state", tasking.STATES)
def test_only_what_the_table_allows_passes(app: Flask, world: World, state: str) -> None:
    with app.app_context():
        task_id = tasking.bring_to(world, state)
        other = tasking.file(world)
        people = everybody(world, "a")
        wrong = []
        for action in BY_ACTION:
            given = {"master": str(other)} if action == "merge" else {}
            for role in ROLES:
                status, answer = attempt(world, people[role], task_id, action, **given)
                if status != expected(role, state, action):
                    wrong.append((role, action, status, expected(role, state, action), answer.get("code")))
                if status == 200 and action in TABLE:
                    _, _, stage, outcome = TABLE[action]
                    assert stage in (None, answer["stage"]), (role, action)
                    assert answer["outcome"] == outcome, (role, action)
                if status == 409:
                    assert isinstance(answer["allowed"], list)
                    assert action not in answer["allowed"]
        assert wrong == []


@pytest.mark.parametrize("state", tasking.STATES)
def test_the_other_community_finds_no_task_to_act_on(app: Flask, world: World, state: str) -> None:
    with app.app_context():
        task_id = tasking.bring_to(world, state)
        people = everybody(world, "b")
        found = {
            (role, action): status
            for action in BY_ACTION
            for role in ROLES
            if (status := attempt(world, people[role], task_id, action)[0]) != 404
        }
        assert found == {}


@pytest.mark.parametrize("state", tasking.STATES)
def test_what_is_offered_is_what_passes(app: Flask, world: World, state: str) -> None:
    with app.app_context():
        task_id = tasking.bring_to(world, state)
        for role in ROLES:
            who = tasking.principal(world, f"{role}_a")
            offered = {item["action"] for item in tasks.get(who, task_id)["actions"]}
            assert offered == {a for a in TABLE if expected(role, state, a) == 200}, role


def test_whoever_handled_or_fed_back_never_reviews(app: Flask, world: World) -> None:
    with app.app_context():
        task_id = tasking.file(world)
        chief = {"assignee": {"post": str(world.people["chief_a"].post)}}
        tasking.act(world, "dispatcher_a", task_id, "assign", **chief)
        tasking.act(world, "chief_a", task_id, "accept")
        tasking.act(world, "dispatcher_a", task_id, "transfer")
        tasking.act(world, "worker_a2", task_id, "accept")
        tasking.act(world, "worker_a2", task_id, "feedback")
        for action in ("pass", "rework"):
            status, answer = attempt(world, "chief_a", task_id, action)
            assert (status, answer["code"]) == (403, "separation_of_duties")
        assert attempt(world, "reviewer_a", task_id, "pass")[0] == 200


def test_whoever_asks_for_more_time_does_not_grant_it(app: Flask, world: World) -> None:
    with app.app_context():
        task_id = tasking.file(world)
        chief = {"assignee": {"post": str(world.people["chief_a"].post)}}
        tasking.act(world, "dispatcher_a", task_id, "assign", **chief)
        tasking.act(world, "chief_a", task_id, "extend")
        assert attempt(world, "chief_a", task_id, "grant_extension")[0] == 403
        assert attempt(world, "dispatcher_a", task_id, "grant_extension")[0] == 200
