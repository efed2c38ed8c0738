"""Exports that were asked for, one after the other; old files go."""

from __future__ import annotations

import datetime as dt
from functools import partial

from flask import current_app

from gridapp.config import Settings
from gridapp.db import commit
from gridapp.jobs.periodic import Periodic
from gridapp.jobs.trial import attempt
from gridapp.services import exports
from gridapp.timesource import now


def make_exports() -> None:
    """Make what waits; one that fails is tried again with the next call and keeps nobody waiting."""
    tried = set()
    while (order := exports.next_waiting()) is not None and order not in tried:
        tried.add(order)
        wrong = attempt(partial(exports.make, order))
        if wrong is not None:
            exports.failed(order, wrong)
            commit()


def _drop_exports() -> None:
    settings: Settings = current_app.extensions["settings"]
    exports.prune(now() - dt.timedelta(days=settings.export_keep_days))


PERIODIC = (
    Periodic("make_exports", "* * * * * */10", make_exports),
    Periodic("drop_exports", "37 19 * * *", _drop_exports),
)
