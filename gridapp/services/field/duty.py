"""On and off duty: a shift is open from the one to the other, and the database keeps a person from having two."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, cast

from geoalchemy2.elements import WKTElement
from pydantic import AwareDatetime
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.dialects.postgresql import Range

from gridapp.access import Principal
from gridapp.config import Settings
from gridapp.db import flush, session
from gridapp.errors import Problem, invalid
from gridapp.models import Shift
from gridapp.services.field.tracks import FUTURE
from gridapp.services.moments import stamp
from gridapp.services.reporting.report_rules import Location, Strict, wgs84
from gridapp.services.tasking.task_checks import point
from gridapp.timesource import now


class DutyRequest(Strict):
    """Going on or off duty, by the phone's clock."""

    on: bool
    at: AwareDatetime
    location: Location | None = None


def set_duty(who: Principal, settings: Settings, request: DutyRequest) -> dict[str, Any]:
    """Go on or off duty; saying it again answers the same shift.

    Raises:
        Problem: ``invalid`` for a time that cannot be, ``already_on_duty`` where it lies in another shift, ``conflict``
            for going off without having been on.
    """
    _check_time(settings, request.at)
    place = _point(request.location)
    shift = (_on if request.on else _off)(who, request.at.astimezone(dt.UTC), place)
    flush()
    return document(shift)


def state(person_id: uuid.UUID) -> dict[str, Any]:
    """Whether the person is on duty, and since when."""
    shift = session.scalar(_of(person_id, func.upper_inf(Shift.during)))
    return {"on": shift is not None, "since": stamp(shift.during.lower) if shift else None}


def document(shift: Shift) -> dict[str, Any]:
    """A shift as JSON members."""
    return {
        "id": str(shift.id),
        "on": shift.during.upper is None,
        "since": stamp(shift.during.lower),
        "until": stamp(shift.during.upper),
    }


def _of(person_id: uuid.UUID | None, condition: ColumnElement[bool]) -> Select[Shift]:
    return select(Shift).where(Shift.person_id == person_id, condition)


def _on(who: Principal, at: dt.datetime, place: WKTElement | None) -> Shift:
    there = session.scalar(_of(who.person_id, func.upper_inf(Shift.during) | (func.lower(Shift.during) == at)))
    if there is not None:
        return there
    shift = Shift(person_id=who.person_id, during=Range(at, None), on_geom=place)
    session.add(shift)
    return shift


def _off(who: Principal, at: dt.datetime, place: WKTElement | None) -> Shift:
    opened = session.scalar(_of(who.person_id, func.upper_inf(Shift.during)).with_for_update())
    if opened is None:
        closed = session.scalar(_of(who.person_id, func.upper(Shift.during) == at))
        if closed is None:
            raise Problem("conflict", why=("you are not on duty", "您当前不在岗"))
        return closed
    start = opened.during.lower
    if start is None or at <= start:
        raise invalid(at=("too_early", "Off duty comes after on duty.", "下岗时间须晚于上岗时间。"))
    opened.during = Range(start, at)
    opened.off_geom = cast("Any", place)
    return opened


def _check_time(settings: Settings, at: dt.datetime) -> None:
    if at > now() + FUTURE:
        raise invalid(at=("in_the_future", "The phone's clock is ahead. Set it right.", "手机时间偏快，请校准。"))
    if at < now() - dt.timedelta(days=settings.position_max_age_days):
        raise invalid(at=("too_old", "This is too long ago.", "时间过早。"))


def _point(location: Location | None) -> WKTElement | None:
    return point(wgs84(location)) if location else None
