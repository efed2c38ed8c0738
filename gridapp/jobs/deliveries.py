"""What goes out: the outbox handed on, letters, and a job for each receiver, so that a dead one blocks nobody."""

from __future__ import annotations

import datetime as dt
import uuid

from flask import current_app

from gridapp.config import Settings
from gridapp.db import commit
from gridapp.jobs.on_demand import OnDemand, want
from gridapp.jobs.periodic import Periodic
from gridapp.services.deliveries import queue
from gridapp.services.words import confirming, forgetting, letters, outbox
from gridapp.timesource import now


def _deliver(key: str) -> None:
    """Send what is due to one receiver."""
    queue.deliver(uuid.UUID(key))


DELIVER = OnDemand("deliver", _deliver)


def _hand_on() -> None:
    """Hand on what was committed since the last time, then want a job for every receiver that something is due for."""
    while outbox.hand_on():
        commit()
    for receiver in queue.due():
        want(DELIVER, str(receiver))


def _prune() -> None:
    """Delivered messages are kept as long as the settings say."""
    settings: Settings = current_app.extensions["settings"]
    queue.prune(now() - dt.timedelta(days=settings.webhook_keep_days))


def _forget() -> None:
    """So are notices that nobody waits for, and letters that went out."""
    settings: Settings = current_app.extensions["settings"]
    forgetting.forget_notices(now() - dt.timedelta(days=settings.notice_keep_days))
    forgetting.forget_letters(now() - dt.timedelta(days=settings.letter_keep_days))


def _send_letters() -> None:
    """Ask new addresses whether they are right, then send what is due to those that are."""
    confirming.send_due()
    letters.send_due()


PERIODIC = (
    Periodic("hand_on", "* * * * * */5", _hand_on),
    Periodic("send_letters", "* * * * * */20", _send_letters),
    Periodic("prune_deliveries", "51 19 * * *", _prune),
    Periodic("forget_words", "57 19 * * *", _forget),
)
ON_DEMAND = (DELIVER,)
