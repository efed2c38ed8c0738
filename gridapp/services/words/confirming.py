"""Is this address the person's own? A letter asks, in both languages, with a link that works once and not for long.

The link is made when the letter goes out and only its hash is kept, so nobody who reads the database can follow it. A
letter that failed goes out again with a new link; the one before is void.
"""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from dataclasses import dataclass
from email.message import EmailMessage

from flask import current_app
from sqlalchemy import select

from gridapp.access import Principal
from gridapp.config import Settings
from gridapp.db import flush, hot, session
from gridapp.errors import Problem
from gridapp.models import Contact, Person
from gridapp.services import audit, auth
from gridapp.services.deliveries.queue import PAUSES
from gridapp.services.words import mail
from gridapp.timesource import now

TOKEN_BYTES = 32
BETWEEN = dt.timedelta(minutes=2)
"""Least time between two such letters of one person: nobody fills a stranger's mailbox by naming it."""
ERROR = 500

DUE = """
select c.person_id, p.name, c.email, c.ask_tries from contact c join person p on p.id = c.person_id
where c.ask_at <= %s and c.email is not null and p.retired_at is null order by c.ask_at limit 200
"""
LINK = """
update contact set confirm_hash = %(hash)s, confirm_until = %(until)s
where person_id = %(person)s and email = %(email)s and confirmed_at is null
"""
SENT = """
update contact set ask_at = null, ask_error = null, asked_at = %(at)s where person_id = %(person)s and email = %(email)s
"""
FAILED = """
update contact set ask_at = %(next)s, ask_tries = ask_tries + 1, ask_error = %(error)s, confirm_hash = null,
  confirm_until = null where person_id = %(person)s and email = %(email)s
"""
LINES = (
    "{name}，您好：",
    "有人在网格管理系统中填写了此邮箱，用于接收通知。请在 {hours} 小时内打开以下链接确认：",
    "{url}",
    "如非您本人操作，请忽略本邮件，此邮箱不会收到其他信件。",
    "",
    "Dear {name},",
    "this address was entered in the grid management system to receive letters. Confirm it within {hours} hours:",
    "{url}",
    "If that was not you, ignore this letter: no other will come.",
)
SUBJECT = "网格管理：确认邮箱 / Grid management: confirm your address"


@dataclass(frozen=True)
class _Asked:
    person_id: uuid.UUID
    name: str
    email: str
    tries: int


def begin(contact: Contact) -> None:
    """Let an address, new or asked before, wait for the letter that asks for it; none waits where there is none."""
    soonest = contact.asked_at + BETWEEN if contact.asked_at else now()
    contact.confirmed_at = contact.confirm_hash = contact.confirm_until = contact.ask_error = None
    contact.ask_tries = 0
    contact.ask_at = max(now(), soonest) if contact.email else None


def send_due() -> int:
    """Send every such letter that is due; none without a mail server, or while another process does.

    Returns:
        How many went out.
    """
    settings: Settings = current_app.extensions["settings"]
    with mail.turn_to_send(settings, "confirming") as connection:
        if connection is None:
            return 0
        due = [_Asked(*row) for row in connection.execute(DUE, (now(),)).fetchall()]
        return _send_all(settings, due) if due else 0


def _send_all(settings: Settings, due: list[_Asked]) -> int:
    """One connection for all; a server that fails is left alone until the next run."""
    sent, current = 0, due[0]
    try:
        with mail.server(settings) as server:
            for current in due:
                refused = mail.send_one(server, _written(settings, current))
                if refused is not None:
                    _failed(current, refused)
                else:
                    _run(SENT, current, at=now())
                    sent += 1
    except mail.TROUBLE as error:
        _failed(current, f"{type(error).__name__}: {error}")
    return sent


def _written(settings: Settings, asked: _Asked) -> EmailMessage:
    """The letter with a new link, whose hash is kept before it goes out."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    until = now() + dt.timedelta(hours=settings.mail_confirm_hours)
    _run(LINK, asked, hash=auth.hash_secret(token), until=until)
    url = f"{settings.public_url.rstrip('/')}/confirm-email?token={token}"
    gaps = {"name": asked.name, "hours": settings.mail_confirm_hours, "url": url}
    lines = [line.format_map(gaps) for line in LINES]
    return mail.letter(settings, (asked.name, asked.email), SUBJECT, lines, f"confirm.{uuid.uuid4().hex}")


def _failed(asked: _Asked, error: str) -> None:
    again = now() + PAUSES[asked.tries] if asked.tries < len(PAUSES) else None
    _run(FAILED, asked, next=again, error=error[:ERROR])


def _run(sql: str, asked: _Asked, **values: object) -> None:
    with hot() as connection:
        connection.execute(sql, {"person": asked.person_id, "email": asked.email, **values})


def is_open(token: str) -> bool:
    """Whether a link still works; looking at it does not use it up, for mail servers look at links too."""
    return _found(token) is not None


def confirm(token: str) -> None:
    """Note that an address is its person's own; the link is used up.

    Raises:
        Problem: ``link_void``, the same for one that was never made, was used, or is too old.
    """
    contact = _found(token)
    if contact is None:
        raise Problem("link_void")
    contact.confirmed_at, contact.confirm_hash, contact.confirm_until, contact.ask_at = now(), None, None, None
    flush()
    person = session.get_one(Person, contact.person_id)
    audit.note(Principal(person.id, person.role), "confirm", "person", person.id, person.scope_grid_id, field="email")


def _found(token: str) -> Contact | None:
    query = select(Contact).where(Contact.confirm_hash == auth.hash_secret(token)).with_for_update()
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None or found.confirm_until is None or found.confirm_until <= now():
        return None
    person = session.get(Person, found.person_id)
    return found if person is not None and person.retired_at is None else None
