"""The two calls that phones send most are one statement each, guard included: counted on the wire to PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from psycopg import Connection
from psycopg.pq import Trace
from sqlalchemy import event

from gridapp.catalogue import load_catalogue
from gridapp.db import db, hot, session
from gridapp.models import Task
from gridapp.services.editions import publishing
from tests.conftest import SignIn
from tests.support.catalogue import SMALL
from tests.support.tasking import report_body
from tests.support.world import World

ASKING = ("Query", "Execute")
"""Messages to the server that run a statement."""


@contextmanager
def wires(app: Flask, path: Path) -> Iterator[list[str]]:
    """Kinds of all messages that the app sends to PostgreSQL meanwhile, known in the end: libpq writes them down.

    The session's connections are made anew, so that each is heard from its beginning; the hot pool has one.
    """
    said: list[str] = []
    heard: list[Connection[Any]] = []
    with app.app_context(), path.open("w+") as log:
        engine = db.engine

        def hear(connection: Connection[Any], _record: object = None) -> None:
            connection.pgconn.trace(log.fileno())
            connection.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
            heard.append(connection)

        engine.dispose()
        event.listen(engine, "connect", hear)
        with hot() as connection:
            hear(connection)
        try:
            yield said
        finally:
            event.remove(engine, "connect", hear)
            for connection in heard:
                connection.pgconn.untrace()
        said += [line.split("\t")[2] for line in path.read_text().splitlines() if line.startswith("F\t")]


@pytest.mark.parametrize("name", ["locate", "report"])
def test_the_plain_case_is_one_statement_in_one_round_trip(
    live_app: Flask, live_sign_in: SignIn, world: World, tmp_path: Path, name: str
) -> None:
    worker = live_sign_in("worker_a")

    def ask() -> int:
        if name == "locate":
            return worker.get("/api/v1/locate", query_string={**world.inside("a1"), "accuracy": "8"}).status_code
        return worker.put(f"/api/v1/reports/{uuid.uuid4()}", json=report_body(world)).status_code

    good = {"locate": 200, "report": 201}[name]
    assert ask() == good  # the first on a connection prepares its statement, and the first of all reads the catalogue
    with wires(live_app, tmp_path / "wire") as said:
        assert ask() == good
    assert [kind for kind in said if kind in ASKING] == ["Execute"]
    assert said.count("Sync") == 1


def test_a_report_is_filed_under_the_newest_edition_by_a_process_that_saw_an_older_one(
    live_app: Flask, live_sign_in: SignIn, world: World
) -> None:
    """Which edition is in force is not asked before: the statement files under it, or the long way does."""
    worker = live_sign_in("worker_a")
    for edition in ("test-1", "test-2", "test-2"):
        if edition != world.edition:
            with live_app.app_context():
                publishing.publish(replace(load_catalogue(SMALL), version=edition))
                session.commit()
        filed = worker.put(f"/api/v1/reports/{uuid.uuid4()}", json=report_body(world))
        assert (filed.status_code, edition_of(live_app, filed.get_json()["id"])) == (201, edition)
    older = worker.put(f"/api/v1/reports/{uuid.uuid4()}", json=report_body(world, catalogue_version="test-1"))
    assert (older.status_code, edition_of(live_app, older.get_json()["id"])) == (201, "test-1")


def edition_of(app: Flask, task_id: str) -> str:
    with app.app_context():
        return session.get_one(Task, uuid.UUID(task_id)).edition


def test_the_count_would_notice(live_app: Flask, live_sign_in: SignIn, world: World, tmp_path: Path) -> None:
    """The same question by the long way, where the guard asks first and the session may ask too, counts more."""
    worker, query = live_sign_in("worker_a"), {**world.inside("a1"), "at": "2026-01-01T00:00:00Z"}
    with wires(live_app, tmp_path / "wire") as said:
        assert worker.get("/api/v1/locate", query_string=query).status_code == 200
    assert len([kind for kind in said if kind in ASKING]) > 1
    with wires(live_app, tmp_path / "other") as said:
        assert worker.get("/api/v1/tasks").status_code == 200
    assert "Query" in said or said.count("Execute") > 1
