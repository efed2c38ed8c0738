"""Whom the holder of a task may call, and that looking at a number is on record."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select

from gridapp.db import session
from gridapp.models import AuditEntry, Person
from tests.support import tasking

NUMBERS = {
    "chief_a": "13800000001",
    "dispatcher_a": "13800000002",
    "worker_a2": "13800000003",
    "worker_a": "13800000004",
}


@pytest.fixture
def held(app, world):
    """A task that worker_a2 reported and worker_a holds; everybody has a number."""
    with app.app_context():
        for name, number in NUMBERS.items():
            session.get_one(Person, world.people[name].id).phone = number
        task = tasking.file(world, "worker_a2", location={**world.inside("a1"), "accuracy": 5.0})
        tasking.act(world, "dispatcher_a", task, "assign", assignee={"post": str(world.people["worker_a"].post)})
        session.commit()
    return task


def callees(client, task):
    return client.get(f"/api/v1/tasks/{task}/callees")


def number(client, task, person):
    return client.post(f"/api/v1/tasks/{task}/callees/{person}/number")


def test_the_holder_sees_whom_to_call_and_no_number(sign_in, world, held):
    answer = callees(sign_in("worker_a"), held)
    found = {one["person"]: one["part"] for one in answer.json["items"]}
    assert found == {
        str(world.people["worker_a2"].id): "reporter",
        str(world.people["chief_a"].id): "in_charge",
        str(world.people["dispatcher_a"].id): "sender",
    }
    [listed] = [one for one in sign_in("worker_a").get("/api/v1/day").json["tasks"] if one["id"] == str(held)]
    assert listed["callees"] == answer.json["items"]
    assert not any(one in answer.text for one in NUMBERS.values())
    assert not any(one in sign_in("worker_a").get(f"/api/v1/tasks/{held}").text for one in NUMBERS.values())


def test_a_number_is_given_once_the_record_says_who_asked_and_about_which_task(app, sign_in, world, held):
    chief = world.people["chief_a"].id
    answer = number(sign_in("worker_a"), held, chief)
    assert (answer.status_code, answer.json) == (200, {"number": NUMBERS["chief_a"]})
    assert answer.headers["Cache-Control"] == "no-store"
    with app.app_context():
        [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "reveal"))
        assert (entry.actor_id, entry.subject_id) == (world.people["worker_a"].id, str(chief))
        assert entry.detail["task"].startswith("#")
        assert NUMBERS["chief_a"] not in str(entry.detail)


@pytest.mark.parametrize(
    ("who", "status"),
    [("worker_a2", 404), ("chief_a", 403), ("worker_b", 404), ("reviewer_a", 403), ("handler_a", 403)],
)
def test_nobody_but_the_holder_calls(sign_in, world, held, who, status):
    assert callees(sign_in(who), held).status_code == status
    assert number(sign_in(who), held, world.people["dispatcher_a"].id).status_code == status


def test_who_has_nothing_to_do_with_the_task_is_not_found(app, sign_in, world, held):
    with app.app_context():
        session.get_one(Person, world.people["worker_b"].id).phone = "13800000009"
        session.commit()
    for person in (world.people["worker_b"].id, world.people["worker_a"].id, uuid.uuid4()):
        assert number(sign_in("worker_a"), held, person).status_code == 404


def test_after_the_task_was_given_to_somebody_else_the_numbers_are_shut(app, sign_in, world, held):
    with app.app_context():
        tasking.act(world, "dispatcher_a", held, "transfer")
        session.commit()
    assert number(sign_in("worker_a"), held, world.people["chief_a"].id).status_code in (403, 404)
