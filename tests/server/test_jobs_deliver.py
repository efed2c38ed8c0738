"""Messages go out by the real queue: handed on by one job, sent by a job for each receiver."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from gridapp import jobs
from gridapp.db import session
from gridapp.models import Delivery, Outbox, Seal
from tests.api.test_deliveries import app, program, subscribe
from tests.support import tasking
from tests.support.receivers import up

__all__ = ["app", "program"]


def work(app, *wanted: str) -> None:
    """Queue these jobs and work until nothing is left, as `gridapp jobs` does."""
    queue = jobs.queue_of(app)

    async def defer_and_work() -> None:
        async with queue.open_async():
            for name in wanted:
                await queue.tasks[name].defer_async(timestamp=0)
            await queue.run_worker_async(wait=False, install_signal_handlers=False, concurrency=jobs.AT_ONCE)

    with ThreadPoolExecutor(1) as apart:
        apart.submit(lambda: asyncio.run(defer_and_work())).result()


def test_the_queue_hands_on_and_each_receiver_has_a_job_of_its_own(app, world, program):
    with up() as dead:
        subscribe(world, dead)
    subscribe(world, program)
    tasking.bring_to(world, "dismissed")
    session.commit()
    work(app, "hand_on", "seal", "send_letters", "send_heads", "look_at_photos", "prune_deliveries")
    assert [one.said["type"] for one in program.got] == ["task.report", "task.dismiss"]
    assert session.query(Outbox).count() == 0
    assert [one.state for one in session.query(Delivery).order_by(Delivery.receiver_id, Delivery.id)].count("done") == 2
    session.rollback()
    work(app, "seal")
    assert session.query(Seal).count() == 1
