"""The session and the one place that commits: a use case is one transaction.

A view that answers below 400 is committed, anything else is rolled back. Services flush before they return, so that
the database's complaints reach the use case and not the commit. What speaks to the world waits in ``after_commit``.
The hot routes are one statement each; they take ``hot()``, a pooled connection in autocommit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

import orjson
import psycopg
from flask import Flask, Response, current_app, g
from flask_sqlalchemy import SQLAlchemy
from psycopg import Connection
from psycopg.types.json import set_json_loads
from psycopg_pool import ConnectionPool, PoolClosed
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gridapp.cluster import Cluster
from gridapp.config import Settings
from gridapp.errors import Problem, problem_of
from gridapp.models import Base

db = SQLAlchemy(metadata=Base.metadata)
session = db.session

POOL_SIZE = 8
# The hot statements are planned once a connection: planning them anew costs more than running them.
HOT_OPTIONS = "-c timezone=UTC -c jit=off -c plan_cache_mode=force_generic_plan"


class HotPool(Protocol):
    """Lends a psycopg connection on which each statement is its own transaction."""

    def connection(self) -> AbstractContextManager[Connection[Any]]:
        """Lend a connection."""
        ...


def database_url(settings: Settings) -> str:
    """URL for psycopg: the server that the settings name, or the private cluster's ``gridapp`` database."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return Cluster(settings.instance).url()


def init_db(app: Flask, url: str) -> None:
    """Join the app to the database and commit after each request."""
    app.config["SQLALCHEMY_DATABASE_URI"] = sqlalchemy_url(url)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_size": POOL_SIZE,
        "max_overflow": POOL_SIZE,
        "pool_pre_ping": True,
        "connect_args": {"options": "-c timezone=UTC -c jit=off"},
    }
    db.init_app(app)
    app.extensions["hot_pool"] = ConnectionPool(
        url.replace("postgresql+psycopg://", "postgresql://", 1),
        min_size=0,
        max_size=POOL_SIZE,
        open=False,
        configure=_read_json_fast,
        kwargs={"autocommit": True, "prepare_threshold": 1, "options": HOT_OPTIONS},
    )
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(PoolTimeout, _busy)
    app.after_request(finish_request)


def _read_json_fast(connection: Connection[Any]) -> None:
    set_json_loads(orjson.loads, connection)


def sqlalchemy_url(url: str) -> str:
    """Name the psycopg 3 driver, which SQLAlchemy does not take by default."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


@contextmanager
def hot() -> Iterator[Connection[Any]]:
    """Lend a connection in autocommit for a route that is one statement.

    Raises:
        Problem: ``busy`` where the server is away, out of connections or cancels the statement.
    """
    pool: HotPool = current_app.extensions["hot_pool"]
    if isinstance(pool, ConnectionPool) and pool.closed:
        pool.open()
    try:
        with pool.connection() as connection:
            yield connection
    except PoolClosed:
        raise
    except psycopg.OperationalError as error:
        raise Problem("busy", seconds=2, headers={"Retry-After": "2"}) from error


def after_commit(call: Callable[[], None]) -> None:
    """Run ``call`` once the transaction of this request is committed, and not at all if it is rolled back."""
    if "after_commit" not in g:
        g.after_commit = []
    g.after_commit.append(call)


def finish_request(response: Response) -> Response:
    """Commit what a view did when it answered below 400, else roll back; then speak."""
    if response.status_code >= 400:  # noqa: PLR2004  # the line that HTTP draws
        session.rollback()
        return response
    try:
        commit()
    except Problem as problem:
        answer: Response = current_app.extensions["problem_response"](problem)
        return answer
    for call in g.pop("after_commit", []):
        call()
    return response


def _busy(_error: Exception) -> Response:
    """The server is away, full, or ended one of two that waited for each other: asked again, it may well do it."""
    session.rollback()
    answer: Response = current_app.extensions["problem_response"](
        Problem("busy", seconds=2, headers={"Retry-After": "2"})
    )
    return answer


@contextmanager
def one_of_many() -> Iterator[None]:
    """A use case of its own inside a request of many: committed at its end, undone where it raises."""
    try:
        yield
        commit()
    except Problem:
        session.rollback()
        g.pop("after_commit", None)
        raise
    for call in g.pop("after_commit", []):
        call()


def commit() -> None:
    """Commit the use case; a constraint that first fires now becomes its problem."""
    if not session.registry.has() or not session().in_transaction():
        return
    with translated():
        session.commit()


@contextmanager
def translated() -> Iterator[None]:
    """Turn the database's complaints into problems by the names of its constraints."""
    try:
        yield
    except IntegrityError as error:
        session.rollback()
        raise problem_of(constraint_of(error)) from error
    except OperationalError as error:
        session.rollback()
        raise Problem("busy", seconds=2, headers={"Retry-After": "2"}) from error


def constraint_of(error: IntegrityError) -> str | None:
    """Name of the constraint that was broken."""
    diag = getattr(error.orig, "diag", None)
    return getattr(diag, "constraint_name", None)


def flush() -> None:
    """Send what is pending now, so that constraints speak inside the use case."""
    with translated():
        session.flush()
