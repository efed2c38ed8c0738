"""What keeps the house: partitions for positions, the length of the feed's log, redraws that are due."""

from __future__ import annotations

import datetime as dt

from flask import current_app

from gridapp.config import Settings
from gridapp.jobs.periodic import Periodic
from gridapp.services import plans, uploads
from gridapp.services.feeds import feed
from gridapp.services.field import tracks
from gridapp.timesource import now

DAYS_AHEAD = 7


def _ensure_partitions() -> None:
    """Positions find their day's partition: late ones of the past, and those of the days to come."""
    settings: Settings = current_app.extensions["settings"]
    today = now().date()
    days = range(-settings.position_max_age_days, DAYS_AHEAD + 1)
    tracks.ensure_partitions(today + dt.timedelta(days=number) for number in days)


def _drop_positions() -> None:
    """Positions are kept as long as the settings say, and no shorter than phones may send them late."""
    settings: Settings = current_app.extensions["settings"]
    days = max(settings.position_keep_days, settings.position_max_age_days + 1)
    tracks.drop_partitions(now().date() - dt.timedelta(days=days))


def _prune_feed() -> None:
    """The log behind the feed is kept as long as the settings say; older cursors start afresh."""
    settings: Settings = current_app.extensions["settings"]
    feed.prune(now() - dt.timedelta(days=settings.feed_retention_days))


def _clear_uploads() -> None:
    """Parts of photos that nobody goes on with are dropped."""
    settings: Settings = current_app.extensions["settings"]
    uploads.clear(settings.instance, settings.upload_keep_days)


PERIODIC = (
    Periodic("ensure_partitions", "17 * * * *", _ensure_partitions),
    Periodic("drop_positions", "7 19 * * *", _drop_positions),
    Periodic("prune_feed", "43 19 * * *", _prune_feed),
    Periodic("clear_uploads", "29 18 * * *", _clear_uploads),
    Periodic("rehome_due", "* * * * *", plans.rehome_due),
)
