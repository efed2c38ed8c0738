"""Orders of another system go where the rules say, once, by the clock: also what their source says only later."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from geodata.io import read_table
from gridapp.db import session
from gridapp.jobs import clockwork
from gridapp.models import CategoryRouting, ClockStep, Notice, RoutingRule, Task, TaskEvent
from gridapp.services.orders import task_import
from gridapp.services.orders.order_mapping import load_mapping
from tests.api.test_imports import HEADER, MAPPING, OUTSIDE, row
from tests.support import tasking
from tests.support.hours import SetClock, local, set_clock
from tests.support.world import World

Import = Callable[..., None]
KINDS = '"垃圾" = "06001"\n"小广告" = "06002"\n'


@pytest.fixture
def clock(app: Flask) -> Iterator[SetClock]:
    """A Wednesday morning."""
    with app.app_context(), set_clock("2026-03-04 09:00") as clock:
        yield clock


@pytest.fixture
def imported(world: World, clock: SetClock, tmp_path: Path) -> Import:
    """Imports rows of orders, and lets the clock run twice, as it does each minute."""
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING.replace('"垃圾" = "06001"\n', KINDS), encoding="utf-8")

    def run(*rows: tuple[Any, ...], ticks: int = 2) -> None:
        with (tmp_path / "orders.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADER, *rows])
        task_import.import_orders(read_table(tmp_path / "orders.csv"), load_mapping(mapping), "orders.csv")
        session.commit()
        for _ in range(ticks):
            clockwork.run_due_steps()
            session.expire_all()

    return run


def rule(world: World, ordinal: int, target: str, **given: Any) -> None:
    plain = {"name": f"规则{ordinal}", "grid_id": world.areas["district"].id}
    session.add(RoutingRule(ordinal=ordinal, target=target, **{**plain, **given}))
    session.flush()


def task(number: str = "1") -> Task:
    return session.scalars(select(Task).where(Task.origin_number == number)).one()


def routed(number: str = "1") -> list[tuple[str | None, str | None]]:
    """Reasons and rules of the assignments of an order's task."""
    query = select(TaskEvent.reason, TaskEvent.note).where(TaskEvent.task_id == task(number).id)
    rows = session.execute(query.where(TaskEvent.action == "assign").order_by(TaskEvent.seq))
    return [(reason, name) for reason, name in rows]


def test_many_orders_are_routed_once_each_however_often_they_are_imported(
    world: World, clock: SetClock, imported: Import
) -> None:
    rule(world, 1, "worker")
    rule(world, 2, "unit", unit_id=world.units["a"], category_code="06002")
    rows = [row(str(n), kind="小广告" if n % 3 == 0 else "垃圾") for n in range(30)]
    for _ in range(2):
        imported(*rows)
        clock.on(minutes=1)
    for n in range(30):
        one = task(str(n))
        wanted = ("规则2", world.units["a"]) if n % 3 == 0 else ("规则1", None)
        assert (routed(str(n)), one.assignee_unit_id) == ([("routing_rule", wanted[0])], wanted[1])
        assert one.stage == "assign"
    told = select(Notice.person_id).where(Notice.kind == "task_assign")
    assert len(session.scalars(told).all()) == 30


def test_the_limit_is_that_of_this_house_and_not_the_sources(world: World, clock: SetClock, imported: Import) -> None:
    rule(world, 1, "worker")
    imported(row("1"), ticks=0)
    clock.on(minutes=30)
    clockwork.run_due_steps()
    assert task().due_at == local("2026-03-04 15:30")
    event = session.scalars(select(TaskEvent).where(TaskEvent.task_id == task().id, TaskEvent.action == "assign")).one()
    assert event.device_at == local("2026-03-04 09:00")


@pytest.mark.parametrize(("at", "rule_name"), [("2026-03-04 09:00", "规则2"), ("2026-03-04 22:00", "规则1")])
def test_the_time_that_counts_is_when_it_came_here(
    world: World, clock: SetClock, imported: Import, at: str, rule_name: str
) -> None:
    rule(world, 1, "chief")
    rule(world, 2, "worker", hours="working")
    clock.to(at)
    imported(row("1"), ticks=0)
    clock.on(hours=12)
    clockwork.run_due_steps()
    assert routed() == [("routing_rule", rule_name)]


def test_a_category_set_so_goes_to_the_worker_of_the_grid(world: World, imported: Import) -> None:
    session.add(CategoryRouting(category_code="06001", to_worker=True))
    session.flush()
    imported(row("1"))
    assert (task().assignee_post_id, routed()) == (world.people["worker_a"].post, [("auto_assign", None)])


def test_what_gets_its_place_later_is_routed_then(world: World, imported: Import) -> None:
    rule(world, 1, "worker")
    imported(row("1", place=OUTSIDE))
    assert (task().stage, routed()) == ("report", [])
    imported(row("1"))
    assert (task().assignee_post_id, routed()) == (world.people["worker_a"].post, [("routing_rule", "规则1")])


def test_what_turns_out_to_be_another_matter_is_routed_as_that(world: World, imported: Import) -> None:
    rule(world, 1, "chief", category_code="06002")
    imported(row("1"))
    assert routed() == []
    imported(row("1", kind="小广告"))
    assert (task().assignee_post_id, routed()) == (world.people["chief_a"].post, [("routing_rule", "规则1")])


def test_what_its_source_opens_again_is_routed(world: World, imported: Import) -> None:
    rule(world, 1, "worker")
    imported(row("1", closed="2026-03-02 09:00", status="已办结"))
    assert (task().outcome, routed()) == ("resolved", [])
    imported(row("1"))
    assert routed() == [("routing_rule", "规则1")]


def test_what_its_source_closes_before_the_clock_runs_stays_closed(world: World, imported: Import) -> None:
    rule(world, 1, "worker")
    imported(row("1"), ticks=0)
    imported(row("1", closed="2026-03-04 08:30", status="已办结"))
    assert (task().stage, task().outcome, routed()) == ("review", "resolved", [])
    waiting = select(ClockStep.id).where(ClockStep.task_id == task().id, ClockStep.done_at.is_(None))
    assert session.scalars(waiting).all() == []


def test_what_somebody_took_before_the_clock_runs_stays_with_them(world: World, imported: Import) -> None:
    rule(world, 1, "chief")
    imported(row("1"), ticks=0)
    tasking.act(world, "dispatcher_a", task().id, "assign")
    imported(row("1", words="别的话"))
    assert (task().assignee_post_id, routed()) == (world.people["worker_a"].post, [(None, None)])


def test_what_was_returned_is_not_routed_again_by_a_later_word_of_its_source(world: World, imported: Import) -> None:
    rule(world, 1, "worker")
    imported(row("1"))
    tasking.act(world, "worker_a", task().id, "return")
    imported(row("1", words="别的话"))
    assert (task().stage, len(routed())) == ("report", 1)
