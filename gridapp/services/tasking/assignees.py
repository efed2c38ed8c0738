"""Who can take a task: posts and units in scope, admission to grid workers, and who stands one level up."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, or_, select
from sqlalchemy.orm import joinedload

from gridapp.access import CHIEF, Principal
from gridapp.db import session
from gridapp.errors import Field, Problem
from gridapp.models import Grid, Post, Task, Unit
from gridapp.services.admission.rules import refusal, ruling_for
from gridapp.services.editions import categories
from gridapp.services.routing import chain
from gridapp.services.scope import in_scope
from gridapp.services.staff.standing import held_now, in_path
from gridapp.services.tasking import on_the_spot

CHOICES = 200


@dataclass(frozen=True)
class Assignee:
    """Either a post or a unit."""

    post_id: uuid.UUID | None = None
    unit_id: uuid.UUID | None = None


def resolve(who: Principal, task: Task, *, post: uuid.UUID | None, unit: uuid.UUID | None) -> Assignee:
    """Check a chosen assignee.

    Raises:
        Problem: ``invalid`` where it is unknown, out of scope, holds the task already, a unit chosen by a chief, or the
            category is not admitted for grid workers; for a check on the spot also a unit, and whoever reported or
            handled the matter.
    """
    if (post is None) == (unit is None):
        raise _wrong("required", "Choose one post or one unit.", "请选择一个岗位或一个责任单位。")
    if (post, unit) == (task.assignee_post_id, task.assignee_unit_id):
        raise _wrong("same", "Choose another: the task is theirs already.", "任务已由其办理，请选择其他承办人。")
    if unit is not None:
        if task.check_kind:
            raise _wrong("only_posts", "A check on the spot goes to a person's post.", "现场核查只能派给岗位人员。")
        if who.role == CHIEF:
            raise _wrong("outside", "A chief assigns inside the community.", "网格长只能在本社区内派遣。")
        if (
            session.scalar(select(Unit.id).where(Unit.id == unit, Unit.retired_at.is_(None), _unit_in_scope(who)))
            is None
        ):
            raise _wrong("unknown", "Choose a unit from the list.", "请从列表中选择责任单位。")
        return Assignee(unit_id=unit)
    found = session.scalar(select(Post).where(Post.id == post, held_now(), in_scope(Post.grid_id, who)))
    if found is None:
        raise _wrong("unknown", "Choose a post from the list.", "请从列表中选择岗位。")
    if task.check_kind and found.person_id in on_the_spot.partial(task):
        raise _wrong(
            "partial",
            "They reported or handled the matter: choose somebody else to look at it.",
            "该人员是上报人或处置人，不能核查本人的任务，请另选他人。",
        )
    held = ruling_for(task)
    if found.kind == "worker" and not (held.admitted or task.check_kind):
        raise Problem("invalid", errors={"assignee": refusal(task, held)})
    return Assignee(post_id=found.id)


def _wrong(code: str, en: str, zh: str) -> Problem:
    return Problem("invalid", errors={"assignee": Field(code, en, zh)})


def _unit_in_scope(who: Principal) -> ColumnElement[bool]:
    """A unit serves whoever lies in or under its area: units of the scope and of the areas above it."""
    above = select(func.unnest(Grid.path)).where(Grid.id.in_(who.scope_ids))
    return or_(Unit.grid_id.is_(None), in_scope(Unit.grid_id, who), Unit.grid_id.in_(above))


def choices(who: Principal, task: Task) -> list[dict[str, Any]]:
    """Assignees to choose from: the posts of the task's own chain first, its community next, then units."""
    path = session.scalar(select(Grid.path).where(Grid.id == task.grid_id)) or []
    near = case(
        (Post.grid_id.in_(path), 0),
        (Grid.path.overlap(path[-3:]), 1),
        else_=2,
    )
    admitted = fit_for_workers(task)
    query = (
        select(Post)
        .join(Grid, Grid.id == Post.grid_id)
        .where(held_now(), in_scope(Post.grid_id, who), or_(Post.kind == "chief", literal(admitted)))
        .where(Post.id.is_distinct_from(task.assignee_post_id))
        .where(Post.person_id.not_in(on_the_spot.partial(task) if task.check_kind else ()))
        .order_by(near, Post.kind.desc(), Grid.code)
        .limit(CHOICES)
        .options(joinedload(Post.person), joinedload(Post.grid))
    )
    posts = [_post_choice(post) for post in session.scalars(query)]
    units = [] if who.role == CHIEF or task.check_kind else unit_choices(who)
    return posts + [choice for choice in units if choice["unit"] != str(task.assignee_unit_id)]


def post_choices(who: Principal) -> list[dict[str, Any]]:
    """Posts held now in the person's areas, those of chiefs first."""
    query = (
        select(Post)
        .join(Grid, Grid.id == Post.grid_id)
        .where(held_now(), in_scope(Post.grid_id, who))
        .order_by(Post.kind, Grid.code)
        .limit(CHOICES)
        .options(joinedload(Post.person), joinedload(Post.grid))
    )
    return [_post_choice(post) for post in session.scalars(query)]


def unit_choices(who: Principal) -> list[dict[str, Any]]:
    """Units in use that serve the person's areas."""
    units = (
        select(Unit)
        .where(Unit.retired_at.is_(None), _unit_in_scope(who))
        .order_by(Unit.level, Unit.code)
        .limit(CHOICES)
    )
    return [unit_choice(unit) for unit in session.scalars(units)]


def unit_choice(unit: Unit) -> dict[str, Any]:
    """A unit as forms offer it."""
    return {"unit": str(unit.id), "name": unit.name, "name_en": unit.name_en or unit.name}


def _post_choice(post: Post) -> dict[str, Any]:
    return {
        "post": str(post.id),
        "kind": post.kind,
        "name": f"{post.person.name} · {post.grid.name}",
        "name_en": f"{post.person.name} · {post.grid.name_en or post.grid.name}",
        "grid": post.grid.code,
        "deputy": post.deputy,
    }


def worker_of(path: list[int]) -> uuid.UUID | None:
    """The worker's post of the deepest grid of a path that has one; a deputy goes before the one on leave."""
    return in_path(path, "worker")


def first_in_line(task: Task) -> Assignee:
    """Who answers for a task that nobody has held: the worker of its grid where admitted, else who stands above.

    Raises:
        Problem: ``nobody_above``.
    """
    path = session.scalar(select(Grid.path).where(Grid.id == task.grid_id)) or []
    admitted = ruling_for(task).admitted
    post = worker_of(path) if admitted else None
    return Assignee(post_id=post) if post else one_level_up(task)


def one_level_up(task: Task) -> Assignee:
    """Who answers above the present holder, by the chain of the task's area; no worker where it is not admitted.

    Raises:
        Problem: ``nobody_above``.
    """
    path = session.scalar(select(Grid.path).where(Grid.id == task.grid_id)) or []
    preferred = categories.condition_of(task).unit_code
    holder = (task.assignee_post_id, task.assignee_unit_id)
    post, unit = chain.above(path, holder, preferred, admitted=fit_for_workers(task))
    if (post, unit) == chain.NOBODY:
        raise Problem("nobody_above")
    return Assignee(post_id=post, unit_id=unit)


def unit_or_heir(task: Task, unit_id: uuid.UUID) -> Assignee:
    """A unit in service; in place of one that was retired another of its level for the place, else who stands above.

    Raises:
        Problem: ``nobody_above``.
    """
    unit = session.get_one(Unit, unit_id)
    if unit.retired_at is None:
        return Assignee(unit_id=unit.id)
    path = session.scalar(select(Grid.path).where(Grid.id == task.grid_id)) or []
    heir = chain.unit_at(path, unit.level, categories.condition_of(task).unit_code)
    return Assignee(unit_id=heir) if heir else one_level_up(task)


def fit_for_workers(task: Task) -> bool:
    """Whether grid workers may have a task: its item is admitted where it lies, or it is a check on the spot."""
    return task.check_kind is not None or ruling_for(task).admitted
