"""A whole offline queue and the feed since in one round trip.

Each item goes through the very call that it names, with the same guard, the same checks and a transaction of its own,
in a context of its own: what one leaves behind, another does not see. What all of them tell one person is one message.
Calls that take a JSON document and need a signed-in person can be queued, this one cannot.
"""

from __future__ import annotations

import io
import re
import uuid
from typing import Annotated, Any

import orjson
from flask import Response, current_app, request
from pydantic import Field, StringConstraints
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect

from gridapp.doors import WITHIN, language, principal, problem_document
from gridapp.errors import Problem
from gridapp.services import notices
from gridapp.services.feeds import feed
from gridapp.services.reporting.report_rules import Strict
from mobile_api.answers import answer
from mobile_api.calls import CALLS, PUBLIC, Answer, blueprint, call
from mobile_api.schemas import NO_NULL
from mobile_api.shapes.sync import Synced

MOST_ITEMS = 200
PREFIX = "/api/v1"
PASSED_ON = re.compile(
    r"wsgi\.|SERVER_|REMOTE_|HTTP_(?:HOST|AUTHORIZATION|COOKIE|ORIGIN|SEC_FETCH_SITE|ACCEPT_LANGUAGE|X_(?:DEVICE_TIME|CLOCK_AHEAD))\Z"
)
"""What an item inherits of its request; a condition on one thing is none on another."""
HEARD = {
    "if-match": "HTTP_IF_MATCH",
    "accept-language": "HTTP_ACCEPT_LANGUAGE",
    "x-device-time": "HTTP_X_DEVICE_TIME",
    "x-clock-ahead": "HTTP_X_CLOCK_AHEAD",
}
TOLD = ("ETag", "Retry-After")


HeaderValue = Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00-\x1f\x7f]*$")]


class SyncItem(Strict):
    """One call of the queue: a path below ``/api/v1``, with or without it."""

    method: Annotated[str, StringConstraints(max_length=10, pattern=NO_NULL)]
    path: Annotated[str, StringConstraints(max_length=400, pattern=NO_NULL)]
    headers: Annotated[dict[str, HeaderValue], Field(max_length=20)] = Field(default_factory=dict)
    body: dict[str, Any] | None = None


class SyncRequest(Strict):
    """The queue in its order, and where the phone stands in the feed."""

    since: Annotated[str, StringConstraints(min_length=1, max_length=8000)] | None = None
    items: Annotated[list[SyncItem], Field(max_length=MOST_ITEMS)]
    limit: Annotated[int, Field(ge=1, le=feed.MAX_LIMIT)] = 200


@call(
    "POST",
    "/sync",
    permission="session",
    body=SyncRequest,
    answers={200: Answer("What became of each item, and the feed since", Synced)},
)
def sync(body: SyncRequest) -> Response:
    """Send a queue in order and read the feed since; an item that fails does not stop the next."""
    if body.since is not None:
        feed.understood(body.since)  # a body that is not understood changes nothing
    batch = uuid.uuid4()
    results = [_result(item, batch) for item in body.items]
    return answer({"results": results, **_changes(body)})


def _changes(body: SyncRequest) -> dict[str, Any]:
    """The next page; where the log no longer reaches back, the cursor is null: the phone starts afresh without it."""
    try:
        return feed.changes(principal(), body.since, limit=body.limit)
    except Problem as problem:
        if problem.code not in ("cursor_too_old", "invalid"):
            raise
        return {"changes": [], "cursor": None, "more": True}


def _result(item: SyncItem, batch: uuid.UUID) -> dict[str, Any]:
    try:
        environ = _environ(item)
    except Problem as problem:
        return {"status": problem.status, "headers": {}, "body": problem_document(problem, language())}
    with current_app.app_context(), notices.as_one(batch):
        response = Response.from_app(current_app.wsgi_app, environ, buffered=True)
    headers = {name: response.headers[name] for name in TOLD if name in response.headers}
    data = response.get_data()
    return {"status": response.status_code, "headers": headers, "body": orjson.loads(data) if data else None}


def _environ(item: SyncItem) -> dict[str, Any]:
    """The item as a request of its own.

    Raises:
        Problem: ``not_found``, ``method_not_allowed`` or ``not_queueable``.
    """
    path = PREFIX + item.path.removeprefix(PREFIX)
    _check(item.method, path)
    content = orjson.dumps(item.body if item.body is not None else {})
    said = {HEARD[name.lower()]: value for name, value in item.headers.items() if name.lower() in HEARD}
    return {
        **{name: value for name, value in request.environ.items() if PASSED_ON.match(name)},
        **said,
        WITHIN: True,
        "REQUEST_METHOD": item.method,
        "SCRIPT_NAME": request.environ.get("SCRIPT_NAME", ""),
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": "",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.input": io.BytesIO(content),
    }


def _check(method: str, path: str) -> None:
    try:
        endpoint, _ = current_app.url_map.bind("").match(path, method=method)
    except RequestRedirect as error:
        raise Problem("not_found") from error
    except MethodNotAllowed as error:
        raise Problem("method_not_allowed", method=method) from error
    except HTTPException as error:
        raise Problem("not_found") from error
    name = str(endpoint).removeprefix(f"{blueprint.name}.")
    if str(endpoint) == name or name not in _queueable():
        raise Problem("not_queueable", method=method, path=path)


def _queueable() -> set[str]:
    return {one.name for one in CALLS if one.body is not None and one.permission != PUBLIC and one.name != "sync"}
