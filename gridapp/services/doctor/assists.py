"""The parts of joint tasks: each row is what the events of its task say of it."""

from __future__ import annotations

from collections.abc import Iterator

from gridapp.config import Settings
from gridapp.services.bulk import wire
from gridapp.services.doctor.finding import Trouble

NAMED = 20
DIFFERING = """
select distinct t.number from (
  select task_id, changes -> 'assist' ->> 'id' as id, jsonb_merged(changes -> 'assist' order by seq) as told
  from task_event where changes ? 'assist' group by 1, 2
) e full join assist a on a.id = e.id::uuid join task t on t.id = coalesce(a.task_id, e.task_id)
where a.id is null or e.id is null or to_jsonb(jsonb_populate_record(null::assist, e.told)) <> to_jsonb(a)
order by t.number
"""


def differing() -> list[int]:
    """Numbers of the tasks with a part that is not what their events say."""
    with wire() as connection:
        return [number for (number,) in connection.execute(DIFFERING)]


def parts(_settings: Settings) -> Iterator[Trouble]:
    """Every unit's part equals the events of its task."""
    numbers = differing()
    if numbers:
        named = ", ".join(map(str, numbers[:NAMED])) + (" …" if len(numbers) > NAMED else "")
        yield Trouble(
            f"{len(numbers)} tasks have a unit's part that differs from their events ({named}): restore a backup.",
            f"{len(numbers)} 个任务的协办记录与其事件不一致（{named}），请从备份恢复。",
            {"tasks": numbers[:1000]},
        )
