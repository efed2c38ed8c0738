"""Statements of the hot routes, translated to positional parameters once.

psycopg translates ``%(name)s`` at each call and keeps the result only of texts up to 4,096 characters; ours are longer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from psycopg import Connection, RawCursor
from psycopg.rows import dict_row

_NAME = re.compile(r"%\((\w+)\)s")


class Statement:
    """A text with ``%(name)s`` parameters, prepared by the server at its first use on a connection."""

    def __init__(self, text: str) -> None:
        self._names = tuple(dict.fromkeys(_NAME.findall(text)))
        places = {name: f"${place}" for place, name in enumerate(self._names, 1)}
        self._text = _NAME.sub(lambda found: places[found.group(1)], text).replace("%%", "%")

    def row(self, connection: Connection[Any], values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Run it; answers the first row by column name, or None."""
        with RawCursor(connection, row_factory=dict_row) as cursor:
            return cursor.execute(self._text, [values[name] for name in self._names], prepare=True).fetchone()
