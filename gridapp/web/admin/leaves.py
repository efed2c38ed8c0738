"""Leave from a post: put on record from one hour to another, ended early."""

from __future__ import annotations

import uuid

from werkzeug.wrappers import Response as AnyResponse

from gridapp.doors import permit, principal, settings
from gridapp.errors import Problem
from gridapp.services.staff import leaves
from gridapp.services.staff.leaves import LeaveDraft
from gridapp.web.admin.desk import again, blueprint, done, typed
from gridapp.web.admin.posts import post_page


@blueprint.post("/posts/<uuid:post_id>/leaves")
@permit("people.write")
def give_leave(post_id: uuid.UUID) -> AnyResponse:
    """Put a leave on record."""
    try:
        leaves.give(principal(), post_id, typed(LeaveDraft), settings().timezone)
    except Problem as problem:
        return again(problem, lambda wrong: post_page(post_id, wrong))
    return done("admin.post", "saved", post_id=post_id)


@blueprint.post("/posts/<uuid:post_id>/leaves/<uuid:leave_id>/end")
@permit("people.write")
def end_leave(post_id: uuid.UUID, leave_id: uuid.UUID) -> AnyResponse:
    """End a leave now."""
    try:
        leaves.end(principal(), post_id, leave_id)
    except Problem as problem:
        return again(problem, lambda wrong: post_page(post_id, wrong))
    return done("admin.post", "saved", post_id=post_id)
