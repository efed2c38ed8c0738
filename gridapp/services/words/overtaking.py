"""A call to somebody who need not act any more has been overtaken, and is not said any more."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Text, and_, cast, or_, select, true, update

from gridapp.db import session
from gridapp.models import Assist, Notice, Task
from gridapp.services.clockwork import words
from gridapp.services.tasking import first_answerable
from gridapp.services.words.kind import ASKED, ASSISTING, AT_WORK, FED_BACK, FIRST, HELD, REPORTED
from gridapp.services.words.kinds import overtaken_by
from gridapp.timesource import now
from gridapp.workflow import Stage

WORKING = (Stage.ASSIGN, Stage.HANDLE)


def overtake(task: Task) -> None:
    """Take back what was said about a task, and not read yet, to whoever need not act on it any more."""
    session.execute(
        update(Notice)
        .where(
            Notice.task_id == task.id,
            Notice.read_at.is_(None),
            Notice.overtaken_at.is_(None),
            or_(
                _of_holders(task),
                _of_work(task),
                _of_parts(task),
                _of_first(task),
                _unless(REPORTED, waits=task.open and task.stage == Stage.REPORT),
                _unless(ASKED, waits=task.open and task.asked_due_at is not None),
                _unless(FED_BACK, waits=task.open and task.stage == Stage.FEEDBACK),
            ),
        )
        .values(overtaken_at=now())
        .execution_options(synchronize_session=False)
    )


def _of_holders(task: Task) -> ColumnElement[bool]:
    """Whoever does not hold it now, nor answers instead of those who do."""
    still = words.hearers_of(task) if _working(task) else set()
    return and_(Notice.kind.in_(overtaken_by(HELD)), Notice.person_id.not_in([one for one in still if one is not None]))


def _of_work(task: Task) -> ColumnElement[bool]:
    """Whoever was told of lateness: nobody works on it, or the clock of another holder began since."""
    late = Notice.kind.in_(overtaken_by(AT_WORK))
    return and_(late, Notice.at < task.assigned_at if _working(task) and task.assigned_at else true())


def _of_parts(task: Task) -> ColumnElement[bool]:
    """Whoever was told of a unit's part that has ended, or of one whose task has."""
    running = select(cast(Assist.id, Text)).where(Assist.task_id == task.id, Assist.outcome.is_(None))
    over = Notice.params["part"].astext.not_in(running) if task.open else true()
    return and_(Notice.kind.in_(overtaken_by(ASSISTING)), over)


def _of_first(task: Task) -> ColumnElement[bool]:
    """Whoever is not of the unit that answers for it without having it."""
    still = [one for one in first_answerable.heard_by(task) if one is not None]
    return and_(Notice.kind.in_(overtaken_by(FIRST)), Notice.person_id.not_in(still))


def _unless(until: str, *, waits: bool) -> ColumnElement[bool]:
    """Whoever was to decide what is decided: the desk, on an extension, or in a review."""
    return and_(Notice.kind.in_(overtaken_by(until)), true() if not waits else Notice.id.is_(None))


def _working(task: Task) -> bool:
    return task.open and task.stage in WORKING
