"""Who somebody is: role, posts, scope and grids with codes and names, duty."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from gridapp.access import ROLE_NAMES
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import Grid, Person, Post
from gridapp.services.field import duty
from gridapp.services.moments import stamp
from gridapp.timesource import now


def profile(person_id: uuid.UUID | None) -> dict[str, Any]:
    """A person as their own phone shows it; ``chain`` leads from the top down to the first post's grid."""
    person = session.get(Person, person_id)
    if person is None:
        raise Problem("unauthenticated")
    posts = _posts(person)
    own = posts[0].grid if posts else person.scope_grid
    en, zh = ROLE_NAMES[person.role]
    return {
        "id": str(person.id),
        "username": person.username,
        "name": person.name,
        "role": person.role,
        "role_name": {"zh": zh, "en": en},
        "language": person.language,
        "titles": list(person.titles),
        "unit": _unit(person),
        "posts": [_post(post) for post in posts],
        "scope": grid(person.scope_grid),
        "chain": chain(own),
        "duty": duty.state(person.id),
    }


def grid(area: Grid) -> dict[str, Any]:
    """An area as JSON members, as in a chain."""
    names = {"code": area.code, "name": area.name, "name_en": area.name_en}
    return {"id": area.id, "level": area.level, **names, "kind": area.kind}


def chain(area: Grid) -> list[dict[str, Any]]:
    """The areas from the top down to this one."""
    above = {found.id: found for found in session.scalars(select(Grid).where(Grid.id.in_(area.path)))}
    return [grid(above[one]) for one in area.path if one in above]


def _posts(person: Person) -> list[Post]:
    """Posts held now, the own one before those as a deputy."""
    query = select(Post).where(Post.person_id == person.id, Post.during.contains(now()))
    return list(session.scalars(query.options(joinedload(Post.grid)).order_by(Post.deputy, Post.grid_id)))


def _post(post: Post) -> dict[str, Any]:
    return {
        "id": str(post.id),
        "kind": post.kind,
        "deputy": post.deputy,
        "grid": grid(post.grid),
        "since": stamp(post.during.lower),
        "until": stamp(post.during.upper),
    }


def _unit(person: Person) -> dict[str, Any] | None:
    unit = person.unit
    if unit is None:
        return None
    return {"id": str(unit.id), "code": unit.code, "name": unit.name, "name_en": unit.name_en}
