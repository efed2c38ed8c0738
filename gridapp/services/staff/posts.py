"""Posts: who stands in which grid when; the database keeps one worker a grid and one grid a worker."""

from __future__ import annotations

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import contains_eager, joinedload

from gridapp.access import CHIEF, WORKER, Principal
from gridapp.db import flush, session
from gridapp.errors import Problem, invalid
from gridapp.models import Change, Grid, Leave, Person, Post
from gridapp.services import audit
from gridapp.services.drafts import Day, Draft, Line
from gridapp.services.editing import refuse_stale
from gridapp.services.ground.areas import area_by_code
from gridapp.services.paging import Page, page_of
from gridapp.services.scope import in_scope, the_one
from gridapp.timesource import now

LEVEL_OF = {WORKER: "group", CHIEF: "community"}
WHEN = ("now", "coming", "past")


class PostDraft(Draft):
    """What is typed of a post: code of the grid, first day, the first day after it where that is known."""

    grid: Line
    begins: Day
    ends: Day | None = None
    deputy: bool = False


class ChangeDraft(Draft):
    """What may be put right of a post: its first day until that has come, the day it ends, whether it is a deputy's."""

    begins: Day
    ends: Day | None = None
    deputy: bool = False


class EndDraft(Draft):
    """The first day on which the person does not stand there any more."""

    ends: Day


def search(who: Principal, number: int = 1, *, words: str = "", when: str = "now") -> Page[Post]:
    """Posts in grids in scope, held now, coming or past, by words in person, user name, grid or its code."""
    query = (
        select(Post)
        .join(Post.grid)
        .join(Post.person)
        .options(contains_eager(Post.grid), contains_eager(Post.person))
        .where(in_scope(Post.grid_id, who), _during(when))
        .order_by(Grid.code, Post.deputy, Post.id)
    )
    if words:
        columns = (Person.name, Person.username, Grid.name, Grid.name_en)
        named = (column.icontains(words, autoescape=True) for column in columns)
        query = query.where(or_(*named, Grid.code.istartswith(words, autoescape=True)))
    return page_of(query, number)


def posts_of(who: Principal, person: Person) -> list[Post]:
    """Posts of a person in scope, the latest first."""
    query = (
        select(Post)
        .options(joinedload(Post.grid))
        .where(Post.person_id == person.id, in_scope(Post.grid_id, who))
        .order_by(func.lower(Post.during).desc())
    )
    return list(session.scalars(query))


def post_in_scope(who: Principal, post_id: uuid.UUID, *, lock: bool = False) -> Post:
    """The post.

    Raises:
        Problem: ``not_found`` where there is none, or its grid is not in scope.
    """
    query = select(Post).where(Post.id == post_id, in_scope(Post.grid_id, who))
    return the_one(query, Post, lock=lock)


def give_post(who: Principal, person: Person, draft: PostDraft, zone: ZoneInfo) -> Post:
    """Give a person in scope a grid from a day on, as whatever their role is; a deputy covers somebody's leave.

    Raises:
        Problem: ``invalid`` by field; ``grid_has_worker``, ``worker_has_grid`` where the database refuses.
    """
    grid = _fitting_grid(who, person, draft)
    starts, ends = midnight(draft.begins, zone), midnight(draft.ends, zone) if draft.ends else None
    if ends is not None and ends <= starts:
        raise _ends_too_early()
    post = Post(person_id=person.id, grid_id=grid.id, kind=person.role, deputy=draft.deputy, during=Range(starts, ends))
    session.add(post)
    flush()
    _note(who, "give_post", post, begins=draft.begins.isoformat(), ends=draft.ends.isoformat() if draft.ends else None)
    return post


def change_post(who: Principal, post_id: uuid.UUID, version: int, draft: ChangeDraft, zone: ZoneInfo) -> Post:
    """Put a post right that is not over: a begun one keeps its first day, and no end lies in the past.

    Raises:
        Problem: ``not_found``, ``changed_meanwhile``; ``invalid`` by field; ``grid_has_worker``, ``worker_has_grid``
            where the database refuses.
    """
    post = post_in_scope(who, post_id, lock=True)
    refuse_stale("post", post.id, post.version, version)
    _refuse_fixed(post)
    present, starts = now(), midnight(draft.begins, zone)
    kept = post.during.lower
    if kept is not None and has_begun(post):
        if draft.begins != kept.astimezone(zone).date():
            raise invalid(begins=("begun", "It has begun: end it and give another.", "岗位已开始，请结束后另行设定。"))
        starts = kept
    ends = midnight(draft.ends, zone) if draft.ends else None
    if ends is not None and ends <= max(starts, present):
        raise _ends_too_early()
    if not draft.deputy:
        _refuse_outside_scope(post.person, post.grid)
    post.during, post.deputy = Range(starts, ends), draft.deputy
    flush()
    _note(who, "edit", post, begins=draft.begins.isoformat(), ends=draft.ends.isoformat() if draft.ends else None)
    return post


def end_post(who: Principal, post_id: uuid.UUID, version: int, draft: EndDraft, zone: ZoneInfo) -> None:
    """End a post on a day, or at once where that is today; a post that would never have begun is dropped.

    Raises:
        Problem: ``not_found``, ``changed_meanwhile``; ``invalid`` for a day before the post began or a past one.
    """
    post = post_in_scope(who, post_id, lock=True)
    refuse_stale("post", post.id, post.version, version)
    present = now()
    ends = max(midnight(draft.ends, zone), present)
    begins = post.during.lower
    if draft.ends < present.astimezone(zone).date() or is_over(post):
        raise _ends_too_early()
    if begins is not None and ends <= begins:
        _drop(who, post)
        return
    post.during = Range(begins, ends)
    flush()
    _note(who, "end_post", post, ends=ends.isoformat())


def end_all(who: Principal, person: Person) -> None:
    """End what a person holds now and drop what is to come."""
    present = now()
    held = select(Post).where(Post.person_id == person.id, ~_is_over()).with_for_update()
    for post in session.scalars(held).all():
        begins = post.during.lower
        if begins is not None and begins >= present:
            _drop(who, post)
        else:
            post.during = Range(begins, present)
            _note(who, "end_post", post, ends=present.isoformat())


def cut_short(who: Principal, post: Post, at: dt.datetime) -> None:
    """End a post at a moment; one that would never have begun is dropped."""
    begins = post.during.lower
    if is_over(post):
        return
    if begins is not None and begins >= at:
        _drop(who, post)
        return
    post.during = Range(begins, at)
    flush()
    _note(who, "end_post", post, ends=at.isoformat())


def has_posts(person: Person) -> bool:
    """Whether the person holds or will hold a post."""
    return session.scalar(select(Post.id).where(Post.person_id == person.id, ~_is_over()).limit(1)) is not None


def all_within(person: Person, area_id: int) -> bool:
    """Whether the person's posts, deputy posts apart, lie in an area."""
    outside = (
        select(Post.id)
        .join(Post.grid)
        .where(Post.person_id == person.id, ~_is_over(), ~Post.deputy, ~Grid.path.contains([area_id]))
    )
    return session.scalar(outside.limit(1)) is None


def has_begun(post: Post) -> bool:
    """Whether the first day of the post has come."""
    return post.during.lower is None or post.during.lower <= now()


def is_over(post: Post) -> bool:
    """Whether the post has ended."""
    return post.during.upper is not None and post.during.upper <= now()


def midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The beginning of a day where people read the clock, in UTC."""
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


def _fitting_grid(who: Principal, person: Person, draft: PostDraft) -> Grid:
    level = LEVEL_OF.get(person.role)
    if level is None:
        raise invalid(person=("no_posts", "Only workers and chiefs stand in grids.", "只有网格员和网格长可以任岗。"))
    if person.retired_at is not None:
        raise invalid(person=("retired", "The person is retired.", "该人员已停用。"))
    grid = area_by_code(who, draft.grid, "grid")
    if grid.level != level:
        en = "A worker stands in a group grid." if level == "group" else "A chief stands in a community."
        zh = "网格员的岗位须为居民小组网格。" if level == "group" else "网格长的岗位须为社区。"
        raise invalid(grid=("level", en, zh))
    if not draft.deputy:
        _refuse_outside_scope(person, grid)
    return grid


def _refuse_outside_scope(person: Person, grid: Grid) -> None:
    if person.scope_grid_id not in grid.path:
        en, zh = "Outside the person's scope. Widen the scope first.", "不在该人员的管辖范围内，请先调整其范围。"
        raise invalid(grid=("outside_scope", en, zh))


def _refuse_fixed(post: Post) -> None:
    if is_over(post):
        raise _ends_too_early()
    if session.scalar(select(Leave.id).where(Leave.deputy_post_id == post.id).limit(1)):
        en, zh = "It stands for a leave: end the leave instead.", "该岗位由休假代理产生，请结束休假。"
        raise invalid(deputy=("of_leave", en, zh))


def _drop(who: Principal, post: Post) -> None:
    """Take back a post that has not begun; the feed is told, since triggers log no deletions."""
    _note(who, "drop_post", post)
    session.add(Change(kind="post", key=str(post.id), grid_id=post.grid_id, person_id=post.person_id))
    session.delete(post)
    flush()


def _note(who: Principal, action: str, post: Post, **detail: object) -> None:
    said = {"person_id": str(post.person_id), "deputy": post.deputy, **detail}
    audit.note(who, action, "post", post.id, post.grid_id, **said)


def _during(when: str) -> ColumnElement[bool]:
    if when == "past":
        return _is_over()
    if when == "coming":
        return func.lower(Post.during) > now()
    return Post.during.contains(now())


def _is_over() -> ColumnElement[bool]:
    return and_(~func.upper_inf(Post.during), func.upper(Post.during) <= now())


def _ends_too_early() -> Problem:
    en, zh = "The day lies before the beginning or in the past.", "结束日期早于开始日期或已过去。"
    return invalid(ends=("too_early", en, zh))
