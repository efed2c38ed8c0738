"""Orders of another system as tasks, in sets: new ones are filed, changed ones follow by an event, the rest stays.

The order's own number makes it safe to repeat. As long as nobody here has acted on a task, its facts follow the source;
afterwards only the source's status does: an open task that the source closed is resolved, whatever stage it is in.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection
from sqlalchemy import select

from geodata.io import Table
from gridapp.db import session
from gridapp.models import FilingCondition
from gridapp.services.bulk import fill, take_time, wire
from gridapp.services.editions import categories
from gridapp.services.editions.first_edition import ensure_edition
from gridapp.services.ground import locate_sets
from gridapp.services.orders import import_ends
from gridapp.services.orders.import_faults import refused
from gridapp.services.orders.order_mapping import Mapping
from gridapp.services.orders.order_rows import Order, Refusal, orders
from gridapp.services.orders.task_import_sql import CHANGE, COUNT, ENDED, FATES, FILE, FOLLOW, LOCK, MATCH, ROUTE, TELL
from gridapp.timesource import now

Known = dict[str, categories.CategoryFacts]

PHASES = 4

COLUMNS = {
    "row": "int primary key",
    "number": "text",
    "status": "text",
    "closed": "boolean",
    "category": "text",
    "description": "text",
    "address": "text",
    "lon": "float8",
    "lat": "float8",
    "raw_x": "float8",
    "raw_y": "float8",
    "opened": "timestamptz",
    "closed_at": "timestamptz",
    "target": "timestamptz",
    "condition": "text",
    "digest": "bytea",
}
FOUND = """fate text not null default 'new', task_id uuid, untouched boolean, geom geometry(Point, 4326)
  generated always as (case when lon is not null then ST_SetSRID(ST_MakePoint(lon, lat), 4326) end) stored"""

UNPLACED = "select row, geom, opened from incoming_order where fate <> 'same'"


@dataclass
class Imported:
    """What became of the rows: ``rows`` = created + unchanged + updated + refused."""

    rows: int = 0
    created: int = 0
    unchanged: int = 0
    updated: int = 0
    located: int = 0
    unlocated: int = 0
    refused: list[Refusal] = field(default_factory=list)


def import_orders(
    table: Table, mapping: Mapping, file: str, *, moved: Callable[[int], object] = lambda _phases: None
) -> Imported:
    """Take the orders of a table in, in the running transaction; the actor is the system.

    Args:
        table: the rows, walked through once.
        mapping: how to read them.
        file: name of the table's file, for what is wrong with it.
        moved: told after each of ``PHASES``.

    Raises:
        ImportRefused: a column or a category that is not there, or no grids yet.
        GeodataError: the file breaks off.
    """
    edition = ensure_edition()
    known = _check(table, mapping, file, edition)
    at = now()
    result = Imported()
    with wire() as connection:
        take_time(connection)
        connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (mapping.origin,))
        root = _root(connection, file)
        fill(connection, "incoming_order", COLUMNS, _members(orders(table, mapping, at), known, result), FOUND)
        moved(1)
        values = {"origin": mapping.origin, "crs": mapping.crs, "edition": edition, "at": at, "levels": None}
        connection.execute("analyze incoming_order")
        connection.execute(MATCH, values)
        locate_sets.place(connection, UNPLACED, at, root)
        moved(1)
        connection.execute(FILE, values)
        moved(1)
        ended = _follow(connection, values)
        _count(connection, values, result)
        moved(1)
    import_ends.follow(ended)
    return result


def _check(table: Table, mapping: Mapping, file: str, edition: str) -> Known:
    """Every column and category that the mapping names must be there; what the catalogue says of these categories."""
    missing = sorted(
        {*mapping.columns.all(), *mapping.category.columns, *mapping.condition.columns} - set(table.columns)
    )
    if missing:
        there = ", ".join(table.columns)
        why = (f"there is no column {', '.join(missing)}", f"没有列 {'、'.join(missing)}")
        raise refused(why, (f"Its columns are: {there}.", f"现有列：{there}。"), file=file)
    wanted = {*mapping.category.codes.values(), mapping.category.default} - {None}
    known = select(FilingCondition.category_code).where(FilingCondition.edition == edition).distinct()
    unknown = sorted(str(code) for code in wanted - set(session.scalars(known)))
    if unknown:
        why = (
            f"the mapping names categories that the catalogue does not have: {', '.join(unknown)}",
            f"映射中的类别不在事项目录中：{'、'.join(unknown)}",
        )
        raise refused(why, ("Name minor classes of the edition in force.", "请使用现行目录的小类编码。"), file=file)
    return {str(code): categories.facts(str(code), edition) for code in wanted}


def _root(connection: Connection[Any], file: str) -> int:
    root = locate_sets.first_root(connection)
    if root is None:
        hint = ("Import boundaries first: gridapp grids import.", "请先导入边界：gridapp grids import。")
        raise refused(("there are no grids yet", "尚无网格"), hint, file=file)
    return root


def _members(told: Iterator[tuple[int, Order | Refusal]], known: Known, result: Imported) -> Iterator[tuple[Any, ...]]:
    for row, order in told:
        result.rows += 1
        if isinstance(order, Refusal):
            result.refused.append(order)
        elif (wrong := categories.wrong_condition(known[order.category], order.condition)) is not None:
            result.refused.append(Refusal(row, wrong.code, wrong.en, wrong.zh))
        else:
            yield row, *_order_members(order)


def _order_members(order: Order) -> tuple[Any, ...]:
    return *(getattr(order, name) for name in ORDER), order.digest


ORDER = tuple(COLUMNS)[1:-1]


def _follow(connection: Connection[Any], values: dict[str, Any]) -> list[uuid.UUID]:
    """Let changed orders be followed by their tasks: first the events, then the rows, which the database compares.

    Returns:
        Tasks that ended with it and concern somebody here.
    """
    connection.execute(LOCK)
    connection.execute("drop table if exists amended")
    for statement in (CHANGE, TELL, FOLLOW, ROUTE):
        connection.execute(statement, values)
    return [row[0] for row in connection.execute(ENDED)]


def _count(connection: Connection[Any], values: dict[str, Any], result: Imported) -> None:
    fates = dict(connection.execute(FATES).fetchall())
    result.created, result.unchanged, result.updated = (fates.get(fate, 0) for fate in ("new", "same", "changed"))
    result.located, result.unlocated = connection.execute(COUNT, values).fetchone() or (0, 0)
