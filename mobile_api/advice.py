"""Advice for who assigns a task."""

from __future__ import annotations

import uuid

from flask import Response

from gridapp.doors import principal
from gridapp.services import advice
from mobile_api.answers import answer
from mobile_api.calls import Answer, call
from mobile_api.shapes.advice import Advice


@call(
    "GET",
    "/tasks/<uuid:task_id>/advice",
    permission="task.read",
    answers={200: Answer("Who could take it, the best first", Advice)},
    problems=("not_found",),
)
def task_advice(task_id: uuid.UUID) -> Response:
    """Read who is best placed to take a task and why; send `seal` as `advice` with the assignment for the record."""
    items = advice.advise(principal(), task_id)
    return answer({"items": items, "seal": advice.seal(task_id, items)})
