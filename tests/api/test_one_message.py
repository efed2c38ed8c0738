"""One message per person and batch, whatever the batch is: the queue of a phone, a run of the clock, a hand-over."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask

from gridapp.db import session
from gridapp.jobs import checks, clockwork, trial
from gridapp.services import notices
from gridapp.services.words import reading
from gridapp.services.words.reading import Message
from tests.api.test_leaves import leave
from tests.api.test_sync import action, statuses, sync
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.hours import SetClock, set_clock
from tests.support.world import World


@pytest.fixture
def clock(app: Flask) -> Iterator[SetClock]:
    """Wednesday 4 March 2026, 08:00 in Shanghai."""
    with app.app_context(), set_clock("2026-03-04 08:00") as clock:
        yield clock


def some(world: World, state: str, count: int = 3) -> list[uuid.UUID]:
    """Tasks brought to a state, each in a transaction of its own."""
    made = []
    for _ in range(count):
        made.append(tasking.bring_to(world, state))
        session.commit()
    return made


def said(world: World, name: str, kind: str) -> list[Message]:
    return [message for message in reading.newest(tasking.principal(world, name)) if message.kind == kind]


def test_what_a_phone_sends_at_once_is_one_message(app: Flask, world: World, sign_in: SignIn) -> None:
    with app.app_context():
        tasks = some(world, "handled")
    fed_back = [
        action(one, "feedback", '"3"', note="已清理", location=world.inside("a1"), photos=[tasking.PHOTO])
        for one in tasks
    ]
    assert statuses(sync(sign_in("worker_a"), *fed_back)) == [200] * 3
    with app.app_context():
        [message] = said(world, "reviewer_a", "task_feedback")
        assert len(message.numbers) == 3
        assert "3 件任务" in message.words("zh_CN")


def test_what_two_queues_send_are_two_messages(app: Flask, world: World, sign_in: SignIn) -> None:
    with app.app_context():
        tasks = some(world, "handled", 2)
    for one in tasks:
        given = {"note": "已清理", "location": world.inside("a1"), "photos": [tasking.PHOTO]}
        sync(sign_in("worker_a"), action(one, "feedback", '"3"', **given))
    with app.app_context():
        assert len(said(world, "reviewer_a", "task_feedback")) == 2


def test_what_one_run_of_the_clock_says_is_one_message(world: World, clock: SetClock) -> None:
    some(world, "assigned")
    clock.to("2026-03-04 11:00")
    clockwork.run_due_steps()
    clock.to("2026-03-04 12:00")
    clockwork.run_due_steps()
    assert [len(message.numbers) for message in said(world, "worker_a", "clock_yellow")] == [3]
    [red] = said(world, "chief_a", "clock_red")
    assert "3 件任务已超时" in red.words("zh_CN")
    clock.to("2026-03-04 18:00")
    clockwork.run_due_steps()
    assert [len(message.numbers) for message in said(world, "chief_a", "task_escalate")] == [3]


def test_a_message_does_not_grow_without_end(world: World, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "TOGETHER", 2)
    some(world, "handled")
    clock.to("2026-03-04 11:00")
    assert clockwork.run_due_steps() == 3
    assert sorted(len(message.numbers) for message in said(world, "worker_a", "clock_yellow")) == [1, 2]
    leave(world, "2026-03-04T11:30", "2026-03-05T15:00")
    clock.to("2026-03-04 11:30")
    assert clockwork.hand_over_work() == 3
    assert sorted(len(message.numbers) for message in said(world, "worker_a2", "task_transfer")) == [1, 2]


def test_what_goes_to_a_deputy_at_the_hour_is_one_message(world: World, clock: SetClock) -> None:
    some(world, "handled")
    leave(world, "2026-03-04T10:00", "2026-03-05T15:00")
    clock.to("2026-03-04 10:00")
    clockwork.hand_over_work()
    assert [len(message.numbers) for message in said(world, "worker_a2", "task_transfer")] == [3]


def test_checks_that_end_together_are_one_message(world: World, clock: SetClock) -> None:
    for _ in range(2):
        tasking.check_of(world, tasking.file(world, "dispatcher_a"))
        session.commit()
    clock.to("2026-03-04 13:00")
    checks.expire_checks()
    assert [len(message.numbers) for message in said(world, "dispatcher_a", "check_unanswered")] == [2]


def test_a_message_names_one_unit_only(world: World, clock: SetClock) -> None:
    for unit in ("a", "street", "a"):
        task_id = tasking.file(world)
        tasking.act(world, "dispatcher_district", task_id, "assign")
        tasking.act(world, "dispatcher_district", task_id, "involve", assignee={"unit": str(world.units[unit])})
        session.commit()
    clock.to("2026-03-04 12:00")
    clockwork.run_due_steps()
    found = {m.params["unit"]: len(m.numbers) for m in said(world, "dispatcher_district", "clock_assist_red")}
    assert sorted(found.values()) == [1, 2]


def test_after_the_run_a_batch_is_over(world: World, clock: SetClock) -> None:
    some(world, "assigned", 1)
    clock.to("2026-03-04 11:00")
    clockwork.run_due_steps()
    assert notices.TOGETHER not in session().info
