"""Leave: somebody is away from their post from one hour to another, with a deputy or without."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import joinedload

from gridapp.access import Principal
from gridapp.db import flush, session
from gridapp.errors import invalid
from gridapp.models import Leave, Person, Post
from gridapp.services import audit
from gridapp.services.drafts import Draft, Line
from gridapp.services.staff import posts
from gridapp.services.staff.people import person_by_username
from gridapp.timesource import now

Hour = Annotated[dt.datetime, Field(ge=dt.datetime(2000, 1, 1), le=dt.datetime(2199, 12, 31))]  # noqa: DTZ001
"""A time as people read it on their wall."""


class LeaveDraft(Draft):
    """What is typed of a leave: from and until as the clock on the wall shows them, user name of the deputy."""

    begins: Hour
    ends: Hour
    deputy: Line | None = None


def of_post(who: Principal, post_id: uuid.UUID) -> list[Leave]:
    """Leaves of a post in scope, the latest first."""
    post = posts.post_in_scope(who, post_id)
    query = select(Leave).where(Leave.post_id == post.id).order_by(func.lower(Leave.during).desc())
    deputies = joinedload(Leave.deputy_post).joinedload(Post.person)
    return list(session.scalars(query.options(deputies)))


def give(who: Principal, post_id: uuid.UUID, draft: LeaveDraft, zone: ZoneInfo) -> Leave:
    """Put a leave on record; the deputy gets a post for its hours, and open work goes over at the hour.

    Raises:
        Problem: ``not_found``; ``invalid`` by field; ``leave_overlaps``.
    """
    post = posts.post_in_scope(who, post_id, lock=True)
    starts, ends = _at(draft.begins, zone), _at(draft.ends, zone)
    if ends <= max(starts, now()):
        raise invalid(
            ends=("too_early", "The end lies before the beginning or in the past.", "结束时间早于开始或已过去。")
        )
    covering = _deputy_post(who, post, draft.deputy, Range(starts, ends)) if draft.deputy else None
    leave = Leave(
        post_id=post.id,
        during=Range(starts, ends),
        deputy_post_id=covering.id if covering else None,
        made_by=who.person_id,
    )
    session.add(leave)
    flush()
    said = {"begins": starts.isoformat(), "ends": ends.isoformat(), "person_id": str(post.person_id)}
    audit.note(who, "give_leave", "post", post.id, post.grid_id, **said)
    return leave


def end(who: Principal, post_id: uuid.UUID, leave_id: uuid.UUID) -> None:
    """End a leave now, with the deputy's post; one that has not begun is taken back.

    Raises:
        Problem: ``not_found``; ``invalid`` for one that is over.
    """
    post = posts.post_in_scope(who, post_id)
    query = select(Leave).where(Leave.id == leave_id, Leave.post_id == post.id).with_for_update()
    leave, at = session.scalar(query), now()
    if leave is None or leave.during.upper is None or leave.during.upper <= at:
        raise invalid(leave=("over", "There is no such leave any more.", "该请假已结束或不存在。"))
    begun = leave.during.lower is not None and leave.during.lower < at
    covering = leave.deputy_post
    if begun:
        leave.during = Range(leave.during.lower, at)
    else:
        session.delete(leave)
    flush()
    if covering is not None:
        posts.cut_short(who, covering, at)
    audit.note(who, "end_leave", "post", post.id, post.grid_id, person_id=str(post.person_id))


def _deputy_post(who: Principal, post: Post, username: str, during: Range[dt.datetime]) -> Post:
    person: Person = person_by_username(who, username, "deputy")
    if person.id == post.person_id or person.role != post.kind or person.retired_at is not None:
        en, zh = "Choose another person of the same role.", "请选择角色相同的另一名人员。"
        raise invalid(deputy=("unfit", en, zh))
    made = Post(person_id=person.id, grid_id=post.grid_id, kind=post.kind, deputy=True, during=during)
    session.add(made)
    flush()
    return made


def _at(wall: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    return wall.replace(tzinfo=zone).astimezone(dt.UTC)
