"""Calling somebody about a task that one holds."""

from __future__ import annotations

import uuid

from flask import Response

from gridapp.doors import principal
from gridapp.services.staff import callees
from mobile_api.answers import answer
from mobile_api.calls import Answer, call
from mobile_api.shapes.calling import Callees, Number


@call(
    "GET",
    "/tasks/<uuid:task_id>/callees",
    permission="task.call",
    answers={200: Answer("Who can be called", Callees)},
    problems=("not_found",),
)
def list_callees(task_id: uuid.UUID) -> Response:
    """Tell whom I may call about a task that I hold; without their numbers."""
    return answer({"items": callees.of_task(principal(), task_id)})


@call(
    "POST",
    "/tasks/<uuid:task_id>/callees/<uuid:person_id>/number",
    permission="task.call",
    answers={200: Answer("The number, not to be kept", Number)},
    problems=("not_found",),
)
def callee_number(task_id: uuid.UUID, person_id: uuid.UUID) -> Response:
    """Give the number of one of them; that I looked is on record."""
    response = answer({"number": callees.number_of(principal(), task_id, person_id)})
    response.headers["Cache-Control"] = "no-store"
    return response
