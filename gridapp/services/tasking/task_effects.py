"""What each action does to the row of a task, as the columns that it sets; one small function an action.

Nothing here touches the row: ``services/tasking/tasks.py`` alone applies what these functions answer.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, text

from gridapp.access import Principal
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import Grid, Post, Task
from gridapp.services.ground.locate import leaf_sql
from gridapp.services.routing import backstop
from gridapp.services.tasking import assignees, deadlines, first_answerable
from gridapp.services.tasking.assignees import Assignee
from gridapp.workflow import NOT_MINE

NO_HOLDER: dict[str, Any] = {
    "assignee_post_id": None,
    "assignee_unit_id": None,
    "assigned_at": None,
    "answer_due_at": None,
    "due_at": None,
    "yellow_at": None,
    "clock": None,
    "accepted_at": None,
    "asked_due_at": None,
    "asked_by": None,
    "held_at": None,
    "review_on": None,
}


@dataclass(frozen=True)
class Given:
    """What an action carries, checked."""

    who: Principal
    at: dt.datetime
    assignee: Assignee | None = None
    master: Task | None = None
    due: dt.datetime | None = None
    review_on: dt.date | None = None
    scores: tuple[int, int] | None = None
    satisfied: str | None = None
    place: dict[str, Any] = field(default_factory=dict)
    note: str | None = None
    advice: dict[str, Any] | None = None
    reason: str | None = None
    asked_by: uuid.UUID | None = None
    """Who asked a unit first, where its part passes on to another."""
    condition: str | None = None
    """Code of the filing condition chosen for the task."""


Effect = Callable[[Task, Given], dict[str, Any]]


def _close(_task: Task, given: Given) -> dict[str, Any]:
    return {"closed_at": given.at, "returned_at": None}


def _merge(_task: Task, given: Given) -> dict[str, Any]:
    return {"closed_at": given.at, "returned_at": None, "master_id": given.master.id if given.master else None}


def _hold_by(task: Task, assignee: Assignee, at: dt.datetime, condition: str | None = None) -> dict[str, Any]:
    return {
        "assignee_post_id": assignee.post_id,
        "assignee_unit_id": assignee.unit_id,
        **deadlines.limits_from(task, assignee, at, condition),
        "returned_at": None,
        "first_unit_id": task.first_unit_id or assignee.unit_id,
    }


def _assign(task: Task, given: Given) -> dict[str, Any]:
    assignee = given.assignee or Assignee()
    placed = given.place or _place_by_post(task, assignee)
    return {**_hold_by(task, assignee, given.at, given.condition), **placed}


def _place_by_post(task: Task, assignee: Assignee) -> dict[str, Any]:
    """A task without a place goes to the queue of the grid whose post takes it."""
    if task.located or assignee.post_id is None:
        return {}
    post = session.get(Post, assignee.post_id)
    return {"grid_id": post.grid_id} if post else {}


def _transfer(task: Task, given: Given) -> dict[str, Any]:
    return _hold_by(task, given.assignee or Assignee(), given.at)


def _escalate(task: Task, given: Given) -> dict[str, Any]:
    return _hold_by(task, assignees.one_level_up(task), given.at)


def _with(task: Task, who: Principal) -> list[uuid.UUID]:
    """Everybody who ever handled it, for the separation of duties."""
    if who.person_id is None or who.person_id in task.handlers:
        return list(task.handlers)
    return [*task.handlers, who.person_id]


def _accept(task: Task, given: Given) -> dict[str, Any]:
    return {"accepted_at": given.at, "handlers": _with(task, given.who), **first_answerable.accepted_by(task)}


def _return(task: Task, given: Given) -> dict[str, Any]:
    """Back to the desk, which has to acknowledge it; how often units said that it is not theirs is counted."""
    declined = int(task.assignee_unit_id is not None and given.reason in NOT_MINE)
    if declined and (stays := backstop.refuses(task)):
        raise Problem(stays)
    return {
        **NO_HOLDER,
        "returned_at": given.at,
        "return_count": (task.return_count or 0) + 1,
        "declined_count": (task.declined_count or 0) + declined or None,
    }


def _recall(task: Task, _given: Given) -> dict[str, Any]:
    """As though it had not been assigned: nobody has said anything to it yet."""
    return {**NO_HOLDER, **first_answerable.recalled(task)}


def _freeze(task: Task, _given: Given) -> dict[str, Any]:
    return deadlines.written_down(task)


def _acknowledge(_task: Task, _given: Given) -> dict[str, Any]:
    return {"returned_at": None}


def _extend(_task: Task, given: Given) -> dict[str, Any]:
    return {"asked_due_at": given.due, "asked_by": given.who.person_id}


def _grant(task: Task, _given: Given) -> dict[str, Any]:
    return {**deadlines.extend(task), "asked_due_at": None, "asked_by": None}


def _refuse(_task: Task, _given: Given) -> dict[str, Any]:
    return {"asked_due_at": None, "asked_by": None}


def _hold(task: Task, given: Given) -> dict[str, Any]:
    return {**deadlines.hold(task, given.at), "review_on": given.review_on}


def _resume(task: Task, given: Given) -> dict[str, Any]:
    went_on = deadlines.go_on(task, task.held_at, given.at) if task.held_at else {}
    return {"held_at": None, "review_on": None, **went_on}


def _feedback(task: Task, given: Given) -> dict[str, Any]:
    resumed = _resume(task, given) if task.held_at else {}
    return {
        **resumed,
        "fed_back_by": given.who.person_id,
        "fed_back_at": given.at,
        "handlers": _with(task, given.who),
        "asked_due_at": None,
        "asked_by": None,
    }


def _pass(_task: Task, given: Given) -> dict[str, Any]:
    speed, quality = given.scores or (None, None)
    return {"closed_at": given.at, "score_speed": speed, "score_quality": quality, "satisfied": given.satisfied}


def _rework(task: Task, given: Given) -> dict[str, Any]:
    """The holder goes on where they stopped: what the review took is not theirs. On the spot, a first clock begins."""
    counted = {"rework_count": task.rework_count + 1, "fed_back_at": None}
    if task.due_at is None or task.fed_back_at is None:
        assignee = Assignee(task.assignee_post_id, task.assignee_unit_id)
        return {**deadlines.limits_from(task, assignee, given.at), **counted, "accepted_at": given.at}
    return {**deadlines.go_on(task, task.fed_back_at, given.at), **counted}


HOME = text(f"select b.grid_id from task t join boundary b on b.id = {leaf_sql('t.geom', ':at')} where t.id = :id")


def _home(task: Task, at: dt.datetime) -> dict[str, Any]:
    """The grid that holds the place now: while a task was closed, a redraw left it where it was."""
    home = session.scalar(HOME, {"id": task.id, "at": at}) if task.geom is not None else None
    if home is None or home == task.grid_id:
        return {}
    return {"grid_id": home, "located": True, "nearest_grid_id": None, "nearest_m": None}


def _last_holder(task: Task, at: dt.datetime) -> Assignee:
    """The last assignee; whoever stands in the grid now where that post has ended; the first in line where none was.

    The first in line too where the last one is a worker and the item is not admitted for workers any more.
    """
    if task.assignee_unit_id is not None:
        return assignees.unit_or_heir(task, task.assignee_unit_id)
    post = session.get(Post, task.assignee_post_id) if task.assignee_post_id else None
    if post is None or (post.kind == "worker" and not assignees.fit_for_workers(task)):
        return assignees.first_in_line(task)
    if post.during.contains(at):
        return Assignee(post_id=post.id)
    path = session.scalar(select(Grid.path).where(Grid.id == post.grid_id)) or []
    return Assignee(post_id=assignees.worker_of(path) or post.id)


def _reopen(task: Task, given: Given) -> dict[str, Any]:
    return {
        **_hold_by(task, _last_holder(task, given.at), given.at),
        **_home(task, given.at),
        "closed_at": None,
        "fed_back_at": None,
        "score_speed": None,
        "score_quality": None,
        "satisfied": None,
    }


def _urge(task: Task, _given: Given) -> dict[str, Any]:
    return {"urge_count": task.urge_count + 1}


def _answer_check(task: Task, given: Given) -> dict[str, Any]:
    return {"check_result": given.reason, "closed_at": given.at, "fed_back_at": given.at, **_by(task, given)}


def _by(task: Task, given: Given) -> dict[str, Any]:
    return {"fed_back_by": given.who.person_id, "handlers": _with(task, given.who)}


def _nothing(_task: Task, _given: Given) -> dict[str, Any]:
    return {}


EFFECTS: dict[str, Effect] = {
    "dismiss": _close,
    "merge": _merge,
    "assign": _assign,
    "accept": _accept,
    "return": _return,
    "acknowledge": _acknowledge,
    "transfer": _transfer,
    "escalate": _escalate,
    "extend": _extend,
    "grant_extension": _grant,
    "refuse_extension": _refuse,
    "hold": _hold,
    "resume": _resume,
    "feedback": _feedback,
    "pass": _pass,
    "rework": _rework,
    "reopen": _reopen,
    "withdraw": _close,
    "comment": _nothing,
    "urge": _urge,
    "auto_pass": _pass,
    "freeze": _freeze,
    "recall": _recall,
    "involve": _nothing,
    "assist_accept": _nothing,
    "assist_feedback": _nothing,
    "assist_decline": _nothing,
    "assist_escalate": _nothing,
    "assist_pass_up": _nothing,
    "assist_freeze": _nothing,
    "release": _nothing,
    "verify": _nothing,
    "inspect": _nothing,
    "check_told": _nothing,
    "check_answer": _answer_check,
    "call_off": _close,
}
