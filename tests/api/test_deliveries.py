"""Messages to programs elsewhere: signed, in order, all of them, once, however long the receiver was down."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

import pytest
from flask import Flask

from gridapp.cluster import Cluster
from gridapp.db import session
from gridapp.models import Delivery, DeliveryTry, Notice, Outbox, Receiver
from gridapp.services.deliveries import queue, receivers
from gridapp.services.deliveries.receivers import ReceiverDraft
from gridapp.services.words import outbox
from gridapp.timesource import now
from tests.support import database, tasking
from tests.support.hours import SetClock, set_clock
from tests.support.receivers import Program, up
from tests.support.world import World


@pytest.fixture
def clock() -> Iterator[SetClock]:
    with set_clock("2026-03-04 12:00") as clock:
        yield clock


@pytest.fixture
def app(cluster: Cluster, peopled: tuple[str, World], tmp_path) -> Iterator[Flask]:
    """The world, whose operator lets receivers stand on this machine; with real commits."""
    settings = database.test_settings(tmp_path / "instance", webhook_networks="127.0.0.0/8")
    with (
        database.scratch_database(cluster, peopled[0]) as name,
        database.app_on(cluster, name, settings) as made,
        made.app_context(),
    ):
        yield made


@pytest.fixture
def program() -> Iterator[Program]:
    with up() as program:
        yield program


def subscribe(world: World, program: Program, *events: str, area: str = "district", **given) -> tuple[Receiver, str]:
    """A receiver that the admin of the district adds."""
    who = tasking.principal(world, "admin_district")
    draft = {"name": "热线", "url": program.url, "events": events or ("task.*",), "area": world.areas[area].code}
    made = receivers.add(who, ReceiverDraft.model_validate({**draft, "active": True, **given}))
    session.commit()
    return made


def go_out() -> int:
    """What the jobs do."""
    while outbox.hand_on():
        session.commit()
    session.commit()
    return sum(queue.deliver(receiver) for receiver in queue.due())


def heard(program: Program) -> list[str]:
    return [one.said["type"] for one in program.got]


def first_message() -> Delivery:
    return session.query(Delivery).order_by(Delivery.id).limit(1).one()


def states() -> list[str]:
    session.rollback()
    return [one.state for one in session.query(Delivery).order_by(Delivery.id)]


def test_a_receiver_is_told_of_each_event_signed_and_in_order(app, world, program):
    receiver, secret = subscribe(world, program)
    task_id = tasking.bring_to(world, "reviewed")
    session.commit()
    assert go_out() == 5
    assert heard(program) == ["task.report", "task.assign", "task.accept", "task.feedback", "task.pass"]
    assert all(one.signed_by(secret) for one in program.got)
    assert not program.got[0].signed_by("whsec_" + "A" * 44)
    last = program.got[-1].said["data"]
    assert last["task"]["id"] == str(task_id)
    assert (last["task"]["stage"], last["task"]["outcome"]) == ("review", "resolved")
    assert abs(int(program.got[0].headers["webhook-timestamp"]) - now().timestamp()) < 3600
    assert len({one.id for one in program.got}) == 5
    assert session.query(Outbox).count() == 0
    assert session.query(DeliveryTry).filter_by(status=204).count() == 5
    assert receiver.secret not in str([one.said for one in program.got])


def test_a_receiver_hears_only_of_its_area_and_of_what_it_asked_for(app, world, program):
    subscribe(world, program, "task.ended", area="b")
    tasking.bring_to(world, "reviewed")
    theirs = tasking.file(world, "worker_b", location=world.inside("b1"))
    tasking.act(world, "dispatcher_b", theirs, "dismiss")
    session.commit()
    go_out()
    assert heard(program) == ["task.dismiss"]
    assert program.got[0].said["data"]["task"]["id"] == str(theirs)


def test_what_is_rolled_back_is_never_sent(app, world, program):
    subscribe(world, program)
    task_id = tasking.file(world)
    tasking.act(world, "dispatcher_a", task_id, "dismiss")
    session.rollback()
    go_out()
    assert heard(program) == ["task.report"]  # a report is a transaction of its own


def test_a_receiver_that_was_down_gets_all_in_order_once(app, world, clock):
    with up() as program:
        _, secret = subscribe(world, program)
    tasks = [tasking.bring_to(world, "dismissed") for _ in range(5)]
    session.commit()
    for _ in range(12):  # two hours
        assert go_out() == 0
        clock.on(minutes=10)
    assert session.query(DeliveryTry).count() > 3
    assert session.query(DeliveryTry.delivery_id).distinct().count() == 1
    clock.on(hours=2)
    with up(program):
        assert go_out() == 10
        assert go_out() == 0
    assert [one.said["data"]["task"]["id"] for one in program.got] == [str(task) for task in tasks for _ in range(2)]
    assert heard(program) == ["task.report", "task.dismiss"] * 5
    assert all(one.signed_by(secret) for one in program.got)
    assert states() == ["done"] * 10


def test_a_dead_receiver_holds_up_nobody(app, world, program):
    with up() as dead:
        subscribe(world, dead)
    subscribe(world, program)
    tasking.file(world)
    assert go_out() == 1
    assert heard(program) == ["task.report"]


def test_a_slow_receiver_lets_others_have_a_turn(app, world, program, monkeypatch):
    subscribe(world, program)
    for _ in range(3):
        tasking.file(world)
    monkeypatch.setattr(queue, "TURN", dt.timedelta(0))
    assert [go_out(), go_out(), go_out(), go_out()] == [1, 1, 1, 0]
    assert states() == ["done"] * 3


def test_pauses_grow_and_after_the_last_the_admin_is_told_and_sends_again(app, world, clock, program):
    subscribe(world, program)
    first, second = tasking.file(world), tasking.file(world)
    program.answers = [500] * (len(queue.PAUSES) + 1)
    for pause in queue.PAUSES:
        assert go_out() == 0
        waits = first_message().next_at - clock.at
        assert waits == pause
        session.rollback()
        clock.on(seconds=pause.total_seconds() + 1)
    assert go_out() == 0
    assert states() == ["failed", "waiting"]
    clock.on(days=30)
    assert go_out() == 0  # what follows waits behind it
    told = session.query(Notice).filter_by(kind="receiver_stopped").all()
    assert world.people["admin_district"].id in {one.person_id for one in told}
    stuck = first_message()
    assert receivers.replay(tasking.principal(world, "admin_district"), stuck.id) == 2
    session.commit()
    assert go_out() == 2
    assert [one.said["data"]["task"]["id"] for one in program.got[-2:]] == [str(first), str(second)]
    assert len({one.id for one in program.got}) == 2


def test_a_message_that_is_given_up_lets_the_others_pass(app, world, program):
    subscribe(world, program)
    tasking.file(world)
    later = tasking.file(world)
    program.answers = [410]
    go_out()
    stuck = first_message()
    assert stuck.state == "failed"
    receivers.skip(tasking.principal(world, "admin_district"), stuck.id)
    session.commit()
    assert go_out() == 1
    assert program.got[-1].said["data"]["task"]["id"] == str(later)
    assert states() == ["dropped", "done"]


def test_what_was_taken_can_be_sent_again_under_the_same_ids(app, world, program):
    subscribe(world, program)
    tasking.bring_to(world, "dismissed")
    session.commit()
    go_out()
    first = first_message()
    receivers.replay(tasking.principal(world, "admin_district"), first.id)
    session.commit()
    assert go_out() == 2
    assert [one.id for one in program.got[:2]] == [one.id for one in program.got[2:]]
    assert [one.body for one in program.got[:2]] == [one.body for one in program.got[2:]]


def test_a_new_secret_and_the_old_one_both_hold_for_a_day(app, world, program, clock):
    receiver, old = subscribe(world, program)
    _, new = receivers.renew_secret(tasking.principal(world, "admin_district"), receiver.id, receiver.version)
    session.commit()
    tasking.file(world)
    go_out()
    assert program.got[0].signed_by(old)
    assert program.got[0].signed_by(new)
    clock.on(hours=25)
    tasking.file(world)
    go_out()
    assert not program.got[1].signed_by(old)
    assert program.got[1].signed_by(new)


def test_a_redirect_is_not_followed(app, world, program):
    subscribe(world, program)
    tasking.file(world)
    program.answers, program.moved_to = [307], "http://127.0.0.1:1/"
    assert go_out() == 0
    assert session.query(DeliveryTry).one().status == 307


def test_the_same_event_is_never_queued_twice(app, world, program):
    subscribe(world, program)
    event = session.get_one(Receiver, session.query(Receiver.id).scalar())
    task_id = tasking.file(world)
    session.commit()
    go_out()
    session.add(Outbox(kind="event", key=str(uuid.uuid5(task_id, "report"))))
    session.commit()
    go_out()
    assert heard(program) == ["task.report"]
    assert event.active


def test_delivered_messages_are_kept_for_a_while(app, world, program, clock):
    subscribe(world, program)
    tasking.file(world)
    go_out()
    assert queue.prune(clock.at - dt.timedelta(days=1)) == 0
    assert queue.prune(clock.at + dt.timedelta(days=1)) == 1
    assert session.query(DeliveryTry).count() == 0


def test_where_a_merged_order_came_from_is_told_how_its_master_ended(app, world, program):
    subscribe(world, program, "task.ended")
    master, merged, deeper = tasking.bring_to(world, "fed_back"), tasking.file(world), tasking.file(world)
    tasking.act(world, "dispatcher_a", deeper, "merge", master=str(merged))
    tasking.act(world, "dispatcher_a", merged, "merge", master=str(master))
    session.commit()
    go_out()
    tasking.act(world, "reviewer_a", master, "pass")
    session.commit()
    go_out()
    assert heard(program) == ["task.merge", "task.merge", "task.pass", "task.master_ended", "task.master_ended"]
    told = [one.said["data"] for one in program.got[3:]]
    assert [one["task"]["id"] for one in told] == [str(merged), str(deeper)]
    assert {one["master"]["id"] for one in told} == {str(master)}
    assert {one["master"]["outcome"] for one in told} == {"resolved"}
    assert len({one.id for one in program.got}) == 5
