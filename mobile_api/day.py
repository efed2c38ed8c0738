"""My day: tasks, stops, hand-overs, and who looked at where I was."""

from __future__ import annotations

import datetime as dt
import uuid

from flask import Response

from gridapp.doors import principal, settings
from gridapp.services.field import my_day, stops, track_readers
from gridapp.services.field.stops import DoneRequest
from gridapp.services.staff import hand_overs
from gridapp.timesource import now
from mobile_api.answers import answer, conditional
from mobile_api.calls import IF_NONE_MATCH, UNCHANGED, Answer, call
from mobile_api.positions import DayQuery
from mobile_api.shapes.day import DayDocument, Readers, StopDocument, Stops


@call(
    "GET",
    "/day",
    permission="session",
    query=DayQuery,
    answers={200: Answer("The day", DayDocument, headers=("ETag",)), 304: UNCHANGED},
    reads_headers=IF_NONE_MATCH,
)
def read_day(query: DayQuery) -> Response:
    """Read my day: my tasks with those sent back on top, stops, hand-overs to confirm, duty."""
    return conditional(my_day.day_of(principal(), _day(query)))


@call(
    "GET",
    "/stops",
    permission="stop.own",
    query=DayQuery,
    answers={200: Answer("Visits and patrol points", Stops, headers=("ETag",)), 304: UNCHANGED},
    reads_headers=IF_NONE_MATCH,
)
def list_stops(query: DayQuery) -> Response:
    """List the visits and patrol points of a day in my grids."""
    return conditional({"items": stops.planned(principal(), _day(query))})


@call(
    "POST",
    "/stops/<uuid:stop_id>/done",
    permission="stop.own",
    body=DoneRequest,
    answers={200: Answer("The stop", StopDocument)},
    problems=("not_found", "stop_done", "id_reused"),
)
def stop_done(stop_id: uuid.UUID, body: DoneRequest) -> Response:
    """Say that I was at a stop; sending it again is harmless."""
    return answer(stops.done(principal(), stop_id, body))


@call(
    "POST",
    "/hand-overs/<uuid:post_id>/confirm",
    permission="stop.own",
    answers={204: Answer("Confirmed")},
    problems=("not_found",),
)
def confirm_hand_over(post_id: uuid.UUID) -> Response:
    """Say that I read the list that came with my post."""
    hand_overs.confirm(principal(), post_id)
    return Response(status=204)


@call(
    "GET",
    "/positions/mine/readers",
    permission="position.own",
    rated=False,
    query=DayQuery,
    answers={200: Answer("Who looked", Readers)},
)
def position_readers(query: DayQuery) -> Response:
    """Read who looked at where I was on a day; within 24 hours each is named once."""
    return answer({"items": track_readers.readers(principal(), _day(query), settings().timezone)})


def _day(query: DayQuery) -> dt.date:
    return query.day or now().astimezone(settings().timezone).date()
