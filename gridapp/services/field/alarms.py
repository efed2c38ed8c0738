"""Calls for help: on every screen of the scope until somebody takes care, by name and time, and on record for good."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from pydantic import StringConstraints
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from gridapp.access import Principal
from gridapp.db import flush, session
from gridapp.errors import Problem
from gridapp.models import Alarm
from gridapp.services import audit
from gridapp.services.digest import content_hash
from gridapp.services.moments import Moment, stamp
from gridapp.services.reporting.report_rules import Location, Strict, wgs84
from gridapp.services.scope import in_scope, the_one
from gridapp.timesource import now

MOST_ON_RECORD = 200

Said = Annotated[str, StringConstraints(max_length=1000, pattern=r"^[^\x00]*$", strip_whitespace=True)]


class AlarmRequest(Strict):
    """A call for help; without a place where the phone has none."""

    id: uuid.UUID
    location: Location | None = None
    note: Said | None = None
    at: Moment | None = None


class AlarmAnswer(Strict):
    """What the one who acknowledges says to it."""

    note: Said | None = None


def call_for_help(who: Principal, request: AlarmRequest) -> tuple[dict[str, Any], bool]:
    """Raise an alarm in the person's own area, wherever they stand; the same again is the same alarm.

    Returns:
        The alarm, and whether it is new.

    Raises:
        Problem: ``id_reused`` where the id has other content, ``invalid`` where the place cannot be.
    """
    digest = content_hash(request.model_dump(mode="json", exclude_unset=True))
    known = session.get(Alarm, request.id)
    if known is not None:
        if known.person_id == who.person_id and known.content_hash == digest:
            return thing(known), False
        raise Problem("id_reused", id=str(request.id))
    if who.person_id is None:
        raise Problem("forbidden", why=("somebody calls", "须由本人呼救"))
    place = request.location
    lon, lat = wgs84(place) if place else (None, None)
    alarm = Alarm(
        id=request.id,
        person_id=who.person_id,
        grid_id=next(iter((*who.post_grid_ids, *who.scope_ids))),
        at=now(),
        device_at=request.at,
        lon=lon,
        lat=lat,
        accuracy=place.accuracy if place else None,
        mock=bool(place and place.mock),
        note=request.note or None,
        content_hash=digest,
    )
    session.add(alarm)
    flush()
    return thing(alarm), True


def acknowledge(who: Principal, alarm_id: uuid.UUID, answer: AlarmAnswer) -> dict[str, Any]:
    """Say that somebody takes care; saying it again changes nothing.

    Raises:
        Problem: ``not_found`` outside the scope, ``forbidden`` for the caller themselves, ``alarm_taken`` where
            somebody else was first.
    """
    alarm = the_one(_seen(who).where(Alarm.id == alarm_id), Alarm, lock=True)
    if alarm.person_id == who.person_id:
        raise Problem("forbidden", why=("somebody else has to take care of it", "须由他人处置"))
    if alarm.acknowledged_by not in (None, who.person_id):
        by = alarm.acknowledger.name if alarm.acknowledger else ""
        raise Problem("alarm_taken", who=by, when=stamp(alarm.acknowledged_at), extra={"alarm": thing(alarm)})
    if alarm.acknowledged_by is None:
        alarm.acknowledged_by, alarm.acknowledged_at, alarm.answer = who.person_id, now(), answer.note or None
        flush()
        session.refresh(alarm)
        audit.note(who, "acknowledge", "alarm", alarm.id, alarm.grid_id)
    return thing(alarm)


def waiting(who: Principal) -> list[dict[str, Any]]:
    """Alarms in scope that nobody takes care of yet, the oldest first."""
    query = _seen(who).where(Alarm.acknowledged_at.is_(None)).order_by(Alarm.at)
    return [thing(alarm) for alarm in session.scalars(query)]


def on_record(who: Principal) -> list[dict[str, Any]]:
    """Alarms in scope, the newest first."""
    query = _seen(who).order_by(Alarm.at.desc()).limit(MOST_ON_RECORD)
    return [thing(alarm) for alarm in session.scalars(query)]


def by_ids(who: Principal, ids: list[uuid.UUID]) -> dict[str, dict[str, Any]]:
    """Alarms in scope by their ids, and the person's own."""
    query = select(Alarm).where(Alarm.id.in_(ids), in_scope(Alarm.grid_id, who) | (Alarm.person_id == who.person_id))
    return {str(alarm.id): thing(alarm) for alarm in session.scalars(query)}


def _seen(who: Principal) -> Select[Alarm]:
    parts = (joinedload(Alarm.person), joinedload(Alarm.acknowledger), joinedload(Alarm.grid))
    return select(Alarm).options(*parts).where(in_scope(Alarm.grid_id, who))


def thing(alarm: Alarm) -> dict[str, Any]:
    """An alarm as JSON members."""
    place = {"lon": alarm.lon, "lat": alarm.lat, "crs": "wgs84", "accuracy": alarm.accuracy, "mock": alarm.mock}
    by = alarm.acknowledger
    return {
        "id": str(alarm.id),
        "person": {"id": str(alarm.person.id), "name": alarm.person.name, "phone": alarm.person.phone},
        "grid": {"code": alarm.grid.code, "name": alarm.grid.name, "name_en": alarm.grid.name_en},
        "at": stamp(alarm.at),
        "device_at": stamp(alarm.device_at),
        "location": place if alarm.lon is not None else None,
        "note": alarm.note,
        "acknowledged": {"by": {"id": str(by.id), "name": by.name}, "at": stamp(alarm.acknowledged_at)} if by else None,
        "answer": alarm.answer,
    }
