"""The feed of what changed."""

from __future__ import annotations

from typing import Annotated

import orjson
from flask import Response
from pydantic import Field, StringConstraints

from gridapp.doors import principal, settings
from gridapp.services.feeds import feed
from mobile_api.answers import conditional, digest
from mobile_api.calls import IF_NONE_MATCH, UNCHANGED, Answer, call
from mobile_api.schemas import Query
from mobile_api.shapes.feed import Changes


class ChangesQuery(Query):
    """Where the reader stands in the feed, how much it takes and how long it waits."""

    since: Annotated[str, StringConstraints(min_length=1, max_length=8000)] | None = None
    limit: Annotated[int, Field(ge=1, le=feed.MAX_LIMIT)] = 200
    wait: Annotated[float, Field(ge=0, le=55)] = 0.0


@call(
    "GET",
    "/changes",
    permission="feed.read",
    query=ChangesQuery,
    answers={200: Answer("A page of changes", Changes, headers=("ETag",)), 304: UNCHANGED},
    problems=("cursor_too_old",),
    reads_headers=IF_NONE_MATCH,
)
def changes(query: ChangesQuery) -> Response:
    """Read what changed in my scope since a cursor; without one, the present state in pages."""
    seconds = min(query.wait, settings().changes_wait_seconds)
    if seconds:
        page = feed.wait(principal(), query.since, limit=query.limit, seconds=seconds)
    else:
        page = feed.changes(principal(), query.since, limit=query.limit)
    told = orjson.dumps([query.since, page["changes"], page["more"]])
    return conditional(page, digest(told))  # the cursor moves on with every commit, also of what nobody here may see
