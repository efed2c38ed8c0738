"""Visits and patrol points of a grid: planned at the desk for a day or for each, done by whoever stands in the grid."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from gridapp.access import Principal
from gridapp.db import flush, session
from gridapp.errors import Problem, invalid
from gridapp.models import Grid, Stop, StopDone
from gridapp.services import audit
from gridapp.services.drafts import Day, Draft, Line
from gridapp.services.ground.areas import area_by_code
from gridapp.services.moments import Moment, stamp
from gridapp.services.reporting.phone_facts import Why
from gridapp.services.reporting.report_rules import Location, Strict, wgs84
from gridapp.services.scope import in_scope, the_one
from gridapp.timesource import now

MOST = 500


class StopDraft(Draft):
    """What is typed of a stop; without a day it is due on each."""

    grid: Line
    kind: Literal["visit", "patrol"]
    name: Line
    note: Line | None = None
    address: Line | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    day: Day | None = None


class DoneRequest(Strict):
    """I was there: the id is the phone's."""

    id: uuid.UUID
    day: dt.date = Field(ge=dt.date(2000, 1, 1), le=dt.date(2199, 12, 31))
    at: Moment
    location: Location | None = None
    note: Why | None = None


def add(who: Principal, draft: StopDraft) -> Stop:
    """Plan a stop in a grid in scope.

    Raises:
        Problem: ``invalid`` by field.
    """
    if (draft.lon is None) != (draft.lat is None):
        raise invalid(lat=("both", "Give both degrees or none.", "经纬度须同时填写。"))
    grid = area_by_code(who, draft.grid, "grid")
    values = draft.model_dump(exclude={"grid"})
    stop = Stop(id=uuid.uuid4(), grid_id=grid.id, made_by=who.person_id, made_at=now(), **values)
    session.add(stop)
    flush()
    audit.note(who, "add_stop", "stop", stop.id, grid.id, name=stop.name)
    return stop


def retire(who: Principal, stop_id: uuid.UUID) -> None:
    """Plan it no more; what was done stays on record.

    Raises:
        Problem: ``not_found``.
    """
    stop = _one(who, stop_id)
    if stop.retired_at is None:
        stop.retired_at = now()
        flush()
        audit.note(who, "retire_stop", "stop", stop.id, stop.grid_id, name=stop.name)


def planned(who: Principal, day: dt.date) -> list[dict[str, Any]]:
    """The stops of a day in scope with what was done, patrol points and visits by name."""
    query = (
        select(Stop)
        .join(Stop.grid)
        .options(joinedload(Stop.grid))
        .where(in_scope(Stop.grid_id, who), Stop.retired_at.is_(None), (Stop.day == day) | Stop.day.is_(None))
        .order_by(Grid.code, Stop.kind, Stop.name, Stop.id)
        .limit(MOST)
    )
    return _shown(session.scalars(query).all(), StopDone.day == day)


def by_ids(who: Principal, ids: Iterable[uuid.UUID]) -> dict[str, dict[str, Any]]:
    """Stops in scope by their ids, each with the newest day on which somebody was there."""
    query = select(Stop).options(joinedload(Stop.grid)).where(Stop.id.in_(list(ids)), in_scope(Stop.grid_id, who))
    return {one["id"]: one for one in _shown(session.scalars(query).all(), StopDone.day.is_not(None))}


def done(who: Principal, stop_id: uuid.UUID, request: DoneRequest) -> dict[str, Any]:
    """Say that one was there; the same again changes nothing.

    Raises:
        Problem: ``not_found``; ``invalid`` for a day on which the stop is not due; ``stop_done`` where somebody was
            there already; ``id_reused``.
    """
    stop = _one(who, stop_id)
    known = session.get(StopDone, request.id)
    if known is not None:
        if (known.stop_id, known.day, known.person_id) != (stop.id, request.day, who.person_id):
            raise Problem("id_reused", id=str(request.id))
        return _shown([stop], StopDone.day == request.day)[0]
    if stop.day not in (None, request.day):
        raise invalid(day=("not_due", "The stop is not due on this day.", "该点位当日未安排。"))
    there = session.scalar(select(StopDone).where(StopDone.stop_id == stop.id, StopDone.day == request.day))
    if there is not None:
        raise Problem("stop_done", who=there.person.name, when=stamp(there.at))
    lon, lat = wgs84(request.location) if request.location else (None, None)
    session.add(
        StopDone(
            id=request.id,
            stop_id=stop.id,
            day=request.day,
            person_id=who.person_id,
            at=now(),
            device_at=request.at,
            lon=lon,
            lat=lat,
            accuracy=request.location.accuracy if request.location else None,
            note=request.note,
        )
    )
    flush()
    return _shown([stop], StopDone.day == request.day)[0]


def _one(who: Principal, stop_id: uuid.UUID) -> Stop:
    """The stop, locked: two who were there at once are told apart."""
    return the_one(select(Stop).where(Stop.id == stop_id, in_scope(Stop.grid_id, who)), Stop, lock=True)


def _shown(stops: Iterable[Stop], when: ColumnElement[bool]) -> list[dict[str, Any]]:
    wanted = list(stops)
    query = select(StopDone).options(joinedload(StopDone.person)).order_by(StopDone.day)
    found = session.scalars(query.where(StopDone.stop_id.in_([stop.id for stop in wanted]), when))
    were = {one.stop_id: one for one in found}
    return [_thing(stop, were.get(stop.id)) for stop in wanted]


def _thing(stop: Stop, was: StopDone | None) -> dict[str, Any]:
    return {
        "id": str(stop.id),
        "kind": stop.kind,
        "name": stop.name,
        "note": stop.note,
        "address": stop.address,
        "location": {"lon": stop.lon, "lat": stop.lat, "crs": "wgs84"} if stop.lon is not None else None,
        "day": stop.day.isoformat() if stop.day else None,
        "grid": {"code": stop.grid.code, "name": stop.grid.name, "name_en": stop.grid.name_en},
        "retired_at": stamp(stop.retired_at),
        "done": {
            "id": str(was.id),
            "day": was.day.isoformat(),
            "at": stamp(was.at),
            "by": {"id": str(was.person.id), "name": was.person.name},
            "note": was.note,
        }
        if was
        else None,
    }
