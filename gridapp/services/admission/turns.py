"""Telling phones when what is admitted changes: a decision begins or ends to hold."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import insert, select

from gridapp.db import session
from gridapp.models import CatalogueEdition, Change, JobState
from gridapp.services.admission.rules import turning
from gridapp.timesource import now

JOB = "tell_admissions"
OVERLAP = dt.timedelta(minutes=2)
"""What begins while the job runs is told once more rather than never: a phone only looks whether it has the newest."""


def tell_turns() -> bool:
    """Let phones fetch the catalogue again where a decision began or ended to hold since the last time; whether so."""
    last = session.scalar(select(JobState.succeeded_at).where(JobState.name == JOB))
    at = now()
    turned = turning(last - OVERLAP if last else dt.datetime.min.replace(tzinfo=dt.UTC), at)
    if turned:
        show()
    return turned


def show() -> None:
    """Let phones fetch the catalogue again."""
    newest = select(CatalogueEdition.version).order_by(CatalogueEdition.published_at.desc()).limit(1)
    version = session.scalar(newest)
    if version is not None:
        session.execute(insert(Change).values(kind="catalogue", key=version))
