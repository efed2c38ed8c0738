"""The extensions that every database of the program needs: made where the role may, else told to who may."""

from collections.abc import Iterable

import psycopg
from psycopg import sql

from gridapp.cluster.install import ClusterError

EXTENSIONS = ("postgis", "btree_gist")


def statements(names: Iterable[str] = EXTENSIONS) -> str:
    """The SQL that makes them, in a line."""
    return " ".join(f"create extension {name};" for name in names)


def missing(connection: psycopg.Connection) -> list[str]:
    """Names of those that the database lacks."""
    rows = connection.execute("select extname from pg_extension where extname = any(%s)", [list(EXTENSIONS)]).fetchall()
    there = {row[0] for row in rows}
    return [name for name in EXTENSIONS if name not in there]


def make_extensions(connection: psycopg.Connection) -> None:
    """Makes those that are missing, in the running transaction.

    Raises:
        ClusterError: the role may not, or the server has no such extension; the text says what to run there.
    """
    names = missing(connection)
    try:
        for name in names:
            connection.execute(sql.SQL("create extension if not exists {}").format(sql.Identifier(name)))
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported) as error:
        reason = str(error).partition("\n")[0]
        raise ClusterError(
            f"the database lacks {', '.join(names)} ({reason}): install them on its server,"
            f" and as a superuser run in this database: {statements(names)}"
        ) from None
