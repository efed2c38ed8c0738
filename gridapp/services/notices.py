"""Words to persons about their tasks; rows of the same transaction, shown on screens and in the phone's feed.

What else becomes of them, letters among it, is decided after the commit from the outbox, which a trigger fills.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import SessionTransaction, aliased

from gridapp.db import flush, session
from gridapp.models import Grid, Notice, Person, Post, Task, Unit
from gridapp.services.words.kinds import family_of
from gridapp.timesource import now

BATCH, TOGETHER = "notice_batch", "notices_together"


@contextmanager
def as_one(batch: uuid.UUID) -> Iterator[None]:
    """Let what is told inside be one message to each person and kind, over as many transactions as there are."""
    session().info[TOGETHER] = batch
    try:
        yield
    finally:
        session().info.pop(TOGETHER, None)


def tell(persons: Iterable[uuid.UUID | None], kind: str, task: Task, **params: Any) -> None:
    """Leave a notice of ``kind`` about a task for each person once.

    Notices of one kind to one person in one transaction, or in one batch of a dispatcher, are shown, and sent, as one
    message. Its words stand in ``services/words/kinds.py``.
    """
    leave(persons, kind, task.id, **params)


def named(place: Unit | Grid) -> dict[str, str]:
    """What a notice says of a unit, or of a grid in its stead, by its name in each language."""
    return {"unit": place.name, "unit_en": place.name_en or place.name}


def leave(persons: Iterable[uuid.UUID | None], kind: str, task_id: uuid.UUID | None, **params: Any) -> None:
    """Leave a notice for each person once, about a task or about none."""
    at, batch = now(), _batch(kind)
    for person_id in sorted({p for p in persons if p is not None}):
        notice = Notice(
            person_id=person_id,
            task_id=task_id,
            kind=kind,
            params=params,
            at=at,
            batch=batch,
            head_id=_head(person_id, kind, batch, params.get("unit")),
        )
        session.add(notice)
        flush()
        _outdo(notice)


def _outdo(notice: Notice) -> None:
    """Take back what was said before about the same task to the same person, where the new notice says more."""
    codes = family_of(notice.kind)
    if not codes or notice.task_id is None:
        return
    session.execute(
        update(Notice)
        .where(
            Notice.task_id == notice.task_id,
            Notice.person_id == notice.person_id,
            Notice.kind.in_(codes),
            Notice.id < notice.id,
            Notice.read_at.is_(None),
            Notice.overtaken_at.is_(None),
        )
        .values(overtaken_at=notice.at)
        .execution_options(synchronize_session=False)
    )


def _batch(kind: str) -> uuid.UUID:
    """The batch of the running transaction; or that of a kind in all those that are one.

    What is urgent and what can wait for the morning are kinds apart there, so that neither goes with the other.
    """
    together: uuid.UUID | None = session().info.get(TOGETHER)
    if together is not None:
        return uuid.uuid5(together, kind)
    held: tuple[SessionTransaction | None, uuid.UUID] | None = session().info.get(BATCH)
    session.connection()
    running = session().get_transaction()
    if held is None or held[0] is not running:
        held = (running, uuid.uuid4())
        session().info[BATCH] = held
    return held[1]


def _head(person_id: uuid.UUID, kind: str, batch: uuid.UUID, unit: str | None) -> int | None:
    """The notice that this message began with; one message names one unit."""
    query = select(func.min(Notice.id)).where(
        Notice.batch == batch,
        Notice.person_id == person_id,
        Notice.kind == kind,
        Notice.head_id.is_(None),
        Notice.params["unit"].astext.is_not_distinct_from(unit),
    )
    return session.scalar(query)


def tell_reporters(task: Task, kind: str, besides: Collection[uuid.UUID | None] = ()) -> set[uuid.UUID | None]:
    """Tell the reporters of a task, and of all that were merged into it, however deep: each of what they reported.

    Returns:
        Those who reported any of it.
    """
    tree = select(Task.id, Task.reporter_id).where(Task.id == task.id).cte(recursive=True)
    child = aliased(Task)
    tree = tree.union(select(child.id, child.reporter_id).join(tree, child.master_id == tree.c.id))
    reports = session.execute(select(tree.c.id, tree.c.reporter_id)).all()
    for own, reporter in sorted(reports, key=lambda report: report.id != task.id):
        leave({reporter} - {*besides}, kind, own)
    return {reporter for _, reporter in reports}


def holders_of(task: Task) -> set[uuid.UUID | None]:
    """The persons who hold a task now: who stands in the post, or the handlers of the unit."""
    return people_of(task.assignee_post_id, task.assignee_unit_id)


def people_of(post_id: uuid.UUID | None, unit_id: uuid.UUID | None) -> set[uuid.UUID | None]:
    """Who stands in a post, or the handlers of a unit; nobody where there is neither."""
    if post_id:
        return {session.scalar(select(Post.person_id).where(Post.id == post_id))}
    if unit_id:
        members = select(Person.id).where(Person.unit_id == unit_id, Person.retired_at.is_(None))
        return set(session.scalars(members))
    return set()
