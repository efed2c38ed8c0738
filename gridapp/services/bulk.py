"""Many rows at once: the psycopg connection below the session's own transaction, and COPY into temporary tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from psycopg import Connection, sql

from gridapp.db import session
from gridapp.errors import problem_of


@contextmanager
def wire() -> Iterator[Connection[Any]]:
    """The connection of the session's transaction; what the database refuses becomes the problem of its constraint."""
    session.flush()
    try:
        yield cast("Connection[Any]", session.connection().connection.driver_connection)
    except psycopg.IntegrityError as error:
        raise problem_of(error.diag.constraint_name) from error
    finally:
        session.expire_all()


def take_time(connection: Connection[Any]) -> None:
    """Let this transaction wait for its own computations: the limits are meant for clients that went away."""
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(sql.SQL("set local {} = 0").format(sql.Identifier(limit)))


def fill(
    connection: Connection[Any], table: str, columns: dict[str, str], rows: Iterable[Sequence[Any]], more: str = ""
) -> None:
    """Make a temporary table that lives as long as the transaction, and copy rows into it.

    Args:
        connection: of the transaction.
        table: its name; one of that name is replaced.
        columns: types by name, in the order of the rows' members; geometries come as hexadecimal WKB.
        rows: what to copy.
        more: further columns, which the rows do not carry.
    """
    name = sql.Identifier(table)
    parts: list[sql.Composable] = [
        sql.SQL("{} {}").format(sql.Identifier(key), sql.SQL(cast("Any", kind))) for key, kind in columns.items()
    ]
    parts += [sql.SQL(cast("Any", more))] if more else []
    connection.execute(sql.SQL("drop table if exists {}").format(name))
    made = sql.SQL("create temporary table {} ({}) on commit drop").format(name, sql.SQL(", ").join(parts))
    connection.execute(made)
    copy_into(connection, table, list(columns), rows)


def copy_into(connection: Connection[Any], table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a table; members in the order of the columns."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    told = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(told) as copy:
        for row in rows:
            copy.write_row(row)
