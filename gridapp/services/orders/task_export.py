"""Tasks out: a row each, streamed from the database, personal data masked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import select

from geodata import crs
from geodata.io import write_table
from geodata.io.layer_parts import write_parts
from gridapp.access import SYSTEM
from gridapp.db import session
from gridapp.models import Grid
from gridapp.services import audit
from gridapp.services.bulk import take_time, wire
from gridapp.services.ground.areas import no_such_area
from gridapp.services.tasking.task_view import REPORTERS

BATCH = 20_000
PARTS = 100
PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
IDENTITY = re.compile(r"(?<!\d)(\d{6})\d{8}(\d{3}[\dXx])(?!\w)")

COLUMNS = {
    "number": "t.number",
    "id": "t.id::text",
    "stage": "t.stage",
    "outcome": "t.outcome",
    "source": "t.source",
    "origin": "t.origin",
    "origin_number": "t.origin_number",
    "origin_status": "t.origin_status",
    "category": "t.category_code",
    "category_zh": "c.name_zh",
    "category_en": "c.name_en",
    "condition": "t.condition_code",
    "condition_zh": "fc.text_zh",
    "condition_en": "fc.text_en",
    "description": "t.description",
    "address": "t.address",
    "lon": "ST_X(t.geom)",
    "lat": "ST_Y(t.geom)",
    "located": "t.located",
    "grid": "g.code",
    "grid_name": "g.name",
    "reporter": "r.name",
    "assignee": "coalesce(pp.name, u.name)",
    "class": "t.task_class",
    "reported_at": "t.reported_at",
    "assigned_at": "t.assigned_at",
    "due_at": "t.due_at",
    "fed_back_at": "t.fed_back_at",
    "closed_at": "t.closed_at",
    "reporters": REPORTERS.removesuffix(" as reporters"),
    "check_of": "(select x.number from task x where x.id = t.check_of)",
    "check_kind": "t.check_kind",
    "check_result": "t.check_result",
    "units_assisting": "(select count(*) from assist a where a.task_id = t.id)",
    "reworks": "t.rework_count",
    "score_speed": "t.score_speed",
    "score_quality": "t.score_quality",
    "satisfied": "t.satisfied",
}
CHOSEN = """
where (%(since)s::timestamptz is null or t.reported_at >= %(since)s)
  and (%(until)s::timestamptz is null or t.reported_at < %(until)s)
  and (%(scope)s::bigint is null or g.path && array[%(scope)s]::bigint[])
"""
COUNT = f"select count(*) from task t join grid g on g.id = t.grid_id {CHOSEN}"
ROWS = f"""
select {", ".join(COLUMNS.values())}, pp.name is not null
from task t join grid g on g.id = t.grid_id join category c on c.edition = t.edition and c.code = t.category_code
left join filing_condition fc on fc.edition = t.edition and fc.code = t.condition_code
left join person r on r.id = t.reporter_id left join post po on po.id = t.assignee_post_id
left join person pp on pp.id = po.person_id left join unit u on u.id = t.assignee_unit_id
{CHOSEN}
order by t.reported_at, t.id
"""


def export(
    file: Path,
    since: dt.datetime | None,
    until: dt.datetime | None,
    scope: str | None,
    *,
    moved: Callable[[int], object] = lambda _parts: None,
) -> int:
    """Write the tasks reported in ``[since, until)`` below an area; how many there are.

    `moved` is told how many more of ``PARTS`` are written.

    Raises:
        Problem: ``invalid`` where there is no such area.
        CannotWrite: another ending, or a folder that cannot be written.
    """
    area = session.scalar(select(Grid).where(Grid.code == scope)) if scope else None
    if scope and area is None:
        raise no_such_area("scope", scope)
    rows = _Counted({"since": since, "until": until, "scope": area.id if area else None}, moved)
    if file.suffix.lower() == ".gpkg":
        write_parts(_frames(rows), file, "tasks")
    else:
        write_table(rows, file, list(COLUMNS))
    audit.note(SYSTEM, "export", "task", file.name, area.id if area else None, count=rows.count)
    return rows.count


class _Counted:
    """Rows that count themselves while they are walked through, and tell how many of ``PARTS`` that is."""

    def __init__(self, values: dict[str, Any], moved: Callable[[int], object]) -> None:
        self._values, self._moved = values, moved
        self.count = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        with wire() as connection:
            take_time(connection)
            row = connection.execute(COUNT, self._values).fetchone()
        total, told = row[0] if row else 0, 0
        for one in _rows(self._values):
            self.count += 1
            if (reached := min(self.count * PARTS // max(total, 1), PARTS)) > told:
                self._moved(reached - told)
                told = reached
            yield one


def _rows(values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """From a cursor on the server, so that a million tasks need no more memory than a batch."""
    with wire() as connection, connection.cursor("tasks_out") as cursor:
        cursor.itersize = BATCH
        for row in cursor.execute(ROWS, values):
            yield _masked(dict(zip(COLUMNS, row, strict=False)), personal=row[-1])


def _masked(row: dict[str, Any], *, personal: bool) -> dict[str, Any]:
    """Names of persons by their first letter, numbers of phones and identity cards without their middle."""
    row["reporter"] = _name(row["reporter"])
    row["assignee"] = _name(row["assignee"]) if personal else row["assignee"]
    for column in ("description", "address"):
        row[column] = masked_text(row[column])
    return row


def masked_text(text: str | None) -> str | None:
    """Text in which the numbers of mobile phones and identity cards lack their middle."""
    return IDENTITY.sub(r"\1********\2", PHONE.sub(r"\1****\2", text)) if text else text


def _name(name: str | None) -> str | None:
    return f"{name[0]}**" if name else name


def _frames(rows: _Counted) -> Iterator[gpd.GeoDataFrame]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield _frame(batch)
            batch = []
    yield _frame(batch)


def _frame(batch: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    table = pd.DataFrame(batch, columns=list(COLUMNS))
    for column in COLUMNS:
        if column.endswith("_at"):
            table[column] = pd.to_datetime(table[column], utc=True)
    points = [None if row["lon"] is None else shapely.Point(row["lon"], row["lat"]) for row in batch]
    return gpd.GeoDataFrame(table, geometry=points, crs=crs.wgs84())
