"""Statements of the hot routes: one text for all who ask at once, prepared once a connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from psycopg import Connection, RawCursor
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb


class Statement:
    """A text over the rows of ``asked``, one an asker, with ``nth`` as their number.

    Its only parameter is the list of askers as JSON, so that its plan is the same for one and for many. Since the
    number is unknown to the planner, what is looked up by a key is looked up laterally with a limit: joins would be
    planned as if there were a hundred.

    Args:
        columns: name and type of each column of ``asked``.
        text: what follows ``with asked as (…)``; each row that it answers has the ``nth`` of its asker.
    """

    def __init__(self, columns: Mapping[str, str], text: str) -> None:
        self._names = tuple(columns)
        listed = ", ".join(f"{name} {kind}" for name, kind in {"nth": "int", **columns}.items())
        self._text = f"with asked as materialized (select * from jsonb_to_recordset($1::jsonb) as r ({listed})){text}"

    def row(self, connection: Connection[Any], values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Run it for one asker; answers the row by column name, or None."""
        return self.rows(connection, [values])[0]

    def rows(self, connection: Connection[Any], asked: Sequence[Mapping[str, Any]]) -> list[dict[str, Any] | None]:
        """Run it for many; answers a row or None for each, in their order."""
        records = [{"nth": nth, **{name: one[name] for name in self._names}} for nth, one in enumerate(asked)]
        parameter = orjson.dumps(records, default=_plain).decode()
        answers: list[dict[str, Any] | None] = [None] * len(records)
        with RawCursor(connection, row_factory=dict_row) as cursor:
            for row in cursor.execute(self._text, [parameter], prepare=True):
                answers[row.pop("nth")] = row
        return answers


def _plain(value: object) -> object:
    """What JSON has no word for, as the column's type reads it."""
    if isinstance(value, Jsonb):
        return value.obj
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(type(value).__name__)
