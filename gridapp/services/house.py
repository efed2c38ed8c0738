"""Who speaks for the whole house: an administrator whose scope holds every root of the tree."""

from __future__ import annotations

from sqlalchemy import select

from gridapp.access import Principal
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import Grid


def is_whole(who: Principal) -> bool:
    """Whether nothing lies outside the person's scope."""
    roots = select(Grid.id).where(Grid.parent_id.is_(None), Grid.retired_at.is_(None))
    return set(session.scalars(roots)) <= set(who.scope_ids)


def refuse_others(who: Principal) -> None:
    """Refuse whoever does not see everything.

    Raises:
        Problem: ``not_whole_house``.
    """
    if not is_whole(who):
        raise Problem("not_whole_house")
