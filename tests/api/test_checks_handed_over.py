"""A check on the spot that goes on to another: with its own limit, and to nobody who reported or handled the matter."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask

from gridapp.db import session
from gridapp.errors import Problem
from gridapp.jobs import clockwork
from gridapp.models import Post, Task
from gridapp.services import advice
from gridapp.services.tasking import tasks
from tests.api.test_leaves import leave
from tests.support import tasking
from tests.support.hours import SetClock, local, set_clock
from tests.support.world import World


@pytest.fixture
def clock(app: Flask) -> Iterator[SetClock]:
    """Wednesday 4 March 2026, 08:00 in Shanghai."""
    with app.app_context(), set_clock("2026-03-04 08:00") as clock:
        yield clock


def holder(check_id: uuid.UUID) -> str:
    check = session.get_one(Task, check_id, populate_existing=True)
    return session.get_one(Post, check.assignee_post_id).person.username


def refused(world: World, check_id: uuid.UUID, **assignee: str) -> str:
    with pytest.raises(Problem) as caught, session.begin_nested():
        tasking.act(world, "dispatcher_a", check_id, "transfer", assignee=assignee)
    session.expire_all()
    return caught.value.errors["assignee"].code


def test_the_next_one_has_the_limit_of_a_check_and_not_of_the_matter(world: World, clock: SetClock) -> None:
    check_id = tasking.check_of(world, tasking.file(world, "dispatcher_a"))
    clock.to("2026-03-04 11:00")
    tasking.act(world, "dispatcher_a", check_id, "transfer")
    check = session.get_one(Task, check_id)
    assert (check.due_at, check.answer_due_at, check.clock) == (local("2026-03-04 17:00"),) * 2 + (None,)


def test_a_time_that_the_asker_chose_stays_where_it_is_later(world: World, clock: SetClock) -> None:
    friday = local("2026-03-06 12:00")
    task_id = tasking.file(world, "dispatcher_a")
    [check] = tasking.act(world, "dispatcher_a", task_id, "verify", due=friday.isoformat())["checks"]
    tasking.act(world, "dispatcher_a", uuid.UUID(check["id"]), "transfer")
    assert session.get_one(Task, uuid.UUID(check["id"])).due_at == friday


def test_a_check_goes_to_no_unit(world: World, clock: SetClock) -> None:
    check_id = tasking.check_of(world, tasking.file(world, "dispatcher_a"))
    assert refused(world, check_id, unit=str(world.units["a"])) == "only_posts"


def test_a_check_goes_to_nobody_who_handled_or_reported_the_matter(world: World, clock: SetClock) -> None:
    check_id = tasking.check_of(world, tasking.bring_to(world, "fed_back"), "inspect")
    post = str(world.people["worker_a"].post)
    assert refused(world, check_id, post=post) == "partial"
    who = tasking.principal(world, "dispatcher_a")
    offered = tasks.get(who, check_id)["actions"]
    posts = [c.get("post") for a in offered if a["action"] == "transfer" for c in a["fields"][0]["choices"]]
    assert str(world.people["worker_a2"].post) in posts
    assert post not in posts
    assert post not in [item.get("post") for item in advice.advise(who, check_id)]


def test_whoever_stands_in_has_the_limit_of_a_check(world: World, clock: SetClock) -> None:
    check_id = tasking.check_of(world, tasking.file(world, "dispatcher_a"))
    leave(world, "2026-03-04T10:00", "2026-03-05T15:00")
    clock.to("2026-03-04 10:00")
    clockwork.hand_over_work()
    assert holder(check_id) == "worker_a2"
    assert session.get_one(Task, check_id).due_at == local("2026-03-04 16:00")


def test_who_stands_in_does_not_check_what_they_reported(world: World, clock: SetClock) -> None:
    check_id = tasking.check_of(world, tasking.file(world, "worker_a2"))
    assert holder(check_id) == "worker_a"
    leave(world, "2026-03-04T10:00", "2026-03-05T15:00")
    clock.to("2026-03-04 10:00")
    clockwork.hand_over_work()
    assert holder(check_id) == "chief_a"
