"""Who stands in for a grid at a moment: posts held now by somebody who is here, deputies before those they cover."""

from __future__ import annotations

import uuid

from sqlalchemy import ColumnElement, func, select

from gridapp.db import session
from gridapp.models import Leave, Person, Post
from gridapp.timesource import now


def held_now() -> ColumnElement[bool]:
    """Posts held now by somebody in service who is not on leave from them."""
    at = now()
    away = select(Leave.post_id).where(Leave.during.contains(at))
    here = select(Person.id).where(Person.retired_at.is_(None))
    return Post.during.contains(at) & Post.person_id.in_(here) & Post.id.not_in(away)


def in_path(path: list[int], kind: str) -> uuid.UUID | None:
    """The post of the deepest grid of a path that has one of this kind; a deputy goes before the one on leave."""
    query = (
        select(Post.id)
        .where(Post.grid_id.in_(path), Post.kind == kind, held_now())
        .order_by(func.array_position(path, Post.grid_id).desc(), Post.deputy.desc(), Post.id)
    )
    return session.scalar(query.limit(1))


def held_by(person_id: uuid.UUID) -> list[uuid.UUID]:
    """Posts that a person holds now."""
    return list(session.scalars(select(Post.id).where(Post.person_id == person_id, held_now())))
