"""Receivers of webhooks: list, add, edit, a new secret, what became of each message, sending again, letters too."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import render_template, request
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from gridapp.doors import permit, principal
from gridapp.errors import Problem
from gridapp.services.deliveries import receivers
from gridapp.services.deliveries.messages import ENDED, EVERY, MASTER, SEALED, TYPES
from gridapp.services.deliveries.receivers import ReceiverDraft
from gridapp.services.drafts import parse
from gridapp.services.words import letter_desk
from gridapp.web.admin.desk import again, blueprint, done, page_address, page_number, seen_version
from gridapp.web.words import action_name

NAMES = {
    EVERY: _l("every event of a task"),
    ENDED: _l("a task has ended"),
    MASTER: _l("the master of a merged task has ended"),
    SEALED: _l("the head of the day's record"),
}


@blueprint.get("/receivers")
@permit("receiver.read")
def receiver_list() -> str:
    """Receivers in scope, with what waits for each."""
    page = receivers.search(principal(), page_number())
    return render_template(
        "admin/receivers.html", page=page, address=page_address, waiting=receivers.waiting(page.items)
    )


@blueprint.get("/receivers/new")
@permit("receiver.write")
def new_receiver() -> str:
    """An empty form."""
    return _new_form()


@blueprint.post("/receivers/new")
@permit("receiver.write")
def add_receiver() -> AnyResponse | str:
    """Add a receiver; its secret is shown once."""
    try:
        made, secret = receivers.add(principal(), _draft())
    except Problem as problem:
        return again(problem, _new_form)
    return render_template("admin/receiver_secret.html", receiver=made, secret=secret)


@blueprint.get("/receivers/<uuid:receiver_id>")
@permit("receiver.read")
def receiver(receiver_id: uuid.UUID) -> str:
    """One receiver with its messages."""
    return _page(receiver_id)


@blueprint.post("/receivers/<uuid:receiver_id>")
@permit("receiver.write")
def edit_receiver(receiver_id: uuid.UUID) -> AnyResponse:
    """Edit a receiver."""
    try:
        receivers.edit(principal(), receiver_id, seen_version(), _draft())
    except Problem as problem:
        return again(problem, lambda wrong: _page(receiver_id, wrong))
    return done("admin.receiver", "saved", receiver_id=receiver_id)


@blueprint.post("/receivers/<uuid:receiver_id>/secret")
@permit("receiver.write")
def renew_secret(receiver_id: uuid.UUID) -> AnyResponse | str:
    """Make a new secret and show it once."""
    try:
        changed, secret = receivers.renew_secret(principal(), receiver_id, seen_version())
    except Problem as problem:
        return again(problem, lambda wrong: _page(receiver_id, wrong))
    return render_template("admin/receiver_secret.html", receiver=changed, secret=secret)


@blueprint.get("/deliveries/<int:delivery_id>")
@permit("receiver.read")
def delivery(delivery_id: int) -> str:
    """One message: its body, and every try."""
    owner, message = receivers.delivery_in_scope(principal(), delivery_id)
    return render_template("admin/delivery.html", receiver=owner, delivery=message, tries=receivers.tries(message))


@blueprint.post("/deliveries/<int:delivery_id>/replay")
@permit("receiver.write")
def replay(delivery_id: int) -> AnyResponse:
    """Send a message and all after it again."""
    owner, _message = receivers.delivery_in_scope(principal(), delivery_id)
    receivers.replay(principal(), delivery_id)
    return done("admin.receiver", "replayed", receiver_id=owner.id)


@blueprint.post("/deliveries/<int:delivery_id>/skip")
@permit("receiver.write")
def skip(delivery_id: int) -> AnyResponse:
    """Give a message up that failed, so that those behind it go on."""
    owner, _message = receivers.delivery_in_scope(principal(), delivery_id)
    receivers.skip(principal(), delivery_id)
    return done("admin.receiver", "skipped", receiver_id=owner.id)


@blueprint.get("/letters")
@permit("receiver.read")
def letters() -> str:
    """Letters that no mail server took."""
    page = letter_desk.failed(principal(), page_number())
    return render_template(
        "admin/letters.html", page=page, address=page_address, readers=letter_desk.readers(page.items)
    )


@blueprint.post("/letters")
@permit("receiver.write")
def letters_again() -> AnyResponse:
    """Send them again."""
    letter_desk.send_again(principal())
    return done("admin.letters", "letters_again")


def _draft() -> ReceiverDraft:
    form = request.form
    values = {name: form.get(name) for name in ("name", "url", "origin", "area")}
    return parse(ReceiverDraft, {**values, "events": form.getlist("events"), "active": "active" in form})


def _new_form(problem: Problem | None = None) -> str:
    values: Mapping[str, Any] = request.form if problem else {"active": "1"}
    wanted = request.form.getlist("events") if problem else [ENDED]
    return render_template("admin/receiver_new.html", values=values, wanted=wanted, problem=problem, **_choices())


def _page(receiver_id: uuid.UUID, problem: Problem | None = None) -> str:
    found = receivers.receiver_in_scope(principal(), receiver_id)
    kept = problem is not None and "url" in request.form and problem.status != 412  # noqa: PLR2004
    values = {"name": found.name, "url": found.url, "origin": found.origin, "area": found.scope_grid.code}
    return render_template(
        "admin/receiver.html",
        receiver=found,
        values=request.form if kept else {**values, "active": found.active},
        wanted=request.form.getlist("events") if kept else found.events,
        problem=problem,
        page=receivers.deliveries(found, page_number()),
        address=page_address,
        **_choices(),
    )


def _choices() -> dict[str, Any]:
    return {"types": [(code, type_name(code)) for code in TYPES], "origins": receivers.origins()}


@blueprint.app_template_filter("message_type")
def type_name(code: str) -> str:
    """Kind of a message as people read it."""
    return str(NAMES.get(code) or action_name(code.partition(".")[2]))
