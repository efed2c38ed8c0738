"""Jobs that are wanted for one thing at a time, such as one receiver: one of a key waits, one runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import text

from gridapp.db import session

WANT = text("""
insert into procrastinate.procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)
values ('default', :name, :lock, :lock, jsonb_build_object('key', cast(:key as text)))
on conflict (queueing_lock) where status = 'todo' do nothing
""")


@dataclass(frozen=True)
class OnDemand:
    """A use case that is called with a key, as often as somebody wants it."""

    name: str
    call: Callable[[str], object]


def want(job: OnDemand, key: str) -> None:
    """Queue the job for a key in the running transaction, unless it waits already."""
    session.execute(WANT, {"name": job.name, "lock": f"{job.name}:{key}", "key": key})
