"""The background jobs on a real queue, as `gridapp jobs` runs them."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gridapp import jobs
from gridapp.app import create_app
from gridapp.cluster import Cluster
from gridapp.config import read_settings
from gridapp.jobs.housekeeping import DAYS_AHEAD
from gridapp.services.clockwork import health
from tests.support.database import all_closed_after

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("jobs")
    upgrade = gridapp(folder, "db", "upgrade")
    assert upgrade.communicate()[1] == ""
    yield folder
    Cluster(folder).stop()


def gridapp(instance: Path, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "GRIDAPP_INSTANCE": str(instance), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "gridapp", *words]
    return subprocess.Popen(command, env=environment, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def count(instance: Path, question: str) -> int:
    with psycopg.connect(Cluster(instance).dsn(), autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
        return int(row[0]) if row else 0


def drop_days(instance: Path) -> None:
    days = "select format('drop table %I', relname) from pg_class where relname ~ '^position_[0-9]{8}$'"
    with psycopg.connect(Cluster(instance).dsn(), autocommit=True) as connection:
        for (command,) in connection.execute(days.encode()).fetchall():
            connection.execute(command.encode())


def forget_jobs(instance: Path) -> None:
    """Whatever became due while an earlier test ran, by the clock on the wall, waits no longer."""
    with psycopg.connect(Cluster(instance).dsn(), autocommit=True) as connection:
        connection.execute("set search_path = procrastinate, public")
        connection.execute("delete from procrastinate_jobs where status = 'todo'")


DAYS = "select count(*) from pg_class where relname ~ '^position_[0-9]{8}$' and relispartition"
WORKERS = "select count(*) from procrastinate.procrastinate_workers"


def in_a_thread_of_its_own(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine apart from the loop that a browser test before this one may have left in the main thread."""
    with ThreadPoolExecutor(1) as apart:
        apart.submit(lambda: asyncio.run(work())).result()


def test_jobs_that_start_make_what_is_due_work_and_stop_when_told(instance: Path) -> None:
    drop_days(instance)
    running = gridapp(instance, "jobs")
    while count(instance, WORKERS) == 0:
        assert running.poll() is None
    assert count(instance, DAYS) == read_settings(instance=instance).position_max_age_days + 1 + DAYS_AHEAD
    running.send_signal(signal.SIGTERM)
    assert "Traceback" not in running.communicate()[1]
    assert running.returncode == 0


def test_a_periodic_job_goes_through_the_queue_in_one_transaction(instance: Path) -> None:
    app = create_app(read_settings(instance=instance))
    queue = jobs.queue_of(app)

    async def defer_and_work() -> None:
        async with queue.open_async():
            await queue.tasks["ensure_partitions"].defer_async(timestamp=0)
            await queue.run_worker_async(wait=False, install_signal_handlers=False)

    drop_days(instance)
    forget_jobs(instance)
    with all_closed_after(app):
        in_a_thread_of_its_own(defer_and_work)
    assert count(instance, DAYS) > DAYS_AHEAD
    assert count(instance, "select count(*) from procrastinate.procrastinate_jobs where status <> 'succeeded'") == 0


RETRIES = """
select j.status::text, extract(epoch from j.scheduled_at - e.at)
from procrastinate.procrastinate_jobs j join lateral (
  select max(at) as at from procrastinate.procrastinate_events where job_id = j.id and type = 'deferred_for_retry'
) e on true where j.task_name = 'ensure_partitions' order by j.id desc limit 1
"""
HURRY = """
update procrastinate_jobs set scheduled_at = now() where task_name = 'ensure_partitions' and status = 'todo'
"""


def test_a_job_that_fails_is_tried_again_after_growing_pauses_then_shown_and_blocks_nobody(instance: Path) -> None:
    app = create_app(read_settings(instance=instance))
    queue = jobs.queue_of(app)

    async def work(*names: str) -> None:
        async with queue.open_async():
            for name in names:
                await queue.tasks[name].defer_async(timestamp=0)
            await queue.run_worker_async(wait=False, install_signal_handlers=False)

    pauses: list[float] = []
    drop_days(instance)
    forget_jobs(instance)
    with all_closed_after(app), psycopg.connect(Cluster(instance).dsn(), autocommit=True) as connection:
        connection.execute("set search_path = procrastinate, public")
        connection.execute("alter table position rename to position_away")
        in_a_thread_of_its_own(lambda: work("ensure_partitions", "prune_feed"))
        while (row := connection.execute(RETRIES).fetchone()) and row[0] == "todo":
            pauses.append(float(row[1]))
            connection.execute(HURRY)
            in_a_thread_of_its_own(work)
        connection.execute("alter table position_away rename to position")
        assert row is not None
        assert row[0] == "failed"
        other = "select status::text from procrastinate_jobs where task_name = 'prune_feed' order by id desc limit 1"
        assert connection.execute(other).fetchone() == ("succeeded",)
        with app.app_context():
            assert [(one.name, one.status) for one in health.queued()] == [("ensure_partitions", "failed")]
            assert health.states()["ensure_partitions"].failures == len(pauses) + 1
    assert len(pauses) == jobs.RETRY.max_attempts
    assert all(later > earlier for earlier, later in pairwise(pauses))
