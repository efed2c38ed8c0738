"""What nobody needs any more is forgotten after the days of the settings; what waits and the record stay."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from gridapp.config import Settings
from gridapp.db import session
from gridapp.jobs import clockwork, deliveries, housekeeping
from gridapp.models import (
    Change,
    ClockStep,
    Delivery,
    DeliveryTry,
    Letter,
    Notice,
    Outbox,
    Person,
    Receiver,
    TaskEvent,
)
from gridapp.services.clockwork import health
from gridapp.services.words import reading
from tests.support import tasking
from tests.support.hours import SetClock, set_clock
from tests.support.world import World

PATIENCE = 120


@pytest.fixture
def clock(live_app: Flask) -> Iterator[SetClock]:
    with live_app.app_context(), set_clock("2026-03-04 08:00") as clock:
        yield clock


def days(name: str) -> dt.timedelta:
    """The default of a setting."""
    return dt.timedelta(days=Settings.model_fields[f"{name}_days"].default)


def forget() -> None:
    """What the jobs do once a day and once an hour."""
    session.commit()
    for job in (deliveries._prune, deliveries._forget, housekeeping._prune_feed, health.tidy):
        job()
        session.commit()
    session.expire_all()


def count(table: Any, *where: Any) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*where)) or 0


def told(world: World, who: str = "worker_a") -> list[str]:
    query = select(Notice.kind).join(Person, Person.id == Notice.person_id).where(Person.username == who)
    return list(session.scalars(query.order_by(Notice.id)))


def test_notices_go_once_they_were_read_long_ago_and_never_while_they_wait(world: World, clock: SetClock) -> None:
    read, waiting = tasking.file(world), tasking.file(world)
    tasking.act(world, "dispatcher_a", read, "assign")
    session.commit()
    tasking.act(world, "dispatcher_a", waiting, "urge")
    session.execute(text("delete from outbox"))
    session.commit()
    who = tasking.principal(world, "worker_a")
    reading.mark_read(who, until=reading.newest(who)[0].id)
    session.commit()
    tasking.act(world, "dispatcher_a", waiting, "assign")
    session.execute(text("delete from outbox"))
    clock.at += days("notice_keep") - dt.timedelta(hours=1)
    forget()
    assert told(world) == ["task_assign", "task_assign"]
    clock.on(hours=2)
    forget()
    assert told(world) == ["task_assign"]
    assert reading.unread(who) == 1


def test_a_message_goes_whole_or_stays(world: World, clock: SetClock) -> None:
    made = [tasking.file(world) for _ in range(3)]
    for task_id in made:
        tasking.act(world, "dispatcher_a", task_id, "assign")
    session.execute(text("delete from outbox"))
    session.commit()
    who = tasking.principal(world, "worker_a")
    assert len(reading.newest(who)) == 1
    first = session.scalars(select(Notice.id).where(Notice.head_id.is_(None), Notice.kind == "task_assign")).one()
    session.execute(text("update notice set read_at = at where id = :id"), {"id": first})
    clock.at += days("notice_keep") * 2
    forget()
    assert len(told(world)) == 3
    reading.mark_read(who, [first])
    clock.at += days("notice_keep") * 2
    forget()
    assert told(world) == []


def test_what_was_not_handed_on_stays(world: World, clock: SetClock) -> None:
    tasking.act(world, "dispatcher_a", tasking.file(world), "assign")
    session.commit()
    reading.mark_read(tasking.principal(world, "worker_a"), until=10**9)
    clock.at += days("notice_keep") * 2
    before = count(Outbox)
    forget()
    assert told(world) == ["task_assign"]
    assert count(Outbox) == before > 0


def test_letters_that_went_out_go_and_those_that_wait_or_were_refused_stay(world: World, clock: SetClock) -> None:
    for state in ("waiting", "done", "failed", "dropped"):
        done = clock.at if state == "done" else None
        who = world.people["worker_a"].id
        letter = Letter(person_id=who, batch=uuid.uuid4(), state=state, next_at=clock.at, created_at=clock.at)
        letter.done_at = done
        session.add(letter)
    clock.at += days("letter_keep") - dt.timedelta(hours=1)
    forget()
    assert count(Letter) == 4
    clock.on(hours=2)
    forget()
    assert set(session.scalars(select(Letter.state))) == {"waiting", "failed"}


def test_deliveries_go_with_their_tries_and_those_that_wait_stay(world: World, clock: SetClock) -> None:
    receiver = Receiver(
        name="热线",
        url="https://a.example",
        events=["task.changed"],
        scope_grid_id=world.areas["a"].id,
        secret="s",
        created_at=clock.at,
    )
    session.add(receiver)
    session.flush()
    for state in ("waiting", "done", "failed", "dropped"):
        message = Delivery(
            receiver_id=receiver.id,
            message_id=state,
            type="task.changed",
            body="{}",
            state=state,
            next_at=clock.at,
            created_at=clock.at,
        )
        session.add(message)
        session.flush()
        session.add(DeliveryTry(delivery_id=message.id, at=clock.at, took_ms=1))
    clock.at += days("webhook_keep") + dt.timedelta(hours=1)
    forget()
    assert set(session.scalars(select(Delivery.message_id))) == {"waiting", "failed"}
    assert count(DeliveryTry) == 2


def test_steps_of_tasks_that_ended_long_ago_go_and_the_record_stays(world: World, clock: SetClock) -> None:
    ended, running = tasking.bring_to(world, "assigned"), tasking.bring_to(world, "assigned")
    session.commit()
    clock.on(hours=2)
    clockwork.run_due_steps()
    tasking.act(world, "worker_a", ended, "accept")
    tasking.act(world, "worker_a", ended, "feedback")
    tasking.act(world, "reviewer_a", ended, "pass")
    session.commit()
    events = count(TaskEvent)
    clock.at += days("job_keep") + dt.timedelta(hours=1)
    forget()
    assert count(ClockStep, ClockStep.task_id == ended) == 0
    assert count(ClockStep, ClockStep.task_id == running) > 0
    assert count(TaskEvent) == events


def test_the_feed_is_shortened_and_jobs_that_failed_long_ago_are_forgotten(world: World, clock: SetClock) -> None:
    tasking.file(world)
    session.execute(
        text(
            "with made as (insert into procrastinate.procrastinate_jobs (queue_name, task_name, status, args) "
            "values ('default', 'prune_feed', 'failed', '{}') returning id) "
            "insert into procrastinate.procrastinate_events (job_id, type, at) select id, 'failed', now() from made"
        )
    )
    session.commit()
    # what triggers write is dated by the database's own clock
    clock.at = dt.datetime.now(dt.UTC) + days("feed_retention") - dt.timedelta(hours=1)
    forget()
    assert count(Change) > 0
    clock.on(hours=2)
    give_up = time.monotonic() + PATIENCE
    while count(Change):  # rows beside a transaction that is open, be it another database's, stay until it ends
        assert time.monotonic() < give_up
        forget()
    failed = "select count(*) from procrastinate.procrastinate_jobs where status = 'failed'"
    assert session.scalar(text(failed)) == 0
