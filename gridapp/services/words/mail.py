"""The mail server of the settings: one connection for a run of letters, encrypted unless the settings say no."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

from psycopg import Connection

from gridapp.config import Settings
from gridapp.db import hot

ALONE = "select pg_try_advisory_lock(hashtextextended(%s, 0))"
FREE = "select pg_advisory_unlock(hashtextextended(%s, 0))"
TIMEOUT = 20.0
TROUBLE = (OSError, smtplib.SMTPException)
"""What a mail server that is away or refuses makes of a try."""


@contextmanager
def server(settings: Settings) -> Iterator[smtplib.SMTP]:
    """The mail server, signed in.

    Raises:
        OSError: it is away.
        smtplib.SMTPException: it does not let us in.
    """
    host, trust = str(settings.mail_host), ssl.create_default_context()
    if settings.mail_security == "tls":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(host, settings.mail_port, timeout=TIMEOUT, context=trust)
    else:
        connection = smtplib.SMTP(host, settings.mail_port, timeout=TIMEOUT)
    with connection:
        if settings.mail_security == "starttls":
            connection.starttls(context=trust)
        if settings.mail_user and settings.mail_password:
            connection.login(settings.mail_user, settings.mail_password.get_secret_value())
        yield connection


@contextmanager
def turn_to_send(settings: Settings, kind: str) -> Iterator[Connection[Any] | None]:
    """A connection for the one process that sends a kind of letter now; None for others and without a mail server."""
    if settings.mail_host is None:
        yield None
        return
    with hot() as connection:
        if not (connection.execute(ALONE, (f"gridapp.{kind}",)).fetchone() or (False,))[0]:
            yield None
            return
        try:
            yield connection
        finally:
            connection.execute(FREE, (f"gridapp.{kind}",))


def send_one(server: smtplib.SMTP, made: EmailMessage) -> str | None:
    """Hand a letter to the server; None, or why it refused this one, after which others can follow.

    Raises:
        OSError: it is away.
        smtplib.SMTPException: it does not go on.
    """
    try:
        server.send_message(made)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
        server.rset()
        return str(error)
    return None


def letter(settings: Settings, to: tuple[str, str], subject: str, lines: list[str], message_id: str) -> EmailMessage:
    """A letter in plain words.

    Args:
        settings: the sender and what the message id ends in.
        to: name and address.
        subject: one line.
        lines: the words.
        message_id: the same at every try, so that a mail server can drop what it has.
    """
    made = EmailMessage()
    made["Subject"] = " ".join(subject.split())
    made["From"] = settings.mail_from
    made["To"] = Address(display_name=to[0], addr_spec=to[1])
    made["Message-ID"] = f"<{message_id}@{settings.mail_from.rpartition('@')[2] or 'gridapp'}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content("\n".join(lines) + "\n")
    return made
