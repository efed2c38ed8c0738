"""The record holds: what was sealed and changed by SQL is named, and filing waits for no seal."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from flask import Flask

from gridapp.cluster import Cluster
from gridapp.db import session
from gridapp.models import DayHead, Outbox, Seal, TaskEvent, Unsealed
from gridapp.services.integrity import audit, chain, heads
from gridapp.services.words import outbox
from tests.support import database, tasking
from tests.support.command import gridapp_here
from tests.support.hours import set_clock
from tests.support.mailbox import mail_server
from tests.support.world import World


def seal_all() -> None:
    """What the jobs do."""
    while outbox.hand_on():
        session.commit()
    while chain.seal():
        session.commit()
    session.commit()


@pytest.fixture
def sealed(live_app: Flask, world: World) -> tuple[uuid.UUID, uuid.UUID]:
    """Two tasks with their events in two links of the chain."""
    with live_app.app_context():
        first = tasking.bring_to(world, "reviewed")
        session.commit()
        seal_all()
        second = tasking.bring_to(world, "dismissed")
        session.commit()
        seal_all()
    return first, second


@pytest.fixture
def meddle(cluster: Cluster, live_app: Flask):
    """As a person with all rights over the server would, past every trigger."""
    name = str(live_app.config["SQLALCHEMY_DATABASE_URI"]).rsplit("/", 1)[1].split("?")[0]

    def run(statement: str, *values: object) -> None:
        with psycopg.connect(cluster.dsn(name), autocommit=True) as connection:
            for word in ("disable", "enable"):
                for table in ("task_event", "task_photo", "seal"):
                    connection.execute(f"alter table {table} {word} trigger user".encode())
                if word == "disable":
                    connection.execute(statement.encode(), values)

    return run


def found(app: Flask, held: tuple[tuple[int, str], ...] = ()) -> list[tuple[str, object, object]]:
    with app.app_context():
        told = audit.audit(list(held)).troubles
        session.rollback()
    return [(one.detail["kind"], one.detail.get("seq"), one.detail.get("link")) for one in told]


def event(app: Flask, task_id: uuid.UUID, seq: int) -> uuid.UUID:
    with app.app_context():
        return session.query(TaskEvent).filter_by(task_id=task_id, seq=seq).one().id


def test_a_record_that_nobody_touched_is_sound(live_app, sealed):
    with live_app.app_context():
        told = audit.audit([])
        assert (told.troubles, told.links, told.events) == ([], 2, 7)
        assert session.query(Outbox).count() == session.query(Unsealed).count() == 0
        assert audit.audit([(2, told.head)]).troubles == []
        assert [day["head"] for day in audit.heads()] == [told.head]


MEDDLING = (
    "update task_event set note = '什么都没有发生' where id = %s",
    "update task_event set at = at - interval '1 hour' where id = %s",
    "update task_event set actor_id = (select id from person where username = 'chief_a') where id = %s",
    "delete from task_photo where event_id = %s",
    "update task_event set changes = changes || '{\"due_at\": null}' where id = %s",
)


def test_every_row_that_somebody_changed_is_named(live_app, sealed, meddle):
    for seq, statement in enumerate(MEDDLING, 1):
        meddle(statement, event(live_app, sealed[0], seq))
        assert found(live_app) == [("changed", one, 1) for one in range(1, seq + 1)]


def test_the_command_says_which_row_it_was(live_app, sealed, meddle):
    meddle("update task_event set note = 'x' where id = %s", event(live_app, sealed[0], 2))
    ran = gridapp_here(live_app, "doctor", "--audit", "--held", f"1:{'0' * 64}", "--json", terminal=True)
    assert ran.status == 1
    assert "Computing the chain of the record  [" in ran.err
    said = [one["words"] for one in ran.document["findings"] if one["check"] == "record"]
    assert said[0].startswith("Event 2 (assign")
    assert "was changed after it was sealed" in said[0]
    assert "another head than the one that you hold" in said[1]
    assert ran.document["record"]["days"][0]["number"] == 2


def test_a_row_that_was_taken_out_or_put_in_is_named(live_app, sealed, meddle):
    gone = event(live_app, sealed[0], 5)
    meddle("delete from task_event where id = %s", gone)
    copied = "insert into task_event (id, task_id, seq, action, actor_kind, at, to_stage, changes) "
    meddle(copied + "select gen_random_uuid(), task_id, 3, 'comment', 'chief', at, to_stage, '{}' from task_event "
           "where task_id = %s and seq = 2", sealed[1])  # fmt: skip
    assert found(live_app) == [("gone", None, 1), ("inserted", 3, None)]


def test_a_chain_that_was_changed_is_named(live_app, sealed, meddle):
    meddle("update seal set head = sha256('x') where number = 1")
    assert found(live_app) == [("broken", None, 1), ("broken", None, 2)]


def test_a_link_that_was_taken_out_is_named_with_what_it_held(live_app, sealed, meddle):
    meddle("delete from seal where number = 1")
    kinds = [kind for kind, *_ in found(live_app)]
    assert kinds == ["broken"] + ["inserted"] * 5


def test_who_makes_the_whole_chain_anew_is_found_by_a_head_held_elsewhere(live_app, sealed, meddle):
    with live_app.app_context():
        held = audit.audit([]).head
        session.rollback()
    meddle("update task_event set note = 'x' where id = %s", event(live_app, sealed[0], 2))
    meddle("insert into unsealed select id from task_event")
    meddle("delete from seal")
    with live_app.app_context():
        seal_all()
    assert found(live_app) == []
    assert found(live_app, ((2, held),)) == [("other_head", None, 2)]


def test_the_program_itself_cannot_rewrite_a_seal(live_app, sealed):
    with live_app.app_context():
        for statement in ("update seal set number = 9", "delete from seal", "truncate seal"):
            with pytest.raises(Exception, match="never changed or deleted"):
                session.connection().exec_driver_sql(statement)
            session.rollback()


def test_filing_waits_for_no_seal(live_app, world):
    """A pass that seals holds its lock until it commits; reports are filed meanwhile."""
    with live_app.app_context():
        tasking.file(world)
        seal_all()
        tasking.file(world)
        outbox.hand_on()
        session.commit()
        assert chain.seal() == 1  # not committed yet
        filed = threading.Event()

        def file() -> None:
            with live_app.app_context():
                tasking.file(world)
                tasking.bring_to(world, "dismissed")
                session.commit()
            filed.set()

        with ThreadPoolExecutor(1) as apart:
            apart.submit(file).result()
        assert filed.is_set()
        session.commit()
        seal_all()
    assert found(live_app) == []


def test_events_of_slow_transactions_are_sealed_when_they_commit(live_app, world):
    """Begun first, committed last: the passes in between neither wait for it nor pass it over."""
    with live_app.app_context():
        slow = tasking.file(world)
        session.commit()
        tasking.act(world, "dispatcher_a", slow, "assign")  # not committed

        def others() -> None:
            with live_app.app_context():
                tasking.bring_to(world, "dismissed")
                session.commit()
                seal_all()

        with ThreadPoolExecutor(1) as apart:
            apart.submit(others).result()
        assert session.query(Seal).count() == 1
        session.commit()
        seal_all()
        assert session.query(Seal).count() == 2
    assert found(live_app) == []


def test_each_days_head_is_noted_and_sent_once(cluster, peopled, tmp_path, world):
    with mail_server() as mailbox:
        told = {"mail_host": "127.0.0.1", "mail_port": mailbox.port, "mail_security": "none"}
        settings = database.test_settings(tmp_path / "instance", record_to="records@elsewhere.example", **told)
        with (
            database.scratch_database(cluster, peopled[0]) as name,
            database.app_on(cluster, name, settings) as app,
            app.app_context(),
            set_clock("2026-03-04 12:00") as clock,
        ):
            tasking.file(world)
            seal_all()
            assert chain.close_days() == []
            clock.to("2026-03-05 00:11")
            assert [day.isoformat() for day in chain.close_days()] == ["2026-03-04"]
            session.commit()
            assert chain.close_days() == []
            assert heads.send_due() == 1
            assert heads.send_due() == 0
            head = session.query(DayHead).one().head.hex()
            assert f"1:{head}" in mailbox.words()
            assert mailbox.to == ["records@elsewhere.example"]
            assert session.query(Outbox).filter_by(kind="head", key="2026-03-04").count() == 1
