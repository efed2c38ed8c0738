"""Letters: one to a person and batch, after quiet hours, without what was read or overtaken, and never lost."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gridapp.cluster import Cluster
from gridapp.db import session
from gridapp.models import Contact, Letter, Task
from gridapp.services import notices
from gridapp.services.words import letter_desk, letters, outbox, reading
from tests.support import tasking
from tests.support.hours import SetClock, local, set_clock
from tests.support.mailbox import Mailbox, app_with_mail
from tests.support.world import World

NIGHT = local("2026-03-04 23:00")


@pytest.fixture
def clock() -> Iterator[SetClock]:
    with set_clock("2026-03-04 12:00") as clock:
        yield clock


@pytest.fixture
def app(cluster: Cluster, peopled: tuple[str, World], mailbox: Mailbox, tmp_path, clock: SetClock) -> Iterator[Flask]:
    """The world with a mail server, where everybody in it has an address; with real commits."""
    with app_with_mail(cluster, peopled[0], mailbox, tmp_path) as made:
        people = peopled[1].people
        session.add_all(
            [
                Contact(person_id=one.id, email=f"{name}@city.example", confirmed_at=clock.at)
                for name, one in people.items()
            ]
        )
        session.commit()
        yield made


def go_out() -> int:
    """What the jobs do."""
    while outbox.hand_on():
        session.commit()
    sent = letters.send_due()
    session.commit()
    return sent


def assigned(world: World, count: int = 1) -> list[uuid.UUID]:
    """Tasks given to worker_a in one transaction."""
    made = [tasking.file(world) for _ in range(count)]
    for task_id in made:
        tasking.act(world, "dispatcher_a", task_id, "assign")
    session.commit()
    return made


def number(task_id: uuid.UUID) -> int:
    return session.get_one(Task, task_id).number


def test_a_letter_says_what_happened_in_the_language_of_its_reader(app, world, mailbox):
    [task_id] = assigned(world)
    assert go_out() == 1
    assert mailbox.to == ["worker_a@city.example"]
    assert f"任务 #{number(task_id)}" in mailbox.letters[0]["Subject"]
    assert "https://grid.city.example/notices" in mailbox.words()
    assert go_out() == 0


def test_a_batch_is_one_letter_and_one_message(app, world, mailbox):
    tasks = assigned(world, 3)
    go_out()
    assert len(mailbox.letters) == 1
    assert all(f"#{number(task)}" in mailbox.words() for task in tasks)
    assert len(reading.newest(tasking.principal(world, "worker_a"))) == 1


def test_what_is_rolled_back_is_never_said(app, world, mailbox):
    task_id = tasking.file(world)
    session.commit()
    tasking.act(world, "dispatcher_a", task_id, "assign")
    session.rollback()
    assert go_out() == 0
    assert mailbox.letters == []


def test_nothing_is_said_about_a_step_that_was_overtaken(app, world, mailbox):
    [task_id] = assigned(world)
    outbox.hand_on()
    session.commit()
    tasking.act(world, "dispatcher_a", task_id, "recall")
    session.commit()
    go_out()
    assert mailbox.to == []
    assert reading.unread(tasking.principal(world, "worker_a")) == 0
    assert session.query(Letter).filter_by(state="dropped").count() == 1


def test_what_was_read_on_a_screen_needs_no_letter(app, world, mailbox):
    assigned(world)
    reading.mark_read(tasking.principal(world, "worker_a"), until=10**9)
    session.commit()
    assert go_out() == 0


def test_quiet_hours_hold_back_all_but_what_is_urgent(app, world, mailbox, clock):
    clock.at = NIGHT
    assigned(world, 2)
    [task_id] = assigned(world)
    assert go_out() == 0
    tasking.act(world, "dispatcher_a", task_id, "urge")
    session.commit()
    assert go_out() == 1
    assert "督办" in mailbox.words()
    clock.at = NIGHT + dt.timedelta(hours=8, minutes=-1)
    assert go_out() == 0
    clock.at = NIGHT + dt.timedelta(hours=8)
    assert go_out() == 1  # the night's two batches in one letter
    assert len(mailbox.letters) == 2
    assert "2 条消息" in mailbox.letters[1]["Subject"]


def test_who_wants_no_letters_gets_none(app, world, mailbox):
    session.get_one(Contact, world.people["worker_a"].id).letters = "urgent"
    assigned(world)
    assert go_out() == 0


def test_letters_wait_for_a_mail_server_that_is_down(app, world, clock, mailbox):
    assigned(world)
    mailbox.close()
    assert go_out() == 0
    assert "ConnectionRefused" in str(session.query(Letter).one().error)
    mailbox.open()
    assert go_out() == 0  # it is not its time yet
    clock.on(seconds=6)
    assert go_out() == 1
    assert session.query(Letter).one().state == "done"


DIE = """
create function die() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$;
create trigger die before update on letter for each row when (new.state = 'done') execute function die()
"""


def test_killed_after_the_server_took_it_the_same_letter_goes_again_and_nothing_with_it(app, world, clock, mailbox):
    assigned(world)
    session.execute(text(DIE))
    session.commit()
    with pytest.raises((DBAPIError, psycopg.Error)):
        go_out()
    session.rollback()
    session.execute(text("drop trigger die on letter"))
    session.commit()
    assigned(world)
    assert go_out() == 2
    letters_by_id = {letter["Message-ID"]: letter.get_content().splitlines() for letter in mailbox.letters}
    assert (len(mailbox.letters), len(letters_by_id)) == (3, 2)
    lines = [words[0] for words in letters_by_id.values()]
    assert len(set(lines)) == 2
    assert session.query(Letter).filter(Letter.state != "done").count() == 0


def test_what_comes_to_a_message_whose_letter_was_cut_short_goes_in_another(app, world, clock, mailbox):
    first, second = (tasking.file(world) for _ in range(2))
    batch = uuid.uuid4()
    with notices.as_one(batch):
        tasking.act(world, "dispatcher_a", first, "assign")
        session.execute(text(DIE))
        session.commit()
        with pytest.raises((DBAPIError, psycopg.Error)):
            go_out()
        session.rollback()
        session.execute(text("drop trigger die on letter"))
        tasking.act(world, "dispatcher_a", second, "assign")
        session.commit()
    for _ in range(3):
        go_out()
    said = {letter["Message-ID"]: letter.get_content() for letter in mailbox.letters}
    assert len(said) == 2
    assert [f"#{number(first)}" in words for words in said.values()] == [True, False]
    assert [f"#{number(second)}" in words for words in said.values()] == [False, True]
    assert session.query(Letter).one().state == "done"


def test_what_a_server_that_is_down_left_goes_as_one_letter(app, world, clock, mailbox):
    assigned(world)
    mailbox.close()
    go_out()
    clock.on(seconds=6)
    assigned(world)
    mailbox.open()
    assert go_out() == 1
    assert "2 条消息" in mailbox.letters[0]["Subject"]


def test_a_letter_that_nobody_takes_is_kept_and_sent_when_somebody_says_so(app, world, clock, mailbox):
    mailbox.refused.add("worker_a@city.example")
    assigned(world)
    for _ in range(20):
        go_out()
        clock.on(days=1.5)
    assert session.query(Letter).one().state == "failed"
    mailbox.refused.clear()
    assert letter_desk.failed(tasking.principal(world, "admin_b")).total == 0
    assert letter_desk.send_again(tasking.principal(world, "admin_a")) == 1
    session.commit()
    assert go_out() == 1


def test_a_person_who_has_no_address_does_not_hold_up_the_others(app, world, mailbox):
    mailbox.refused.add("worker_a@city.example")
    task_id = tasking.file(world)
    tasking.act(world, "dispatcher_a", task_id, "assign")
    notices.tell([world.people["worker_b"].id], "task_assign", session.get_one(Task, task_id))
    session.commit()
    assert go_out() == 1
    assert mailbox.to == ["worker_b@city.example"]


def test_what_comes_to_a_message_after_its_letter_went_out_is_not_lost(app, world, mailbox):
    first, second = (tasking.file(world) for _ in range(2))
    batch = uuid.uuid4()
    for task_id in (first, second):
        with notices.as_one(batch):
            tasking.act(world, "dispatcher_a", task_id, "assign")
            session.commit()
        assert go_out() == 1
    assert go_out() == 0
    assert mailbox.to == ["worker_a@city.example"] * 2
    assert f"#{number(second)}" not in mailbox.words(0)
    assert f"#{number(second)}" in mailbox.words(1)
    assert f"#{number(first)}" not in mailbox.words(1)
    assert len({letter["Message-ID"] for letter in mailbox.letters}) == 2
    assert len(reading.newest(tasking.principal(world, "worker_a"))) == 1
