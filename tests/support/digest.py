"""What stands in the database, in a few numbers: two digests are the same where nothing was changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from gridapp.db import db, session
from gridapp.models import Base

NOT_KEPT = frozenset({"rate_window", "sign_in_failure"})
"""Tables of what is counted although it is refused."""
PASSING = {"token": ("last_used_at",)}
"""Columns likewise."""


def kept(app: Flask) -> dict[str, tuple[int, int]]:
    """Rows and a hash of all of them, by table."""
    with app.app_context():
        return {name: (count, total) for name, count, total in session.execute(text(_SQL))}


def _one(table: str) -> str:
    gone = ", ".join(f"'{column}'" for column in PASSING.get(table, ()))
    row = f"(to_jsonb(t) - array[{gone}])" if gone else "t"
    return f"select '{table}', count(*), coalesce(sum(hashtextextended({row}::text, 0)::numeric), 0) from {table} t"


_SQL = " union all ".join(_one(table.name) for table in Base.metadata.sorted_tables if table.name not in NOT_KEPT)


@contextmanager
def undone(app: Flask) -> Iterator[None]:
    """What requests do meanwhile is undone, inside the outer transaction of a test."""
    with app.app_context():
        attempt = db.engine.begin_nested()  # type: ignore[attr-defined]  # the test's one connection
    try:
        yield
    finally:
        attempt.rollback()


def undone_unless_refused(app: Flask, ask: Callable[[], TestResponse]) -> TestResponse:
    """The answer; what a refusal leaves behind stays, to be seen by ``kept``."""
    with app.app_context():
        attempt = db.engine.begin_nested()  # type: ignore[attr-defined]  # the test's one connection
    try:
        answer = ask()
    except BaseException:
        attempt.rollback()
        raise
    attempt.rollback() if answer.status_code < 400 else attempt.commit()
    return answer
