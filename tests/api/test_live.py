"""Open screens are told what happens elsewhere, in their scope only, and miss nothing in whatever order of commits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from flask import Flask, g
from sqlalchemy import text

from gridapp.access import Principal
from gridapp.db import db, session
from gridapp.models import Grid, LastPosition, Task
from gridapp.services.feeds import watch
from gridapp.services.tasking import tasks
from gridapp.timesource import now
from gridapp.web import command_page, live
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.streams import Heard, listening
from tests.support.world import World


@pytest.fixture
def elsewhere(live_app: Flask) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection of somebody else, whose transactions last as long as they please."""
    with live_app.app_context():
        url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        yield connection


def file(app: Flask, world: World, who: str = "worker_a", area: str = "a1") -> str:
    with app.app_context():
        task_id = tasking.file(world, who, location=world.inside(area))
        session.commit()
        return str(task_id)


def rename(connection: psycopg.Connection[tuple[object, ...]], world: World, area: str) -> None:
    connection.execute("update grid set name = name || '新' where id = %s", (world.areas[area].id,))


def is_hello(event: Heard) -> bool:
    return event.name in ("hello", "reset")


def of_grid(world: World, area: str) -> dict[str, str]:
    return {"op": "upsert", "kind": "grid", "id": str(world.areas[area].id)}


def test_a_report_reaches_an_open_screen(live_app: Flask, live_sign_in: SignIn, world: World) -> None:
    with listening(live_sign_in("dispatcher_a", browser=True)) as ear:
        ear.wait_for(is_hello)
        ear.wait_for_task(file(live_app, world))


def test_an_action_reaches_an_open_screen(live_app: Flask, live_sign_in: SignIn, world: World) -> None:
    task_id = file(live_app, world)
    with listening(live_sign_in("dispatcher_a")) as ear:
        ear.wait_for(is_hello)
        with live_app.app_context():
            tasking.act(world, "dispatcher_a", session.scalars(text("select id from task")).one(), "assign")
            session.commit()
        ear.wait_for_task(task_id)


def test_what_lies_outside_the_scope_is_not_told(live_app: Flask, live_sign_in: SignIn, world: World) -> None:
    with listening(live_sign_in("dispatcher_b")) as ear:
        ear.wait_for(is_hello)
        file(live_app, world)
        ours = file(live_app, world, "worker_b", "b1")
        passed = ear.passed_before(lambda event: event.name == "change")
        assert all(event.name == "beat" for event in passed)
    with listening(live_sign_in("dispatcher_b"), query_string={"since": ear.cursor}) as again:
        assert again.wait_for(is_hello).data == []
    assert ours


def test_a_task_that_leaves_the_scope_is_told_as_gone(live_app: Flask, live_sign_in: SignIn, world: World) -> None:
    task_id = file(live_app, world)
    with listening(live_sign_in("dispatcher_a")) as ear:
        ear.wait_for(is_hello)
        with live_app.app_context():
            task = session.scalars(db.select(Task)).one()
            goal = session.get(Grid, world.areas["b1"].id)
            assert goal is not None
            tasks.rehome(task, goal, None, why="redraw")
            session.commit()
        ear.wait_for_task(task_id, "remove")


def test_a_unit_hears_of_what_it_holds_or_answers_for_outside_its_area(
    live_app: Flask, live_sign_in: SignIn, world: World
) -> None:
    with live_app.app_context():
        task_id = tasking.file(world)
        session.commit()
    with listening(live_sign_in("handler_b")) as ear:
        ear.wait_for(is_hello)
        for who, action, given, op in (
            ("dispatcher_district", "assign", {"assignee": {"unit": str(world.units["b"])}}, "upsert"),
            ("dispatcher_district", "transfer", {"assignee": {"unit": str(world.units["a"])}}, "upsert"),
            ("handler_a", "accept", {}, "remove"),
        ):
            with live_app.app_context():
                tasking.act(world, who, task_id, action, **given)
                session.commit()
            ear.wait_for_task(str(task_id), op)


def test_who_comes_back_is_told_what_was_missed(live_app: Flask, live_sign_in: SignIn, world: World) -> None:
    client = live_sign_in("dispatcher_a")
    with listening(client) as ear:
        ear.wait_for(is_hello)
        first = file(live_app, world)
        ear.wait_for_task(first)
    missed = file(live_app, world)
    with listening(client, headers={"Last-Event-ID": ear.cursor}) as again:
        hello = again.wait_for(is_hello)
    assert [one["id"] for one in hello.data] == [missed]


def test_a_slow_transaction_is_not_skipped(
    live_app: Flask,
    live_sign_in: SignIn,
    world: World,
    elsewhere: psycopg.Connection[tuple[object, ...]],
) -> None:
    client = live_sign_in("dispatcher_a")
    with listening(client) as ear:
        ear.wait_for(is_hello)
        rename(elsewhere, world, "a1")  # begun first, logged first, not committed
        ear.wait_for_task(file(live_app, world))
        elsewhere.commit()
        ear.wait_for(lambda event: event.name == "change" and of_grid(world, "a1") in event.data)
        rename(elsewhere, world, "a2")
        ear.wait_for_task(file(live_app, world))
    elsewhere.commit()
    with listening(client, headers={"Last-Event-ID": ear.cursor}) as again:
        assert again.wait_for(is_hello).data == [of_grid(world, "a2")]


@pytest.mark.parametrize("cursor", ["nonsense", "0" * 36 + "~1:1:", "é", "1:1:"])
def test_a_cursor_that_is_none_starts_afresh(live_sign_in: SignIn, cursor: str) -> None:
    with listening(live_sign_in("dispatcher_a"), query_string={"since": cursor}) as ear:
        assert ear.wait_for(is_hello).name == "reset"


def test_positions_move_on_screens_that_may_see_them(live_app: Flask, live_sign_in: SignIn, world: World) -> None:
    with ExitStack() as streams:
        ears = {
            name: streams.enter_context(listening(live_sign_in(name)))
            for name in ("dispatcher_a", "dispatcher_b", "reviewer_a")
        }
        for ear in ears.values():
            ear.wait_for(is_hello)
        with live_app.app_context():
            worker = world.people["worker_a"].id
            session.merge(LastPosition(person_id=worker, at=now(), lon=104.605, lat=28.705))
            session.commit()
        moved = ears["dispatcher_a"].wait_for(lambda event: event.name == "positions")
        assert [(one["id"], one["lon"]) for one in moved.data] == [(str(worker), 104.605)]
        task_id = file(live_app, world)
        passed = ears["reviewer_a"].passed_before(
            lambda event: event.name == "change" and event.data[0]["id"] == task_id
        )
        assert "positions" not in {event.name for event in passed}
        ears["dispatcher_b"].wait_for(lambda event: event.name == "beat")
    assert "positions" not in {event.name for event in ears["dispatcher_b"].heard.queue}


def test_more_screens_than_connections_all_hear_it(live_app: Flask, live_sign_in: SignIn, world: World) -> None:
    with ExitStack() as streams:
        ears = [streams.enter_context(listening(live_sign_in("dispatcher_a"))) for _ in range(20)]
        for ear in ears:
            ear.wait_for(is_hello)
        task_id = file(live_app, world)
        for ear in ears:
            ear.wait_for_task(task_id)


def test_a_stream_ends_with_the_sign_in(live_app: Flask, live_sign_in: SignIn) -> None:
    with listening(live_sign_in("dispatcher_a")) as ear:
        ear.wait_for(is_hello)
        with live_app.app_context():
            session.execute(text("update token set revoked_at = now()"))
            session.commit()
        ear.wait_for(lambda event: event.name == "end")


def test_a_stream_follows_the_scope_of_its_person(live_app: Flask, live_sign_in: SignIn, world: World) -> None:
    with listening(live_sign_in("dispatcher_a")) as ear:
        ear.wait_for(is_hello)
        with live_app.app_context():
            session.execute(
                text("update person set scope_grid_id = :b where username = 'dispatcher_a'"), {"b": world.areas["b"].id}
            )
            session.commit()
        ear.wait_for(lambda event: event.name == "change" and event.data[0]["kind"] == "person")
        ear.wait_for_task(file(live_app, world, "worker_b", "b1"))


def test_who_cannot_keep_up_is_let_go() -> None:
    listener = live.Listener(Principal(None, "dispatcher"))
    for n in range(live.QUEUE_LENGTH + 1):
        assert not listener.lost
        listener.hear(live.Said("change", [], str(n)))
    assert listener.lost


def test_nobody_listens_without_signing_in(live_app: Flask) -> None:
    assert live_app.test_client().get("/live").status_code == 401


def test_what_happens_while_a_page_is_made_comes_by_its_stream(live_app: Flask, world: World) -> None:
    with live_app.app_context():
        task_id = tasking.file(world)

    def meanwhile() -> dict[str, Any]:
        tasking.act(world, "dispatcher_a", task_id, "comment", note="刚刚")
        session.commit()
        return {}

    with live_app.test_request_context("/command"):
        g.principal = tasking.principal(world, "dispatcher_a")
        made = command_page.page(g.principal, meanwhile)
        [cursor] = re.findall(r'"cursor": "([^"]+)"', made)
        assert ("task", str(task_id)) in {(one.kind, one.key) for one in watch.since(cursor).news}
