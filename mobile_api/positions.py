"""Duty and positions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from flask import Response
from pydantic import Field

from gridapp.doors import principal, settings
from gridapp.services.drafts import Day
from gridapp.services.field import duty, tracks
from gridapp.services.field.duty import DutyRequest
from gridapp.services.field.tracks import MOST_POINTS, Fix
from gridapp.services.reporting.report_rules import Strict
from gridapp.timesource import now
from mobile_api.answers import answer
from mobile_api.calls import Answer, call
from mobile_api.schemas import Crs, Query
from mobile_api.shapes.tracks import PositionsKept, ShiftDocument, Track


class DayQuery(Query):
    """A day by the calendar of the place; today where left out."""

    day: Day | None = None


class Positions(Strict):
    """A batch of positions in one system."""

    points: Annotated[list[Fix], Field(max_length=MOST_POINTS)]
    crs: Crs = "wgs84"


@call(
    "POST",
    "/duty",
    permission="duty.own",
    body=DutyRequest,
    answers={200: Answer("The shift", ShiftDocument)},
    problems=("already_on_duty", "conflict"),
)
def set_duty(body: DutyRequest) -> Response:
    """Go on or off duty."""
    return answer(duty.set_duty(principal(), settings(), body))


@call(
    "POST",
    "/positions",
    permission="position.own",
    rated=False,
    body=Positions,
    answers={200: Answer("What became of them", PositionsKept)},
)
def add_positions(body: Positions) -> Response:
    """Send up to 1,000 positions, in any order; those outside duty are refused, not stored."""
    return answer(asdict(tracks.store(principal(), settings(), body.points, body.crs)))


@call(
    "GET",
    "/positions/mine",
    permission="position.own",
    rated=False,
    query=DayQuery,
    answers={200: Answer("The day as a line", Track)},
)
def my_track(query: DayQuery) -> Response:
    """Read my own track of a day."""
    zone = settings().timezone
    return answer(tracks.track(principal(), query.day or now().astimezone(zone).date(), zone))
