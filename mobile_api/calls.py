"""The table of calls: each is registered once, with what it reads, answers and refuses, and described from here.

A view gets what it reads already checked: ``body`` and ``query`` as pydantic models, path parts by Flask's converters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from flask import Blueprint, Response
from pydantic import BaseModel

from gridapp.doors import permit, public
from mobile_api import reading

View = Callable[..., Response]
PUBLIC = "public"
JSON = "application/json"


@dataclass(frozen=True)
class Answer:
    """A good answer: what it means and what it carries; ``model`` None means nothing, or bytes of ``media``."""

    words: str
    model: Any = None
    media: str = JSON
    headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    """One call of the contract.

    Attributes:
        method: HTTP method.
        rule: path below ``/api/v1`` in Flask's spelling.
        name: name of the view, and the call's id in the description.
        words: what it does, in a line.
        permission: permission of ``access.PERMISSIONS``, or ``public``.
        answers: good answers by status.
        problems: codes of problems that are its own, besides those of every call.
        query: model of the query string.
        body: model of the JSON body.
        media: types of a body that is no JSON.
        reads_headers: request headers that it heeds, with what they mean.
    """

    method: str
    rule: str
    name: str
    words: str
    permission: str
    answers: dict[int, Answer]
    problems: tuple[str, ...] = ()
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    media: tuple[str, ...] = ()
    reads_headers: dict[str, str] = field(default_factory=dict)


UNCHANGED = Answer("As you have it")
DEVICE_TIME = {
    "X-Device-Time": "the phone's own time of sending, RFC 3339: how far its clock is off is kept and flagged",
    "X-Clock-Ahead": "by how many milliseconds the phone's clock was ahead of the server's when this was written, as "
    "far as the phone knows: counts before the time of sending. `; guess` after it where the clock may have been moved "
    "since the phone knew: then what is farther off counts",
}
IF_NONE_MATCH = {"If-None-Match": "the ETag that you have"}

CALLS: list[Call] = []
blueprint = Blueprint("mobile_api", __name__, url_prefix="/api/v1")


def call(
    method: str,
    rule: str,
    *,
    permission: str,
    answers: dict[int, Answer],
    problems: tuple[str, ...] = (),
    query: type[BaseModel] | None = None,
    body: type[BaseModel] | None = None,
    media: tuple[str, ...] = (),
    reads_headers: dict[str, str] | None = None,
    rated: bool = True,
    check_body: bool = True,
) -> Callable[[View], View]:
    """Register a view as a ``Call``; the view gets ``query`` and ``body`` under these names.

    ``rated`` says whether it counts for the rate limits; without ``check_body`` the view gets the JSON object as it
    came, where the service has an order of its own in which things are refused.
    """

    def register(view: View) -> View:
        words = (view.__doc__ or "").strip().split("\n")[0]
        heard = reads_headers or {}
        one = Call(method, rule, view.__name__, words, permission, answers, problems, query, body, media, heard)
        CALLS.append(one)
        enter = _reading(one, view, check_body=check_body)
        guarded = public(enter) if permission == PUBLIC else permit(permission, rated=rated)(enter)
        blueprint.add_url_rule(rule, view.__name__, guarded, methods=[method])
        return view

    return register


def _reading(one: Call, view: View, *, check_body: bool) -> View:
    """The view with what it reads put into its hands."""

    @wraps(view)
    def enter(**given: Any) -> Response:
        if one.query is not None:
            given["query"] = reading.read_query(one.query)
        if one.body is not None:
            given["body"] = reading.read_body(one.body) if check_body else reading.read_object()[1]
        return view(**given)

    return enter
