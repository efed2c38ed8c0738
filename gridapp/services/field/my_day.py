"""A worker's day in one answer: tasks with those that came back on top, stops, hand-overs, duty."""

from __future__ import annotations

import datetime as dt
from typing import Any

from gridapp.access import HANDLER, Principal
from gridapp.db import session
from gridapp.services.editions import categories
from gridapp.services.field import duty, stops
from gridapp.services.moments import stamp
from gridapp.services.staff import callees, hand_overs
from gridapp.services.tasking import task_list
from gridapp.services.tasking.task_list import Filters

MOST_TASKS = 200

# The last time that a task came back to who holds it now; a feedback after it would have moved the task on.
SENT_BACK = """
select distinct on (e.task_id) e.task_id, e.action, e.reason, e.note, e.at, p.name
from task_event e left join person p on p.id = e.actor_id
where e.task_id = any(%(ids)s::uuid[]) and e.action in ('rework', 'reopen')
order by e.task_id, e.seq desc
"""


def day_of(who: Principal, day: dt.date) -> dict[str, Any]:
    """What a phone shows as the day; lamps are those of the clocks now, due times are frozen and may be counted on."""
    found = task_list.find(who, Filters(view="mine"), after=None, limit=MOST_TASKS)["items"]
    in_hand = [task for task in found if task["stage"] in ("assign", "handle")]
    back = _sent_back(in_hand)
    calls = callees.of_tasks(who, [task["id"] for task in in_hand if _is_mine(who, task)])
    tasks = [{**task, "sent_back": back.get(task["id"]), "callees": calls.get(task["id"], [])} for task in found]
    return {
        "day": day.isoformat(),
        "duty": duty.state(who.person_id) if who.person_id else None,
        "tasks": sorted(tasks, key=lambda task: task["sent_back"] is None),
        "stops": stops.planned(who, day),
        "hand_overs": hand_overs.waiting(who),
    }


def _is_mine(who: Principal, task: dict[str, Any]) -> bool:
    """Whether I hold it: by my post, or as a handler of the unit."""
    holder = task["assignee"] or {}
    by_unit = who.role == HANDLER and who.unit_id is not None and holder.get("unit") == str(who.unit_id)
    return by_unit or holder.get("post") in {str(post) for post in who.post_ids}


def _sent_back(tasks: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Why and by whom each was sent back, by id."""
    edition = {task["id"]: task["category"]["version"] for task in tasks}
    rows = session.connection().exec_driver_sql(SENT_BACK, {"ids": list(edition)}).mappings().all()
    return {str(row["task_id"]): _words(row, edition[str(row["task_id"])]) for row in rows}


def _words(row: Any, edition: str) -> dict[str, Any]:
    named = {reason["code"]: reason for reason in categories.reasons(edition, row["action"])}
    reason = named.get(row["reason"], {})
    return {
        "action": row["action"],
        "reason": row["reason"],
        "reason_name": {
            "zh": reason.get("zh") or reason.get("name_zh"),
            "en": reason.get("en") or reason.get("name_en"),
        },
        "note": row["note"],
        "by": row["name"],
        "at": stamp(row["at"]),
    }
