"""Times that phones and people send, kept to years that the database, every zone and every reader can hold."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from flask import current_app
from pydantic import AfterValidator, AwareDatetime
from pydantic_core import PydanticCustomError

from gridapp.timesource import now

EARLIEST = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
LATEST = dt.datetime(2200, 1, 1, tzinfo=dt.UTC)


def _plausible(moment: dt.datetime) -> dt.datetime:
    """Other years are slips; near the years 1 and 9999 a time could be stored that nobody can read again."""
    if not EARLIEST <= moment <= LATEST:
        raise PydanticCustomError("implausible_time", "The year cannot be right")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_plausible)]


def today() -> dt.date:
    """The date where the house is, which begins hours before that of UTC does, or after it."""
    date: dt.date = now().astimezone(current_app.extensions["settings"].timezone).date()
    return date


def stamp(value: dt.datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return None if value is None else value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
