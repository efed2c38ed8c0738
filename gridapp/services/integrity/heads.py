"""Each day's head of the chain by letter to an address of the settings, to be held where nobody here can reach."""

from __future__ import annotations

import datetime as dt
import logging

from flask import current_app

from gridapp.config import Settings
from gridapp.db import hot
from gridapp.services.words import mail
from gridapp.timesource import now

log = logging.getLogger(__name__)

DUE = (
    "select day, number, encode(head, 'hex') from day_head where mailed_at is null and day >= %s order by day limit 50"
)
SENT = "update day_head set mailed_at = %s where day = %s"
BACK = dt.timedelta(days=30)
"""Heads of so many days are sent where the address was set late, or the mail server was away."""


def send_due() -> int:
    """Send the heads that were not sent yet; each day is a letter of its own.

    Returns:
        How many letters went out.
    """
    settings: Settings = current_app.extensions["settings"]
    if settings.mail_host is None or settings.record_to is None:
        return 0
    with hot() as connection:
        days = connection.execute(DUE, ((now() - BACK).date(),)).fetchall()
    if not days:
        return 0
    try:
        _send(settings, days)
    except mail.TROUBLE as error:
        log.warning("heads of the record wait for the mail server: %s", error)
        return 0
    return len(days)


def _send(settings: Settings, days: list[tuple[dt.date, int, str]]) -> None:
    with mail.server(settings) as server:
        for day, number, head in days:
            subject = f"Grid management: record of {day} / 网格管理：{day} 记录摘要"
            lines = [f"{day} {number}:{head}", "", f"gridapp doctor --audit --held {number}:{head}"]
            made = mail.letter(settings, ("", str(settings.record_to)), subject, lines, f"head.{day}.{number}")
            server.send_message(made)
            with hot() as connection:
                connection.execute(SENT, (now(), day))
