"""Lists in numbered pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from gridapp.db import session

Item = TypeVar("Item")
SIZE = 50


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a list, counted from 1."""

    items: list[Item]
    number: int
    pages: int
    total: int


def page_of(query: Select[Item], number: int, size: int = SIZE) -> Page[Item]:
    """The page ``number`` of an ordered query, or the nearest one that there is."""
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max(1, -(-total // size))
    number = min(max(1, number), pages)
    rows: Any = session.scalars(query.limit(size).offset((number - 1) * size)).unique()
    return Page(list(rows), number, pages, total)
