"""One row of somebody else's table as an order: read by the mapping, or refused with a reason."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Collection, Iterator
from dataclasses import astuple, dataclass
from typing import Any

import orjson

from geodata import crs as systems
from geodata.errors import GeodataError
from geodata.io import Table, TableRow
from gridapp.services.orders.order_mapping import Categories, Mapping

LONGEST = 4000
FIRST_YEAR = 1900


@dataclass(frozen=True)
class Order:
    """An order as its source gives it: times aware, the point in EPSG:4326 beside the raw pair."""

    number: str
    status: str | None
    closed: bool
    category: str
    description: str
    address: str | None
    lon: float | None
    lat: float | None
    raw_x: float | None
    raw_y: float | None
    opened: dt.datetime
    closed_at: dt.datetime | None
    target: dt.datetime | None
    condition: str | None = None

    @property
    def digest(self) -> bytes:
        """Of everything that the source says, to see whether it says anything else the next time."""
        said = astuple(self)
        return hashlib.sha256(orjson.dumps(said if self.condition else said[:-1])).digest()


@dataclass(frozen=True)
class Refusal:
    """Why a row did not become a task; ``row`` counts as the reader of its format does."""

    row: int
    code: str
    en: str
    zh: str


class _Refused(Exception):
    def __init__(self, code: str, en: str, zh: str) -> None:
        self.words = (code, en, zh)
        super().__init__(en)


def orders(table: Table, mapping: Mapping, now: dt.datetime) -> Iterator[tuple[int, Order | Refusal]]:
    """Every row with its number, as an order or as a refusal; a number that comes again is refused."""
    seen: dict[str, int] = {}
    for row in table.rows:
        try:
            order = _order(row, mapping, now)
            _check_first(order.number, seen)
        except _Refused as refusal:
            yield row.number, Refusal(row.number, *refusal.words)
            continue
        seen[order.number] = row.number
        yield row.number, order


def _check_first(number: str, seen: dict[str, int]) -> None:
    if number in seen:
        raise _Refused("twice", f"the number stands in row {seen[number]} too", f"编号与第 {seen[number]} 行重复")


def _order(row: TableRow, mapping: Mapping, now: dt.datetime) -> Order:
    if row.fault is not None:
        raise _Refused("broken", row.fault.message_en, row.fault.message_zh)
    values, columns = row.cells, mapping.columns
    number = _text(values.get(columns.number))
    if not number:
        raise _Refused("no_number", "the order has no number", "缺少工单编号")
    opened = _time(values, columns.opened, mapping)
    if opened is None:
        raise _Refused("no_time", "the order has no opening time", "缺少受理时间")
    status = _text(values.get(columns.status)) if columns.status else ""
    closed_at = _time(values, columns.closed, mapping)
    closed = _closed(status, closed_at, mapping)
    _check_times(opened, closed_at if closed else None, now)
    category = _code(values, mapping.category)
    if category is None:
        words = " / ".join(_text(values.get(name)) for name in mapping.category.columns)
        raise _Refused("unknown_category", f"the category “{words}” is not in the mapping", f"映射中没有类别“{words}”")
    place = _place(values, mapping)
    address = _joined(values, columns.address)
    if place is None and not address:
        raise _Refused("no_place", "the order has neither a point nor an address", "既无坐标也无地址")
    return Order(
        number=number,
        status=status or None,
        closed=closed,
        category=category,
        description=_joined(values, columns.description) or number,
        address=address or None,
        opened=opened,
        closed_at=closed_at or opened if closed else None,
        target=_time(values, columns.target, mapping),
        condition=_code(values, mapping.condition),
        **(place or dict.fromkeys(("lon", "lat", "raw_x", "raw_y"))),
    )


def _text(value: Any) -> str:
    """A cell as one line of text; whole numbers lose their ".0"."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).replace("\0", "").split())


def _joined(values: dict[str, Any], columns: Collection[str]) -> str:
    whole = " · ".join(dict.fromkeys(filter(None, (_text(values.get(name)) for name in columns))))
    return whole if len(whole) <= LONGEST else f"{whole[: LONGEST - 1]}…"


def _time(values: dict[str, Any], column: str | None, mapping: Mapping) -> dt.datetime | None:
    value = values.get(column) if column else None
    if value is None or value == "":
        return None
    try:
        told = value if isinstance(value, dt.datetime) else _parsed(value, mapping.time_format)
        aware = (told if told.tzinfo else told.replace(tzinfo=mapping.timezone)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        aware = None
    if aware is None or aware.year < FIRST_YEAR:
        raise _Refused("bad_time", f"{column}: “{value}” is no time", f"{column}：“{value}”不是有效时间")
    return aware


def _parsed(value: Any, form: str | None) -> dt.datetime:
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time())
    text = str(value).strip()
    return dt.datetime.strptime(text, form) if form else dt.datetime.fromisoformat(text)  # noqa: DTZ007 - zone follows


def _check_times(opened: dt.datetime, closed: dt.datetime | None, now: dt.datetime) -> None:
    if opened > now:
        raise _Refused("in_the_future", "the opening time lies in the future", "受理时间在未来")
    if closed is None:
        return
    if closed > now:
        raise _Refused("in_the_future", "the closing time lies in the future", "办结时间在未来")
    if closed < opened:
        raise _Refused("closed_before_opened", "it was closed before it was opened", "办结时间早于受理时间")


def _closed(status: str, closed_at: dt.datetime | None, mapping: Mapping) -> bool:
    known = mapping.status
    if not (known.open or known.closed):
        return closed_at is not None
    if status in known.closed:
        return True
    if status in known.open:
        return False
    raise _Refused("unknown_status", f"the status “{status}” is not in the mapping", f"映射中没有状态“{status}”")


def _code(values: dict[str, Any], known: Categories) -> str | None:
    said = (_text(values.get(name)) for name in known.columns)
    return next((known.codes[word] for word in said if word in known.codes), known.default)


def _place(values: dict[str, Any], mapping: Mapping) -> dict[str, float] | None:
    """The point, None where there is none: blank, 0/0, or no place on Earth."""
    columns = mapping.columns
    if columns.lon is None or columns.lat is None:
        return None
    try:
        x, y = float(values.get(columns.lon) or 0), float(values.get(columns.lat) or 0)
        if not (math.isfinite(x) and math.isfinite(y)) or (x == 0 and y == 0):
            return None
        lon, lat = systems.to_wgs84(x, y, mapping.crs)
    except (ValueError, TypeError, GeodataError):
        return None
    return {"lon": round(lon, 9), "lat": round(lat, 9), "raw_x": x, "raw_y": y}
