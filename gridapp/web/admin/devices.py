"""Sign-ins: devices and browsers of persons in scope, revoked at once."""

from __future__ import annotations

import uuid

from flask import render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gridapp.doors import permit, principal
from gridapp.errors import Problem
from gridapp.services.staff import devices
from gridapp.web.admin.desk import again, blueprint, done, page_address, page_number, typed, words
from gridapp.web.words import is_fragment


@blueprint.get("/devices")
@permit("people.read")
def device_list() -> str:
    """Sign-ins that are not revoked; htmx gets the list alone."""
    page = devices.search(principal(), page_number(), words=words())
    template = "admin/_devices.html" if is_fragment() else "admin/devices.html"
    return render_template(template, page=page, address=page_address)


@blueprint.get("/devices/<uuid:token_id>")
@permit("people.read")
def device(token_id: uuid.UUID) -> str:
    """One sign-in, with the form that names its device."""
    return _page(token_id)


@blueprint.post("/devices/<uuid:token_id>")
@permit("people.write")
def rename(token_id: uuid.UUID) -> AnyResponse:
    """Name a device."""
    try:
        devices.rename(principal(), token_id, typed(devices.NameDraft))
    except Problem as problem:
        return again(problem, lambda wrong: _page(token_id, wrong))
    return done("admin.device", "saved", token_id=token_id)


@blueprint.post("/devices/<uuid:token_id>/revoke")
@permit("people.write")
def revoke(token_id: uuid.UUID) -> AnyResponse:
    """End a sign-in."""
    token = devices.revoke(principal(), token_id)
    return done("admin.person", "revoked", person_id=token.person_id)


def _page(token_id: uuid.UUID, problem: Problem | None = None) -> str:
    token = devices.device_in_scope(principal(), token_id)
    name = request.form["device"] if problem and "device" in request.form else token.device
    return render_template("admin/device.html", token=token, name=name, problem=problem)
