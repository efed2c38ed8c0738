"""What runs by itself, from PostgreSQL's own queue: every job is one use case in one transaction.

Each subject has a room with its own jobs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

import procrastinate
from flask import Flask

from gridapp.db import commit
from gridapp.jobs import checks, clockwork, deliveries, exports, housekeeping, record
from gridapp.jobs.on_demand import OnDemand
from gridapp.jobs.periodic import Periodic
from gridapp.jobs.trial import attempt
from gridapp.services.clockwork import health

SCHEMA = "procrastinate"
ROOMS = (housekeeping, clockwork, deliveries, checks, record, exports)
PERIODIC: tuple[Periodic, ...] = tuple(job for room in ROOMS for job in room.PERIODIC)
ON_DEMAND: tuple[OnDemand, ...] = deliveries.ON_DEMAND
AT_ONCE = 6
"""Jobs that one process works on at the same time: they wait for the database and for others, each in a thread."""
RETRY = procrastinate.RetryStrategy(max_attempts=5, exponential_wait=4)


class JobFailed(Exception):
    """A job failed; what went wrong is on record, and the queue tries again after a growing pause."""


def queue_of(app: Flask) -> procrastinate.App:
    """The queue in the app's database, with every periodic job; a job is not queued twice."""
    conninfo = app.config["SQLALCHEMY_DATABASE_URI"].replace("+psycopg", "", 1)
    options = f"-c search_path={SCHEMA},public -c timezone=UTC"
    connector = procrastinate.PsycopgConnector(conninfo=conninfo, kwargs={"options": options}, min_size=1, max_size=4)
    queue = procrastinate.App(connector=connector)
    for job in PERIODIC:
        for lane in range(job.lanes):
            name = job.name if lane == 0 else f"{job.name}_{lane + 1}"
            task = queue.task(name=name, queueing_lock=name, retry=RETRY)(_in_a_use_case(app, job))
            queue.periodic(cron=job.cron)(task)
    for wanted in ON_DEMAND:
        queue.task(name=wanted.name)(_for_a_key(app, wanted.call))
    return queue


def run(app: Flask) -> None:
    """Runs what is due at the start, then works until SIGTERM or SIGINT; one job that fails stops no other."""
    for job in PERIODIC:
        _try(app, job)
    asyncio.run(_work(queue_of(app)))


async def _work(queue: procrastinate.App) -> None:
    async with queue.open_async():
        await queue.run_worker_async(delete_jobs="successful", shutdown_graceful_timeout=8, concurrency=AT_ONCE)


def _in_a_use_case(app: Flask, job: Periodic) -> Callable[[int], None]:
    def run_job(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names the argument
        wrong = _try(app, job)
        if wrong is not None and job.retried:
            raise JobFailed(wrong)

    return run_job


def _for_a_key(app: Flask, call: Callable[[str], object]) -> Callable[[str], None]:
    def run_job(key: str) -> None:
        with app.app_context():
            call(key)
            commit()

    return run_job


def _try(app: Flask, job: Periodic) -> str | None:
    """Do a job and note how it went; what went wrong, or None."""

    def noted() -> None:
        began = time.monotonic()
        job.call()
        health.succeeded(job.name, timedelta(seconds=time.monotonic() - began))

    with app.app_context():
        wrong = attempt(noted)
        if wrong is not None:
            health.broke(job.name, wrong)
            commit()
    return wrong
