"""The feed skips nothing: writers that commit in another order than they began, and readers whose scope changes."""

from __future__ import annotations

import base64
import datetime as dt
import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import orjson
import psycopg
import pytest
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import Range

from gridapp.db import db, session
from gridapp.models import Person, Post, Task, Unit
from gridapp.services.feeds import feed
from gridapp.services.tasking import tasks
from gridapp.timesource import now
from tests.api.test_changes import file, read
from tests.support import tasking


@pytest.fixture
def connect(live_app) -> Iterator[Callable[[], psycopg.Connection]]:
    """Connections of other writers, whose transactions last as long as they please."""
    with live_app.app_context():
        url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with ExitStack() as open_ones:
        yield lambda: open_ones.enter_context(psycopg.connect(url))


def touch(connection: psycopg.Connection, grid_id: int) -> None:
    connection.execute("update grid set name = name where id = %s", (grid_id,))


@contextmanager
def changed(app) -> Iterator[None]:
    with app.app_context():
        yield
        session.commit()


def move(world, username, area):
    """Give a person another scope."""
    scope = world.areas[area].id
    session.execute(update(Person).where(Person.username == username).values(scope_grid_id=scope))


def ops(told, kind="task"):
    return {(one["op"], one["id"]) for one in told if one["kind"] == kind}


def test_a_writer_who_began_first_and_commits_last_is_not_skipped(live_sign_in, world, connect):
    reader = live_sign_in("dispatcher_a")
    _, cursor = read(reader)
    slow = connect()
    touch(slow, world.areas["a1"].id)  # logged before all that follows
    seen = []
    for area in ("a2", "a1x", "a1y"):
        quick = connect()
        touch(quick, world.areas[area].id)
        quick.commit()
        told, cursor = read(reader, cursor)
        seen += [one["id"] for one in told if one["kind"] == "grid"]
    assert seen == [str(world.areas[area].id) for area in ("a2", "a1x", "a1y")]
    slow.commit()
    told, cursor = read(reader, cursor)
    assert ops(told, "grid") == {("upsert", str(world.areas["a1"].id))}
    assert read(reader, cursor)[0] == []


def test_whatever_the_order_of_commits_each_change_is_told_after_it(live_sign_in, world, connect):
    """Many writers, each with a grid of its own, begin and commit in orders of their own, between small pages."""
    reader, chance = live_sign_in("dispatcher_district"), random.Random(7)  # noqa: S311  # an order, not a secret
    grids = [area.id for area in world.areas.values()]
    writers = [(connect(), grid) for grid in grids]
    _, cursor = read(reader)
    for _turn in range(4):
        chance.shuffle(writers)
        for connection, grid in writers:
            touch(connection, grid)
        chance.shuffle(writers)
        pending = set(grids)
        for connection, grid in writers:
            connection.commit()
            pending.discard(grid)
            told, cursor = read(reader, cursor, limit=2)
            assert ops(told, "grid") == {("upsert", str(grid))}
    assert read(reader, cursor)[0] == []


def test_a_page_that_was_cut_goes_on_although_others_commit_in_between(live_sign_in, world, connect):
    reader = live_sign_in("dispatcher_district")
    _, cursor = read(reader)
    slow = connect()
    touch(slow, world.areas["b2"].id)
    with_others = connect()
    for area in ("a1", "a2", "b1"):
        touch(with_others, world.areas[area].id)
    with_others.commit()
    first = reader.get("/api/v1/changes", query_string={"since": cursor, "limit": 1}).json
    assert first["more"]
    slow.commit()
    told, cursor = read(reader, first["cursor"], limit=1)
    page = ops([*first["changes"], *told], "grid")
    assert page == {("upsert", str(world.areas[area].id)) for area in ("a1", "a2", "b1")}
    assert ops(read(reader, cursor, limit=1)[0], "grid") == {("upsert", str(world.areas["b2"].id))}


def test_a_smaller_scope_removes_what_lies_outside_it(live_app, live_sign_in, world):
    ours, theirs = file(live_sign_in("worker_a"), world), file(live_sign_in("worker_b"), world, "b1")
    reader = live_sign_in("dispatcher_district")
    present, cursor = read(reader)
    assert ops(present) == {("upsert", ours), ("upsert", theirs)}
    with changed(live_app):
        session.execute(
            update(Person).where(Person.username == "dispatcher_district").values(scope_grid_id=world.areas["a"].id)
        )
    told, cursor = read(reader, cursor, limit=2)
    assert ("remove", theirs) in ops(told)
    assert ("remove", str(world.areas["b1"].id)) in ops(told, "grid")
    assert ("remove", str(world.people["worker_b"].post)) in ops(told, "post")
    assert ops(told) == {("remove", theirs), ("upsert", ours)}
    assert {one["reason"] for one in told if one["op"] == "remove"} == {"out_of_scope"}
    assert read(reader, cursor)[0] == []


def test_a_larger_scope_brings_what_is_in_it_and_removes_nothing(live_app, live_sign_in, world):
    ours, theirs = file(live_sign_in("worker_a"), world), file(live_sign_in("worker_b"), world, "b1")
    reader = live_sign_in("dispatcher_a")
    _, cursor = read(reader)
    with changed(live_app):
        session.execute(
            update(Person).where(Person.username == "dispatcher_a").values(scope_grid_id=world.areas["district"].id)
        )
    told, _ = read(reader, cursor)
    assert ops(told) == {("upsert", ours), ("upsert", theirs)}


def test_a_post_that_ends_takes_its_tasks_outside_the_scope_along(live_app, live_sign_in, world):
    task_id = file(live_sign_in("worker_b"), world, "b1")
    with changed(live_app):
        tasking.act(world, "dispatcher_district", task_id, "assign")  # to the worker of a1
    reader = live_sign_in("worker_a")
    present, cursor = read(reader)
    assert ("upsert", task_id) in ops(present)
    with changed(live_app):
        post = session.get_one(Post, world.people["worker_a"].post)
        post.during = type(post.during)(post.during.lower, now())
    told, _ = read(reader, cursor)
    assert ("remove", task_id) in ops(told)


def test_a_task_that_moves_away_is_removed(live_app, live_sign_in, world):
    task_id = file(live_sign_in("worker_a"), world)
    reader = live_sign_in("dispatcher_a")
    _, cursor = read(reader)
    with changed(live_app):
        tasks.rehome(
            session.get_one(Task, task_id), session.get_one(Post, world.people["worker_b"].post).grid, None, why="x"
        )
    told, _ = read(reader, cursor)
    assert ops(told) == {("remove", task_id)}


def test_a_cursor_that_somebody_wrote_themselves_tells_nothing(live_app, live_sign_in, world):
    """Who claims to have seen the whole district is not told what lies in it."""
    file(live_sign_in("worker_b"), world, "b1")
    reader = live_sign_in("worker_a")
    _, cursor = read(reader)
    body, _, mac = cursor.partition(".")
    parts = orjson.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    person, _areas, posts, unit = parts[1].split("|")
    parts[1] = "|".join((person, str(world.areas["district"].id), posts, unit))
    forged = base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")
    for since in (f"{forged}.{mac}", forged):
        answer = reader.get("/api/v1/changes", query_string={"since": since})
        assert (answer.status_code, answer.json["code"]) == (410, "cursor_too_old")
    with live_app.app_context():
        feed.understood(forged)


def test_a_handler_who_changes_unit_loses_what_the_old_one_assists_in(live_app, live_sign_in, world):
    with changed(live_app):
        task_id = str(tasking.bring_to(world, "handled"))
        unit = {"unit": str(world.units["b"])}
        tasking.act(world, "dispatcher_district", uuid.UUID(task_id), "involve", assignee=unit)
    reader = live_sign_in("handler_b")
    present, cursor = read(reader)
    assert ("upsert", task_id) in ops(present)
    with changed(live_app):
        session.add(
            Unit(id=uuid.uuid4(), code="other", name="别的单位", level="community", grid_id=world.areas["b"].id)
        )
        session.flush()
        other = select(Unit.id).where(Unit.code == "other").scalar_subquery()
        session.execute(update(Person).where(Person.username == "handler_b").values(unit_id=other))
    told, _ = read(reader, cursor)
    assert ("remove", task_id) in ops(told)


def test_a_unit_that_answers_no_longer_forgets_the_task(live_app, live_sign_in, world):
    def give(action: str, unit: str) -> None:
        tasking.act(world, "dispatcher_district", task_id, action, assignee={"unit": str(world.units[unit])})

    with changed(live_app):
        task_id = tasking.file(world)
        give("assign", "b")
    reader = live_sign_in("handler_b")
    _, cursor = read(reader)
    with changed(live_app):
        give("transfer", "district")
    told, cursor = read(reader, cursor)
    assert ("upsert", str(task_id)) in ops(told)
    assert ("upsert", str(task_id)) in ops(read(reader)[0])
    with changed(live_app):
        tasking.act(world, "handler_district", task_id, "accept")
    told, _ = read(reader, cursor)
    assert ("remove", str(task_id)) in ops(told)


def test_the_present_has_the_deputies_who_stand_there_now_and_none_whose_time_is_over(live_app, live_sign_in, world):
    def deputy(begins: int, ends: int) -> str:
        during = Range(now() + dt.timedelta(days=begins), now() + dt.timedelta(days=ends))
        plain = {"person_id": world.people["worker_a2"].id, "grid_id": world.areas["a1"].id, "kind": "worker"}
        post = Post(id=uuid.uuid4(), deputy=True, during=during, **plain)
        session.add(post)
        session.flush()
        return str(post.id)

    with changed(live_app):
        here, gone = deputy(-1, 3), deputy(-5, -2)
    present, _ = read(live_sign_in("chief_a"))
    told = ops(present, "post")
    assert ("upsert", here) in told
    assert ("upsert", gone) not in told
