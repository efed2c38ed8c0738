"""Whatever an area says of who answers: upwards is never somebody below, nor the same again, and it ends."""

from __future__ import annotations

import uuid

from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from gridapp.access import SYSTEM
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import ChainLink, Post, Task, Unit
from gridapp.services import joint
from gridapp.services.tasking import tasks
from gridapp.services.tasking.assignees import Assignee
from gridapp.services.tasking.task_effects import Given
from gridapp.timesource import now
from tests.support import tasking
from tests.support.world import World

LEVELS = ("building", "group", "community", "street", "district")
UNITS = ("a", "b", "street", "district")
ANSWERERS = ("worker", "chief", "unit", "nobody", *UNITS)
HOLDERS = ("worker_a", "chief_a", *UNITS)

chains = st.dictionaries(st.sampled_from(LEVELS), st.sampled_from(ANSWERERS))


def say(world: World, chain: dict[str, str]) -> None:
    """Let the district say who answers at some levels; a key of ``UNITS`` names that unit."""
    for level, answerer in chain.items():
        unit = world.units.get(answerer)
        kind = "unit" if unit else answerer
        link = ChainLink(grid_id=world.areas["district"].id, level=level, answerer=kind, unit_id=unit)
        session.add(link)
    session.flush()


def holder_of(world: World, name: str) -> Assignee:
    return Assignee(unit_id=world.units[name]) if name in UNITS else Assignee(post_id=world.people[name].post)


def level_of(task: Task) -> str:
    if task.assignee_unit_id:
        return session.get_one(Unit, task.assignee_unit_id).level
    kind = session.scalars(select(Post.kind).where(Post.id == task.assignee_post_id)).one()
    return {"worker": "group", "chief": "community"}[kind]


def climb(world: World, first: str, *, by_hand: bool) -> list[tuple[str, uuid.UUID | None]]:
    """Levels and holders from a first one upwards, until nobody stands above."""
    task_id = tasking.file(world)
    task = session.get_one(Task, task_id)
    tasks.by_system(task, "assign", Given(who=SYSTEM, at=now(), assignee=holder_of(world, first)))
    went: list[tuple[str, uuid.UUID | None]] = []
    while True:
        went.append((level_of(task), task.assignee_post_id or task.assignee_unit_id))
        assert len(went) <= len(LEVELS) + 1, went
        try:
            if by_hand:
                tasking.act(world, "chief_a", task_id, "escalate")
            else:
                tasks.by_system(task, "escalate", reason="overdue")
        except Problem as problem:
            assert problem.code == "nobody_above"
            return went


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chain=chains, first=st.sampled_from(HOLDERS), by_hand=st.booleans())
@example(chain={"street": "worker"}, first="chief_a", by_hand=True)
@example(chain={"street": "worker"}, first="worker_a", by_hand=False)
@example(chain={"street": "chief", "district": "a"}, first="a", by_hand=False)
def test_no_chain_circles(app: Flask, world: World, chain: dict[str, str], first: str, *, by_hand: bool) -> None:
    with app.app_context(), tasking.undone():
        say(world, chain)
        went = climb(world, first, by_hand=by_hand)
        ranks = [LEVELS.index(level) for level, _ in went]
        assert ranks == sorted(ranks)
        assert len({holder for _, holder in went}) == len(went)
        if chain.get("district") != "nobody":
            assert went[-1] == ("district", world.units["district"])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chain=chains)
@example(chain={"street": "a", "district": "b"})
def test_no_part_of_a_joint_task_goes_back_down(app: Flask, world: World, chain: dict[str, str]) -> None:
    with app.app_context(), tasking.undone():
        say(world, chain)
        task_id = tasking.bring_to(world, "handled")
        tasking.act(world, "dispatcher_a", task_id, "involve", assignee={"unit": str(world.units["street"])})
        [part] = session.get_one(Task, task_id, populate_existing=True).assists
        above = joint.unit_above(session.get_one(Task, task_id), part)
        assert above in (None, world.units["district"])
