"""Jobs that are wanted for one thing at a time, such as one receiver: one of a key waits at a time.

That only one runs is the use case's own business: a lock of the queue would outlive a worker that is killed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import text

from gridapp.db import session

# The queue's triggers look for its tables by the search path.
PATH = text("select current_setting('search_path'), set_config('search_path', 'procrastinate, public', true)")
BACK = text("select set_config('search_path', :path, true)")
WANT = text("""
insert into procrastinate_jobs (queue_name, task_name, queueing_lock, args)
values ('default', :name, :waits, jsonb_build_object('key', cast(:key as text)))
on conflict (queueing_lock) where status = 'todo' do nothing
""")


@dataclass(frozen=True)
class OnDemand:
    """A use case that is called with a key, as often as somebody wants it."""

    name: str
    call: Callable[[str], object]


def want(job: OnDemand, key: str) -> None:
    """Queue the job for a key in the running transaction, unless it waits already."""
    path = session.execute(PATH).one()[0]
    session.execute(WANT, {"name": job.name, "waits": f"{job.name}:{key}", "key": key})
    session.execute(BACK, {"path": path})
