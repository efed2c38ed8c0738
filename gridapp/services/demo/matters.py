"""What is reported in the sample district, and how often: everyday matters of the catalogue in force."""

from __future__ import annotations

from sqlalchemy import select

from geodata.sample import CategoryWeight
from gridapp.db import session
from gridapp.models import Category

MAJORS = {"01": 0.5, "02": 0.5, "03": 1.0, "04": 0.6, "06": 3.0, "07": 2.0, "08": 0.6, "09": 3.0}
MAJORS |= {"95": 2.0, "96": 1.5, "98": 2.5, "99": 1.5}
MOST_OF_A_MAJOR = 6


def matters(edition: str) -> list[CategoryWeight]:
    """Some categories of each everyday major class that ask for no further fields, the admitted ones more often."""
    query = select(Category).where(Category.edition == edition, Category.parent_code.in_(MAJORS))
    taken: dict[str, int] = dict.fromkeys(MAJORS, 0)
    chosen: list[CategoryWeight] = []
    for category in session.scalars(query.order_by(Category.admitted.desc(), Category.ordinal)):
        major = str(category.parent_code)
        if taken[major] < MOST_OF_A_MAJOR and not any(field.get("required") for field in category.fields):
            taken[major] += 1
            weight = MAJORS[major] * (3 if category.admitted else 1)
            chosen.append(CategoryWeight(category.code, category.name_zh, weight))
    return chosen
