"""Leave and deputies: work goes over at the hour and comes back; where nobody stands, it goes up."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from gridapp.db import session
from gridapp.errors import Problem
from gridapp.jobs import clockwork
from gridapp.models import Post, Task, TaskEvent
from gridapp.services import admission
from gridapp.services.admission import Ruled
from gridapp.services.drafts import parse
from gridapp.services.staff import leaves
from gridapp.services.staff.leaves import LeaveDraft
from tests.support import tasking
from tests.support.desk import admin_of_a, wrong_fields
from tests.support.hours import SetClock, local, set_clock
from tests.support.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def clock(app: Flask) -> Iterator[SetClock]:
    with app.app_context(), set_clock("2026-03-04 08:00") as clock:
        yield clock


def leave(world: World, begins: str, ends: str, deputy: str | None = "worker_a2") -> None:
    draft = parse(LeaveDraft, {"begins": begins, "ends": ends, "deputy": deputy})
    leaves.give(admin_of_a(world), _post(world), draft, SHANGHAI)


def _post(world: World):
    post = world.people["worker_a"].post
    assert post is not None
    return post


def revoke(world: World) -> None:
    """The item of the world's tasks is not admitted in community A from now on."""
    plain = {"item": "06001", "area": world.areas["a"].code, "verdict": "revoke", "begins": "2026-03-04"}
    admission.rule_item(admin_of_a(world), parse(Ruled, {**plain, "words": "会议纪要第 3 号"}))


def tick() -> None:
    clockwork.hand_over_work()
    session.expire_all()


def test_work_goes_to_the_deputy_at_the_hour_and_comes_back(world: World, clock: SetClock) -> None:
    task_id = tasking.bring_to(world, "handled")
    leave(world, "2026-03-04T10:00", "2026-03-05T15:00")
    tick()
    assert session.get_one(Task, task_id).assignee_post_id == _post(world)
    clock.to("2026-03-04 10:20")
    tick()
    task = session.get_one(Task, task_id)
    deputy = session.get_one(Post, task.assignee_post_id)
    assert (deputy.person_id, deputy.deputy, task.stage) == (world.people["worker_a2"].id, True, "assign")
    assert task.due_at == local("2026-03-04 16:20")
    event = session.scalar(select(TaskEvent).where(TaskEvent.task_id == task_id, TaskEvent.action == "transfer"))
    assert event is not None
    assert (event.device_at, event.reason, event.actor_kind) == (local("2026-03-04 10:00"), "stand_in", "system")
    clock.to("2026-03-05 15:00")
    tick()
    tick()
    assert session.get_one(Task, task_id).assignee_post_id == _post(world)
    assert session.get_one(Task, task_id).version == 5


def test_new_work_goes_to_the_deputy_meanwhile(world: World, clock: SetClock) -> None:
    leave(world, "2026-03-04T10:00", "2026-03-05T15:00")
    clock.to("2026-03-04 11:00")
    task_id = tasking.file(world)
    with pytest.raises(Problem) as refused:
        tasking.act(world, "dispatcher_a", task_id, "assign")
    assert wrong_fields(refused.value) == {"assignee"}


def test_without_a_deputy_work_goes_one_level_up(world: World, clock: SetClock) -> None:
    task_id = tasking.bring_to(world, "assigned")
    leave(world, "2026-03-04T10:00", "2026-03-05T15:00", deputy=None)
    clock.to("2026-03-04 10:00")
    tick()
    assert session.get_one(Task, task_id).assignee_post_id == world.people["chief_a"].post


def test_what_is_not_admitted_any_more_goes_up_and_to_no_other_worker(world: World, clock: SetClock) -> None:
    task_id = tasking.bring_to(world, "handled")
    revoke(world)
    leave(world, "2026-03-04T10:00", "2026-03-05T15:00")
    clock.to("2026-03-04 10:00")
    tick()
    assert session.get_one(Task, task_id).assignee_post_id == world.people["chief_a"].post
    events = select(TaskEvent.action, TaskEvent.reason).where(TaskEvent.task_id == task_id)
    assert session.execute(events.order_by(TaskEvent.seq.desc())).first() == ("escalate", "not_admitted")


def test_a_hold_stays_with_its_holder(world: World, clock: SetClock) -> None:
    task_id = tasking.bring_to(world, "held")
    leave(world, "2026-03-04T10:00", "2026-03-05T15:00")
    clock.to("2026-03-04 10:00")
    tick()
    assert session.get_one(Task, task_id).assignee_post_id == _post(world)


def test_the_work_of_a_post_that_ended_goes_to_whoever_stands_there(world: World, clock: SetClock) -> None:
    task_id = tasking.bring_to(world, "assigned")
    post = session.get_one(Post, _post(world))
    clock.to("2026-03-04 09:00")
    post.during = Range(post.during.lower, clock.at)
    heir = Post(
        person_id=world.people["worker_b"].id, grid_id=post.grid_id, kind="worker", during=Range(clock.at, None)
    )
    session.get_one(Post, world.people["worker_b"].post).during = Range(post.during.lower, clock.at)
    session.flush()
    session.add(heir)
    session.flush()
    tick()
    assert session.get_one(Task, task_id).assignee_post_id == heir.id


def test_a_leave_ends_early_with_its_deputy(world: World, clock: SetClock) -> None:
    task_id = tasking.bring_to(world, "assigned")
    leave(world, "2026-03-04T10:00", "2026-03-05T15:00")
    clock.to("2026-03-04 11:00")
    tick()
    [given] = leaves.of_post(admin_of_a(world), _post(world))
    leaves.end(admin_of_a(world), _post(world), given.id)
    clock.on(minutes=1)
    tick()
    assert session.get_one(Task, task_id).assignee_post_id == _post(world)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"ends": "2026-03-04T09:00"}, "ends"),
        ({"deputy": "chief_a"}, "deputy"),
        ({"deputy": "worker_a"}, "deputy"),
        ({"deputy": "worker_b"}, "deputy"),
        ({"deputy": "nobody"}, "deputy"),
    ],
)
def test_a_leave_that_cannot_be_is_refused(world: World, clock: SetClock, given: dict[str, str], field: str) -> None:
    plain = {"begins": "2026-03-04T10:00", "ends": "2026-03-05T15:00"}
    with pytest.raises(Problem) as refused:
        leaves.give(admin_of_a(world), _post(world), parse(LeaveDraft, {**plain, **given}), SHANGHAI)
    assert wrong_fields(refused.value) == {field}


def test_two_leaves_at_once_are_refused(world: World, clock: SetClock) -> None:
    leave(world, "2026-03-04T10:00", "2026-03-05T15:00", deputy=None)
    with pytest.raises(Problem) as refused:
        leave(world, "2026-03-05T14:00", "2026-03-06T15:00", deputy=None)
    assert refused.value.code == "leave_overlaps"
