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
from gridapp.services.words import letters, outbox
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


PERIODIC = (
    Periodic("hand_on", "* * * * * */5", _hand_on),
    Periodic("send_letters", "* * * * * */20", letters.send_due),
    Periodic("prune_deliveries", "51 19 * * *", _prune),
)
ON_DEMAND = (DELIVER,)
