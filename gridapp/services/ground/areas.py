"""Finding areas by their names and codes."""

from __future__ import annotations

from sqlalchemy import func, or_, select

from gridapp.access import Principal
from gridapp.db import session
from gridapp.errors import Problem, invalid
from gridapp.models import LEVELS, Grid
from gridapp.services.scope import in_scope

FOUND_AT_MOST = 20


def search_areas(who: Principal, words: str, levels: tuple[str, ...] = LEVELS) -> list[Grid]:
    """Areas in scope, in use, whose code begins with ``words`` or whose name has them; upper levels first."""
    query = select(Grid).where(in_scope(Grid.id, who), Grid.retired_at.is_(None), Grid.level.in_(levels))
    if words:
        query = query.where(
            or_(
                Grid.code.istartswith(words, autoescape=True),
                Grid.name.icontains(words, autoescape=True),
                Grid.name_en.icontains(words, autoescape=True),
            )
        )
    return list(session.scalars(query.order_by(func.cardinality(Grid.path), Grid.code).limit(FOUND_AT_MOST)))


def area_by_code(who: Principal, code: str, field: str) -> Grid:
    """The area of a typed code.

    Raises:
        Problem: ``invalid`` naming ``field`` where no area in scope and in use has it.
    """
    grid = session.scalar(select(Grid).where(Grid.code == code, in_scope(Grid.id, who), Grid.retired_at.is_(None)))
    if grid is None:
        raise no_such_area(field, code)
    return grid


def no_such_area(field: str, code: str) -> Problem:
    """The same refusal for an area that is not there and one outside the scope."""
    return invalid(
        **{
            field: (
                "unknown_area",
                f"No area of your scope has the code {code}. Search by name and choose one.",
                f"您的管辖范围内没有编码为 {code} 的区域，请按名称搜索后选择。",
            )
        }
    )


def top(who: Principal) -> Grid | None:
    """The largest area of the scope."""
    query = select(Grid).where(in_scope(Grid.id, who), Grid.retired_at.is_(None))
    return session.scalar(query.order_by(func.cardinality(Grid.path), Grid.code).limit(1))
