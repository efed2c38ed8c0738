"""Notes for who reviews: what is worth a closer look at a task, as facts; they count against nobody."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from geodata import crs
from geodata.errors import GeodataError
from gridapp.access import AUDITOR, CHIEF, REVIEWER, Principal
from gridapp.db import session
from gridapp.services import scope
from gridapp.services.ground.locate import metres
from gridapp.services.integrity import facts
from gridapp.services.integrity.looks import ALIKE

SHOWN_TO = (REVIEWER, CHIEF, AUDITOR)
ELSEWHERE_M = 300
"""Beyond it, and twice the accuracy that the phone told, a photo was taken elsewhere."""
LONG_AGO = dt.timedelta(hours=24)
BURST_WITHIN, BURST = dt.timedelta(minutes=10), 3
NAMED = 5

_QUARTERS = " or ".join(f"((o.look >> {16 * n}) & 65535) = ((f.look >> {16 * n}) & 65535)" for n in range(4))
_IN_SCOPE = scope.TASK_SQL.format(grid="g", task="t")

TASK = """
select ST_X(t.geom) as lon, ST_Y(t.geom) as lat, coalesce(t.accuracy, 0) as accuracy, t.mock, t.reported_at,
  t.reporter_id, t.fed_back_by, t.fed_back_at, t.handlers,
  array(select e.action from task_event e where e.task_id = t.id and e.mock order by e.seq) as mocked
from task t where t.id = %(id)s
"""
PHOTOS = """
select p.sha256, p.phase, f.look, f.taken_at, f.lon, f.lat, e.at
from task_photo p join task_event e on e.id = p.event_id left join photo_fact f on f.sha256 = p.sha256
where p.task_id = %(id)s order by e.seq, p.ordinal
"""
SEEN = f"""
with own as (
  select p.sha256, f.look, min(e.at) as at from task_photo p join task_event e on e.id = p.event_id
  left join photo_fact f on f.sha256 = p.sha256 where p.task_id = %(id)s group by p.sha256, f.look
), alike as (
  select own.sha256 as mine, own.at, o.sha256 as other from own join photo_fact f on f.sha256 = own.sha256
  join photo_fact o on o.look is not null and ({_QUARTERS}) and bit_count((o.look # f.look)::bit(64)) <= {ALIKE}
  where f.look is not null
  union select sha256, at, sha256 from own
)
select distinct t.number, t.id
from alike join task_photo p on p.sha256 = alike.other and p.task_id <> %(id)s
join task_event e on e.id = p.event_id and e.at < alike.at
join task t on t.id = p.task_id join grid g on g.id = t.grid_id
where {_IN_SCOPE} order by t.number limit {NAMED}
"""
TOGETHER = f"""
select t.number, t.id from task t join grid g on g.id = t.grid_id
where t.reporter_id = %(person)s and t.fed_back_by = %(person)s and t.fed_back_at between %(from)s and %(until)s
  and {_IN_SCOPE} order by t.fed_back_at limit 50
"""


@dataclass(frozen=True)
class Note:
    """Something worth a closer look.

    Attributes:
        code: what kind it is.
        en: the fact in English.
        zh: the fact in Chinese.
        tasks: other tasks that it speaks of, as number and id.
    """

    code: str
    en: str
    zh: str
    tasks: list[tuple[int, uuid.UUID]] = field(default_factory=list)


def of_task(who: Principal, task_id: uuid.UUID) -> list[Note]:
    """Notes on a task that the person may see; none for who may not review, or handled it."""
    if who.role not in SHOWN_TO:
        return []
    row = _rows(TASK, id=task_id)[0]
    if who.person_id in row.handlers:
        return []
    facts.ensure(photo.sha256 for photo in _rows(PHOTOS, id=task_id))
    photos = _rows(PHOTOS, id=task_id)
    return [*_mocked(row), *_seen_before(who, task_id), *_unchanged(photos), *_apart(row, photos), *_burst(who, row)]


def _rows(sql: str, **values: Any) -> list[Any]:
    return list(session.connection().exec_driver_sql(sql, values))


def _mocked(row: Any) -> list[Note]:
    if not (row.mock or row.mocked):
        return []
    where = ("the report", "上报") if row.mock else ("the feedback", "反馈")
    return [
        Note(
            "mock",
            f"The phone said that its position was simulated ({where[0]}).",
            f"手机标明其位置为模拟位置（{where[1]}）。",
        )
    ]


def _seen_before(who: Principal, task_id: uuid.UUID) -> list[Note]:
    found = [(row.number, row.id) for row in _rows(SEEN, id=task_id, **scope.params(who))]
    if not found:
        return []
    en = "A photo looks like one of an earlier task."
    return [Note("seen_before", en, "有照片与此前任务的照片相同或极为相似。", found)]


def _unchanged(photos: list[Any]) -> list[Note]:
    """The matter afterwards looks as it did before."""
    before = [photo for photo in photos if photo.phase == "before"]
    after = [photo for photo in photos if photo.phase == "after"]
    if not any(_alike(one, other) for one in before for other in after):
        return []
    en = "A photo afterwards looks like the photo before."
    return [Note("unchanged", en, "处置后的照片与处置前的照片相同或极为相似。")]


def _alike(one: Any, other: Any) -> bool:
    if one.sha256 == other.sha256:
        return True
    return (
        one.look is not None and other.look is not None and ((one.look ^ other.look) & (2**64 - 1)).bit_count() <= ALIKE
    )


def _apart(row: Any, photos: list[Any]) -> list[Note]:
    """Photos taken elsewhere, or long before what they show, by what their cameras wrote."""
    notes: list[Note] = []
    far = max((_metres_away(row, photo) for photo in photos), default=0.0)
    if far > max(ELSEWHERE_M, 2 * row.accuracy):
        notes.append(
            Note(
                "elsewhere",
                f"By its camera a photo was taken {far:,.0f} m from the place of the task.",
                f"照片记录的拍摄位置距任务地点 {far:,.0f} 米。",
            )
        )
    late = max((age for photo in photos if (age := _too_old(row, photo))), default=None)
    if late:
        hours = round(late.total_seconds() / 3600)
        notes.append(
            Note(
                "long_ago",
                f"By its camera a photo was taken {hours:,} h before what it is to show.",
                f"照片记录的拍摄时间早于应有时间 {hours:,} 小时。",
            )
        )
    return notes


def _metres_away(row: Any, photo: Any) -> float:
    """From the place of the task; read in the Chinese map datum where that is nearer, for some cameras write that."""
    if row.lon is None or photo.lon is None:
        return 0.0
    places = [(photo.lon, photo.lat)]
    with contextlib.suppress(GeodataError):
        places.append(crs.to_wgs84(photo.lon, photo.lat, "gcj02"))
    return min(metres(row.lon, row.lat, *place) for place in places)


def _too_old(row: Any, photo: Any) -> dt.timedelta | None:
    """How long before: a photo before may be a day older than the report, one afterwards not older than it at all."""
    if photo.taken_at is None:
        return None
    age: dt.timedelta = row.reported_at - photo.taken_at
    return age if age > (LONG_AGO if photo.phase == "before" else dt.timedelta(minutes=10)) else None


def _burst(who: Principal, row: Any) -> list[Note]:
    """The same person reported and closed several tasks within minutes."""
    if row.fed_back_by is None or row.fed_back_by != row.reporter_id or row.fed_back_at is None:
        return []
    around = {"from": row.fed_back_at - BURST_WITHIN, "until": row.fed_back_at + BURST_WITHIN}
    found = [(one.number, one.id) for one in _rows(TOGETHER, person=row.fed_back_by, **around, **scope.params(who))]
    if len(found) < BURST:
        return []
    minutes = round(2 * BURST_WITHIN.total_seconds() / 60)
    return [
        Note(
            "burst",
            f"The same person reported and closed {len(found)} tasks within {minutes} minutes.",
            f"同一人在 {minutes} 分钟内自报自结 {len(found)} 件任务。",
            found[:NAMED],
        )
    ]
