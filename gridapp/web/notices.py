"""What one is told: the bell on every screen, the list, marking as read, and how else one wants to be told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from gridapp.access import Principal, may
from gridapp.doors import language, permit, principal, settings
from gridapp.errors import Problem
from gridapp.services.drafts import parse
from gridapp.services.words import contacts, reading
from gridapp.services.words.contacts import ContactDraft
from gridapp.services.words.reading import Message

blueprint = Blueprint("notices", __name__, url_prefix="/notices")

RECENT = 8
PAGE = 50
LONGEST_ID = 18
MENDABLE = 422


@blueprint.get("")
@permit("session")
def index() -> str:
    """Everything one was told, newest first."""
    who = principal()
    unread = request.args.get("unread") == "1"
    found = reading.newest(who, before=_number(request.args.get("before")), unread=unread, limit=PAGE)
    return render_template(
        "notices/index.html",
        messages=found,
        unread=reading.unread(who),
        only_unread=unread,
        more=found[-1].id if len(found) == PAGE else None,
    )


@blueprint.get("/recent")
@permit("session")
def recent() -> str:
    """What the bell opens: the newest ones and how many wait to be read."""
    return _recent(principal())


@blueprint.post("/read")
@permit("session")
def read() -> str | AnyResponse:
    """Mark as read: the messages named by ``id``, or all up to ``until``; answers what the bell opens."""
    who = principal()
    ids = [number for number in map(_number, request.form.getlist("id")) if number is not None]
    reading.mark_read(who, ids, until=_number(request.form.get("until")))
    if request.form.get("back"):
        return redirect(url_for("notices.index"), 303)
    return _recent(who)


@blueprint.get("/settings")
@permit("session")
def choices() -> str:
    """How one wants to be told besides the screens."""
    return _choices(None)


@blueprint.post("/settings")
@permit("session")
def choose() -> AnyResponse | str:
    """Keep what was chosen; the form comes back with what is wrong in it."""
    try:
        draft = parse(ContactDraft, {name: request.form.get(name) for name in ContactDraft.model_fields})
        contacts.choose(principal(), draft)
    except Problem as problem:
        if problem.status != MENDABLE:
            raise
        return Response(_choices(problem), problem.status, mimetype="text/html")
    return redirect(url_for("notices.choices", done=1), 303)


@blueprint.post("/settings/ask")
@permit("session")
def ask_again() -> AnyResponse:
    """Have the letter that asks for confirmation sent once more."""
    contacts.ask_again(principal())
    return redirect(url_for("notices.choices", done=1), 303)


def _recent(who: Principal) -> str:
    newest = reading.newest(who, limit=RECENT)
    return render_template("notices/_recent.html", messages=newest, unread=reading.unread(who))


def _choices(problem: Problem | None) -> str:
    own = contacts.own(principal())
    kept = {
        "email": own.email,
        "letters": own.letters,
        "quiet_from": own.quiet_from.strftime("%H:%M") if own.quiet_from else "",
        "quiet_until": own.quiet_until.strftime("%H:%M") if own.quiet_until else "",
    }
    values: Mapping[str, Any] = request.form if problem else kept
    return render_template("notices/settings.html", values=values, problem=problem, house=settings(), own=own)


def _number(text: str | None) -> int | None:
    """An id of a message, or None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= LONGEST_ID else None


@blueprint.app_template_filter("said")
def said(message: Message) -> str:
    """A message in the reader's language."""
    return message.words(language())


@blueprint.app_template_global("place_of_message")
def place_of_message(message: Message) -> str | None:
    """Where a message leads the reader: its first task, the receiver that stopped, or nowhere."""
    who = principal()
    if message.tasks:
        if may(who, "command.use"):
            return url_for("command.tasks.panel", task_id=message.tasks[0])
        return f"{url_for('field.page')}#/tasks/{message.tasks[0]}" if may(who, "task.report") else None
    if "receiver" in message.params and may(who, "receiver.read"):
        return url_for("admin.receiver", receiver_id=message.params["receiver"])
    return None
