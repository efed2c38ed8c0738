"""What a phone says beside a report or an action: its clock, how good its position was, how its photos were taken.

Nothing of it is refused: field work is kept, and what is doubtful is flagged on its event with the raw values, for
whoever assigns and reviews. Members that a client does not know it may leave out.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from flask import current_app
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gridapp.config import Settings
from gridapp.services.moments import Moment
from gridapp.timesource import now

MOST_FIXES = 20
MOST_PHOTOS = 40
_CLOCK = re.compile(r" *(?P<ms>[+-]?[0-9]{1,12}) *(?P<guess>; *guess *)?")

Why = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00]*$", strip_whitespace=True)]


class _Said(BaseModel):
    """A part of a body that says nothing unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Fix(_Said):
    """One fix as the phone had it, raw."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    accuracy: float | None = Field(None, ge=0, le=1_000_000)
    at: Moment | None = None
    mock: bool = False


class PositionNote(_Said):
    """Where the position comes from, why a poor one was taken all the same, and the fixes that there were."""

    source: Literal["gnss", "network", "pin", "building", "unknown"] | None = None
    reason: Why | None = None
    fixes: Annotated[tuple[Fix, ...], Field(max_length=MOST_FIXES)] = ()


class PhotoNote(_Said):
    """When and which way a photo was taken, and where, by the phone and not by what the camera wrote into it."""

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    taken_at: Moment | None = None
    heading: float | None = Field(None, ge=0, le=360)
    location: Fix | None = None


class Placed(_Said):
    """What is known of the place that was sent."""

    accuracy: float | None
    mock: bool


PhotoNotes = Annotated[tuple[PhotoNote, ...], Field(max_length=MOST_PHOTOS)]


@dataclass(frozen=True)
class Clock:
    """How far a phone's clock was off.

    Attributes:
        ahead_ms: milliseconds that it was ahead of ours; None where it is not known.
        off: whether that is more than the settings allow.
    """

    ahead_ms: int | None = None
    off: bool = False


def clock_of(sending: str | None, writing: str | None, settings: Settings) -> Clock:
    """The clock under which something was written.

    A header that cannot be read says nothing.

    Args:
        sending: the phone's own time of sending, RFC 3339.
        writing: by how many milliseconds its clock was ahead of ours at writing, as the phone knows it; with
            ``; guess`` where the clock may have been moved since the phone knew: then what is farther off counts.
        settings: for what is allowed.
    """
    now_ahead, said = _ahead_at(sending), _CLOCK.fullmatch(writing or "")
    known = [now_ahead] if now_ahead is not None else []
    if said:
        then = int(said["ms"])
        known = [then, *known] if said["guess"] else [then]
    ahead = max(known, key=abs, default=None)
    return Clock(ahead, ahead is not None and _too_far(ahead, settings))


def clock_at(clock: Clock, at: dt.datetime) -> Clock:
    """The same, where a time of writing that is yet to come shows that the clock was ahead."""
    settings: Settings = current_app.extensions["settings"]
    early = round((at - now()).total_seconds() * 1000)
    return Clock(max(early, clock.ahead_ms or 0), True) if early > 0 and _too_far(early, settings) else clock


def _ahead_at(said: str | None) -> int | None:
    try:
        at = dt.datetime.fromisoformat(said or "")
    except ValueError:
        return None
    return None if at.tzinfo is None else round((at - now()).total_seconds() * 1000)


def _too_far(ms: int, settings: Settings) -> bool:
    return abs(ms) > settings.clock_skew_seconds * 1000


def facts_of(
    clock: Clock,
    place: Placed | None,
    position: PositionNote | None,
    photos: Iterable[PhotoNote],
    *,
    accuracy_m: float,
) -> dict[str, Any] | None:
    """What goes with the event; None where there is nothing to say."""
    facts: dict[str, Any] = {}
    if clock.ahead_ms is not None:
        facts["skew_ms"] = clock.ahead_ms
        facts["clock_off"] = clock.off
    said = position.model_dump(mode="json", exclude_unset=True) if position else {}
    doubts = _doubts(place, accuracy_m)
    if doubts or said:
        facts["position"] = {**said, "doubts": doubts, "accuracy_limit_m": accuracy_m}
    notes = [note.model_dump(mode="json", exclude_unset=True) for note in photos]
    if notes:
        facts["photos"] = notes
    return facts or None


def _doubts(place: Placed | None, accuracy_m: float) -> list[str]:
    if place is None:
        return []
    inaccurate = ["accuracy"] if place.accuracy is not None and place.accuracy > accuracy_m else []
    return inaccurate + (["mock"] if place.mock else [])


def far_limit_m() -> int:
    """How far from the own grid is far."""
    settings: Settings = current_app.extensions["settings"]
    return settings.position_far_m
