"""Calling for help. It counts for no rate limit: an alarm is never sent too often."""

from __future__ import annotations

import uuid

from flask import Response

from gridapp.doors import principal
from gridapp.services.field import alarms
from gridapp.services.field.alarms import AlarmAnswer, AlarmRequest
from mobile_api.answers import answer
from mobile_api.calls import Answer, call
from mobile_api.shapes.alarms import AlarmDocument


@call(
    "POST",
    "/sos",
    permission="alarm.raise",
    rated=False,
    body=AlarmRequest,
    answers={201: Answer("Raised", AlarmDocument), 200: Answer("It was raised before", AlarmDocument)},
    problems=("id_reused",),
)
def call_for_help(body: AlarmRequest) -> Response:
    """Raise an alarm on every screen of my scope."""
    alarm, new = alarms.call_for_help(principal(), body)
    return answer(alarm, 201 if new else 200)


@call(
    "POST",
    "/sos/<uuid:alarm_id>/acknowledge",
    permission="alarm.acknowledge",
    rated=False,
    body=AlarmAnswer,
    answers={200: Answer("The alarm, with who takes care of it since when", AlarmDocument)},
    problems=("not_found", "alarm_taken"),
)
def acknowledge_alarm(alarm_id: uuid.UUID, body: AlarmAnswer) -> Response:
    """Say that I take care of an alarm."""
    return answer(alarms.acknowledge(principal(), alarm_id, body))
