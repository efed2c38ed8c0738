"""What runs by itself: the jobs keep up with what is due, and no step of a task was put aside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from gridapp.config import Settings
from gridapp.services.bulk import wire
from gridapp.services.clockwork import calendar_desk
from gridapp.services.doctor.finding import Trouble
from gridapp.services.moments import today
from gridapp.timesource import now

BEHIND = dt.timedelta(hours=1)
WAITING = """
select count(*) filter (where parked_at is not null),
  count(*) filter (where parked_at is null and failure is null and due_at < %s)
from clock_step where done_at is null
"""


def holidays(_settings: Settings) -> Iterator[Trouble]:
    """The public holidays of this year are known; those of the next one may still be to come."""
    for year in calendar_desk.unknown_ahead():
        yield Trouble(
            f"Nobody knows the public holidays of {year}, so due times there count by weekends only: "
            "renew chinesecalendar, or enter the days under /admin/calendar.",
            f"{year} 年的节假日未知，该年的时限仅按周末推算：请更新 chinesecalendar，或在 /admin/calendar 录入。",
            {"years": [year]},
            warning=year > today().year,
        )


def steps(_settings: Settings) -> Iterator[Trouble]:
    """Every due step of a clock is done within the hour, and none waits for somebody."""
    with wire() as connection:
        parked, behind = connection.execute(WAITING, (now() - BEHIND,)).fetchone() or (0, 0)
    if behind:
        yield Trouble(
            f"{behind} steps of clocks are due for more than an hour: run gridapp jobs.",
            f"{behind} 个到期步骤已逾一小时未执行：请运行 gridapp jobs。",
            {"count": behind},
        )
    if parked:
        yield Trouble(
            f"{parked} steps of clocks failed and were put aside: look at /admin/jobs.",
            f"{parked} 个到期步骤多次失败已搁置，请查看 /admin/jobs。",
            {"count": parked},
        )
