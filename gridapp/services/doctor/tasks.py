"""The tasks: each row is what its events add up to, in a set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from gridapp.config import Settings
from gridapp.services.bulk import wire
from gridapp.services.doctor.finding import Trouble
from gridapp.timesource import now

QUEUE_AGE = dt.timedelta(hours=24)
NAMED = 20

# A row, the row that its events add up to, and the number of its last event.
TOLD = """
select t.id, t.number, t.version, e.last,
  to_jsonb(jsonb_populate_record(null::task, e.merged || jsonb_build_object('version', e.last))) as told
from task t left join (
  select task_id, jsonb_merged(changes order by seq) as merged, max(seq) as last, count(*) as events
  from task_event group by task_id
) e on e.task_id = t.id
"""
DIFFERING = f"""
select told.number from ({TOLD}) told join task t using (id)
where told.last is distinct from t.version or told.told <> to_jsonb(t) order by told.number
"""
GAPS = """
select count(*) from (select task_id from task_event group by task_id having count(*) <> max(seq) or min(seq) <> 1) g
"""
WAITING = """
select count(*), min(received_at) from task where not located and outcome is null and received_at < %s
"""


def events(_settings: Settings) -> Iterator[Trouble]:
    """Every task equals its events, and no event is missing in between."""
    with wire() as connection:
        numbers = [number for (number,) in connection.execute(DIFFERING)]
        (gaps,) = connection.execute(GAPS).fetchone() or (0,)
    if numbers:
        named = ", ".join(map(str, numbers[:NAMED])) + (" …" if len(numbers) > NAMED else "")
        yield Trouble(
            f"{len(numbers)} tasks differ from their events ({named}): gridapp doctor --rebuild-tasks.",
            f"{len(numbers)} 个任务与其事件不一致（{named}）：请运行 gridapp doctor --rebuild-tasks。",
            {"tasks": numbers[:1000]},
        )
    if gaps:
        yield Trouble(f"{gaps} tasks lack events: restore a backup.", f"{gaps} 个任务缺少事件记录，请从备份恢复。")


def queue(_settings: Settings) -> Iterator[Trouble]:
    """What has no grid is looked at by a person before long."""
    with wire() as connection:
        count, oldest = connection.execute(WAITING, (now() - QUEUE_AGE,)).fetchone() or (0, None)
    if count:
        yield Trouble(
            f"{count} open tasks have waited for a place since {oldest:%Y-%m-%d}: look into the address queue.",
            f"{count} 个未定位任务自 {oldest:%Y-%m-%d} 起待处理，请查看地址队列。",
            {"count": count},
        )
