"""What runs by itself, from PostgreSQL's own queue: every job is one use case in one transaction."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import procrastinate
from flask import Flask, current_app

from gridapp.config import Settings
from gridapp.db import commit
from gridapp.services import feed, plans, tracks
from gridapp.timesource import now

SCHEMA = "procrastinate"
DAYS_AHEAD = 7


@dataclass(frozen=True)
class Periodic:
    """A use case that is due by a cron line (UTC), and once at the start, for nobody knows how long it was not run."""

    name: str
    cron: str
    call: Callable[[], object]


def _ensure_partitions() -> None:
    """Positions find their day's partition: late ones of the past, and those of the days to come."""
    settings: Settings = current_app.extensions["settings"]
    today = now().date()
    days = range(-settings.position_max_age_days, DAYS_AHEAD + 1)
    tracks.ensure_partitions(today + dt.timedelta(days=number) for number in days)


def _prune_feed() -> None:
    """The log behind the feed is kept as long as the settings say; older cursors start afresh."""
    settings: Settings = current_app.extensions["settings"]
    feed.prune(now() - dt.timedelta(days=settings.feed_retention_days))


PERIODIC = (
    Periodic("ensure_partitions", "17 * * * *", _ensure_partitions),
    Periodic("prune_feed", "43 19 * * *", _prune_feed),
    Periodic("rehome_due", "* * * * *", plans.rehome_due),
)


def queue_of(app: Flask) -> procrastinate.App:
    """The queue in the app's database, with every periodic job; a job is not queued twice."""
    conninfo = app.config["SQLALCHEMY_DATABASE_URI"].replace("+psycopg", "", 1)
    options = f"-c search_path={SCHEMA},public -c timezone=UTC"
    connector = procrastinate.PsycopgConnector(conninfo=conninfo, kwargs={"options": options}, min_size=1, max_size=4)
    queue = procrastinate.App(connector=connector)
    for job in PERIODIC:
        task = queue.task(name=job.name, queueing_lock=job.name)(_in_a_use_case(app, job.call))
        queue.periodic(cron=job.cron)(task)
    return queue


def run(app: Flask) -> None:
    """Runs what is due at the start, then works until SIGTERM or SIGINT."""
    for job in PERIODIC:
        _in_a_use_case(app, job.call)(0)
    asyncio.run(_work(queue_of(app)))


async def _work(queue: procrastinate.App) -> None:
    async with queue.open_async():
        await queue.run_worker_async(delete_jobs="successful", shutdown_graceful_timeout=8)


def _in_a_use_case(app: Flask, call: Callable[[], object]) -> Callable[[int], None]:
    def run_job(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names the argument
        with app.app_context():
            call()
            commit()

    return run_job
