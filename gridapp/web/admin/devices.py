"""Sign-ins: devices and browsers of persons in scope, revoked at once."""

from __future__ import annotations

import uuid

from flask import render_template
from werkzeug.wrappers import Response as AnyResponse

from gridapp.doors import permit, principal
from gridapp.services.staff import devices
from gridapp.web.admin.desk import blueprint, done, page_address, page_number, words
from gridapp.web.words import is_fragment


@blueprint.get("/devices")
@permit("people.read")
def device_list() -> str:
    """Sign-ins that are not revoked; htmx gets the list alone."""
    page = devices.search(principal(), page_number(), words=words())
    template = "admin/_devices.html" if is_fragment() else "admin/devices.html"
    return render_template(template, page=page, address=page_address)


@blueprint.post("/devices/<uuid:token_id>/revoke")
@permit("people.write")
def revoke(token_id: uuid.UUID) -> AnyResponse:
    """End a sign-in."""
    token = devices.revoke(principal(), token_id)
    return done("admin.person", "revoked", person_id=token.person_id)
