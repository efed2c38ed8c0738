"""Databases for tests: one private cluster, a migrated template, the world in it, and copies that are thrown away.

A test gets a copy with real commits where it needs races or the feed, else the session's copy inside an outer
transaction that is rolled back: sessions and the pool of the hot routes both run on that one connection, in savepoints.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import psycopg
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from psycopg import Connection
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from gridapp.app import create_app
from gridapp.cluster import Cluster
from gridapp.config import Settings, read_settings
from gridapp.db import db
from gridapp.services.editions.categories import SEEN

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
PREFIX = "test_"
INSTANCE = Path(os.environ.get("GRIDAPP_TEST_INSTANCE") or Path(__file__).parents[2] / "instance" / "tests")
COMPILED = INSTANCE / "pages"
CONSTRAINTS_SPEAK = ("set constraints all immediate", "set constraints all deferred")

_numbers = itertools.count()

db.session.session_factory.configure(join_transaction_mode="create_savepoint")


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """The tests' cluster, started by the first who needs it and stopped by the last."""
    INSTANCE.mkdir(parents=True, exist_ok=True)
    with (INSTANCE / "users.lock").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        cluster = Cluster(INSTANCE)
        cluster.ensure()
        yield cluster
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        cluster.stop()


def drop_leftovers(cluster: Cluster) -> None:
    """Drop the databases of test runs that were killed; their names end in the process that made them."""
    with psycopg.connect(cluster.dsn()) as connection:
        rows = connection.execute("select datname from pg_database where datname like %s", [PREFIX + "%"]).fetchall()
    for (name,) in rows:
        if not Path("/proc", name.split("_")[2]).exists():
            cluster.drop_database(name)


@contextmanager
def scratch_database(cluster: Cluster, template: str | None = None) -> Iterator[str]:
    """Name of a new database, empty or a copy, dropped afterwards."""
    name = f"{PREFIX}{WORKER}_{os.getpid()}_{next(_numbers)}"
    cluster.create_database(name, template=template)
    try:
        yield name
    finally:
        cluster.drop_database(name)


def test_settings(instance: Path, **given: object) -> Settings:
    """Settings of an app under test: the rate limits of devices are raised, since tests are faster than thumbs."""
    raised = {"rate_per_minute": 1_000_000, "rate_per_second": 100_000}
    return read_settings(instance=instance, **{**raised, **given})


test_settings.__test__ = False  # type: ignore[attr-defined]  # a helper, whatever its name


@contextmanager
def app_on(cluster: Cluster, database: str, settings: Settings) -> Iterator[Flask]:
    """An app joined to a database, with all its connections closed afterwards."""
    app = create_app(settings, url=cluster.url(database))
    app.testing = True
    COMPILED.mkdir(parents=True, exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(COMPILED))  # each app would compile all pages again
    with all_closed_after(app):
        yield app


@contextmanager
def all_closed_after(app: Flask) -> Iterator[None]:
    """Close every connection of an app in the end, also those on loan and those made later still.

    A phone that waits for news holds a request, and so a connection, longer than its test lasts.
    """
    made: list[Connection[Any]] = []
    over = threading.Event()
    lock = threading.Lock()

    def connected(connection: Connection[Any], _record: object) -> None:
        with lock:
            made.append(connection)
            if over.is_set():
                connection.close()

    with app.app_context():
        event.listen(db.engine, "connect", connected)
    try:
        yield
    finally:
        app.extensions["hot_pool"].close()
        with app.app_context():
            db.engine.dispose()
        with lock:
            over.set()
            for connection in made:
                _close(connection)


def _close(connection: Connection[Any]) -> None:
    """Close it once its thread has let go: under it, that thread would read what comes next by the same file number."""
    with suppress(psycopg.Error):
        connection.cancel_safe()
    with connection.lock:
        connection.close()


class OneConnection:
    """The hot routes' pool inside a test's outer transaction: each loan is a savepoint on the one connection."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection

    @contextmanager
    def connection(self) -> Iterator[Connection[Any]]:
        """Lend it; an error undoes what was done on loan, and constraints that wait for the commit speak here."""
        with self._connection.transaction():
            yield self._connection
            for words in CONSTRAINTS_SPEAK:
                self._connection.execute(words)


@contextmanager
def rolled_back(app: Flask) -> Iterator[None]:
    """Everything that the app does meanwhile stays in one transaction that is undone at the end."""
    with app.app_context():
        engines = cast("dict[str | None, Any]", db.engines)
    engine, pool = engines[None], app.extensions["hot_pool"]
    with engine.connect() as connection:
        outer = connection.begin()
        connection.execute(text("select 1"))  # the driver begins with the first statement: else that is a loan's own
        engines[None] = connection
        app.extensions["hot_pool"] = OneConnection(connection.connection.driver_connection)
        event.listen(db.session, "before_commit", _let_constraints_speak)
        try:
            yield
        finally:
            event.remove(db.session, "before_commit", _let_constraints_speak)
            engines[None], app.extensions["hot_pool"] = engine, pool
            app.extensions.pop(SEEN, None)  # it may be undone
            outer.rollback()


def _let_constraints_speak(session: Session) -> None:
    """What a commit would refuse is refused, although a test's outer transaction never commits."""
    if session.in_nested_transaction():
        return
    session.flush()
    for words in CONSTRAINTS_SPEAK:
        session.execute(text(words))
