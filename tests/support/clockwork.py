"""What the clockwork keeps of a community, to look for it elsewhere."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy.dialects.postgresql import Range

from gridapp.db import session
from gridapp.models import ChainLink, ClockStep, ExportOrder, Leave, RoutingRule
from gridapp.timesource import now
from tests.support.world import World

Made = tuple[RoutingRule, ChainLink, Leave, ClockStep, ExportOrder]


def made(world: World, task_id: uuid.UUID, words: str, key: str) -> Made:
    """A rule, a link of the chain, a leave, a failed step and an export of community ``a`` or ``b``."""
    area, post, at = world.areas[key].id, world.people[f"worker_{key}"].post, now()
    away = Range(at + dt.timedelta(days=1), at + dt.timedelta(days=2))
    made = (
        RoutingRule(name=words, ordinal=1, grid_id=area, target="unit", unit_id=world.units[key], enabled=False),
        ChainLink(grid_id=area, level="community", answerer="unit", unit_id=world.units[key]),
        Leave(post_id=post, during=away),
        ClockStep(task_id=task_id, step="route", since=1, due_at=at, failure=words, parked_at=at),
        ExportOrder(
            person_id=world.people[f"dispatcher_{key}"].id,
            form="csv",
            params={"area": world.areas[key].code, "since": None, "until": None},
            asked_at=at,
            made_at=at,
        ),
    )
    session.add_all(made)
    session.flush()
    return made
