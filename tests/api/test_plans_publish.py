"""The redraw's promise: from its start on the new boundaries hold, open tasks follow, the past stays as it was."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from shapely.geometry import Polygon
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import Range

from gridapp import db
from gridapp.db import session
from gridapp.models import Boundary, Grid, Notice, Plan, PlanChange, Post, Task, TaskEvent
from gridapp.services import plans
from gridapp.services.ground.locate import locate
from gridapp.services.plans import rehoming
from gridapp.timesource import now
from tests.support import tasking
from tests.support.planning import Desk
from tests.support.world import SINCE

HANDED_OVER = (1, 1.2)
"""In grid a2 before a vertex is dragged to (1, 1.3), in a1 afterwards."""
NORTH = ((1, 1), (1, 1.3))


@pytest.fixture
def desk(sign_in, world):
    return Desk(sign_in("planner_a", browser=True), world)


def filed(app, world, *actions, at=HANDED_OVER, who="worker_a2"):
    """A task at a place of the world's drawing, and what is done to it."""
    with app.app_context():
        task_id = tasking.file(world, who, location=world.point(*at))
        for person, action, given in actions:
            tasking.act(world, person, task_id, action, **given)
        db.commit()
    return task_id


def assigned_to(world, name):
    return ("dispatcher_a", "assign", {"assignee": {"post": str(world.people[name].post)}})


def row(app, task_id):
    with app.app_context():
        task = session.get_one(Task, task_id)
        session.refresh(task)
        session.expunge(task)
        return task


def code_at(app, world, place, at=None):
    with app.app_context():
        found = locate(tasking.principal(world, "dispatcher_district"), *world.point(*place).values(), at=at)
        return [grid["code"] for grid in found.chain]


def test_open_tasks_follow_in_the_same_transaction_and_closed_ones_stay(app, desk, world):
    unassigned = filed(app, world)
    held = filed(app, world, assigned_to(world, "worker_a2"), ("worker_a2", "accept", {}))
    by_unit = filed(app, world, ("dispatcher_a", "assign", {"assignee": {"unit": str(world.units["a"])}}))
    elsewhere = filed(app, world, assigned_to(world, "worker_a2"), at=(1, 1.8))
    closed = filed(app, world, ("dispatcher_a", "dismiss", {}))
    before = {task: row(app, task) for task in (unassigned, held, by_unit, elsewhere, closed)}
    desk.drag("a1", *NORTH)
    assert desk.publish().status_code == 200
    after = {task: row(app, task) for task in before}

    below_a1 = {world.areas["a1x"].id, world.areas["a1y"].id}
    for task in (unassigned, held, by_unit):
        assert after[task].grid_id in below_a1
        assert (after[task].version, after[task].stage) == (before[task].version + 1, before[task].stage)
    assert after[held].assignee_post_id == world.people["worker_a"].post
    assert after[by_unit].assignee_unit_id == world.units["a"]
    for task in (elsewhere, closed):
        assert (after[task].version, after[task].grid_id) == (before[task].version, world.areas["a2"].id)
    assert [task.boundary_id for task in after.values()] == [task.boundary_id for task in before.values()]

    with app.app_context():
        told = session.execute(select(TaskEvent.actor_kind, TaskEvent.note).where(TaskEvent.action == "rehome")).all()
        people = session.scalars(select(Notice.person_id).where(Notice.kind == "task_rehome")).all()
    assert told == [("system", "调整一号")] * 3
    assert people == [world.people["worker_a"].id]


def test_each_grid_has_one_boundary_at_a_time_and_the_old_one_is_kept(app, desk, world):
    filed(app, world)
    instant = now()
    desk.drag("a1", *NORTH)
    desk.publish()
    with app.app_context():
        for grid in ("a1", "a2", "a1x", "a1y"):
            old, new = session.scalars(
                select(Boundary).where(Boundary.grid_id == world.areas[grid].id).order_by(Boundary.during)
            ).all()
            assert old.during.upper == new.during.lower
            assert (old.during.lower, new.during.upper) == (SINCE, None)
            assert (old.plan_id is None, str(new.plan_id)) == (True, desk.seen["plan"]["id"])
        untouched = session.scalars(select(Boundary).where(Boundary.grid_id == world.areas["b1"].id)).all()
        assert len(untouched) == 1
    assert code_at(app, world, HANDED_OVER, instant)[-1] == world.areas["a2"].code
    assert world.areas["a1"].code in code_at(app, world, HANDED_OVER)


def test_the_new_boundaries_show_and_codes_stay(desk, world):
    desk.drag("a1", *NORTH)
    drawn = desk.shape("a1")
    seen = desk.publish().json
    assert seen["plan"]["status"] == "published"
    assert desk.shape("a1").equals_exact(drawn, 0)
    assert desk.drag("a1", (1, 1.3), (1, 1.1)).json["code"] == "plan_closed"
    fresh = Desk(desk.client, world, name="其后")
    assert fresh.shape("a1").equals_exact(drawn, 1e-9)
    assert [f["properties"]["code"] for f in fresh.seen["grids"]["features"]] == [
        world.areas[key].code for key in ("a1", "a2")
    ]


def test_a_start_told_far_from_greenwich_is_understood(app, desk, world):
    start = now() + dt.timedelta(days=2)
    desk.drag("a1", *NORTH)
    far = start.astimezone(dt.timezone(dt.timedelta(hours=23)))
    assert desk.publish(effective_from=far.isoformat()).status_code == 200
    assert world.areas["a1"].code in code_at(app, world, HANDED_OVER, start)


def test_a_later_start_waits_for_the_clock_and_is_never_skipped(app, desk, world, monkeypatch):
    task = filed(app, world, assigned_to(world, "worker_a2"))
    start = now() + dt.timedelta(days=2)
    desk.drag("a1", *NORTH)
    assert desk.publish(effective_from=start.isoformat()).status_code == 200
    assert minute(app) == 0
    assert row(app, task).grid_id == world.areas["a2"].id
    assert code_at(app, world, HANDED_OVER)[-1] == world.areas["a2"].code
    assert world.areas["a1"].code in code_at(app, world, HANDED_OVER, start)

    monkeypatch.setattr(rehoming, "now", lambda: start + dt.timedelta(days=3))
    assert minute(app) == 1
    moved = row(app, task)
    assert moved.grid_id in {world.areas["a1x"].id, world.areas["a1y"].id}
    assert moved.assignee_post_id == world.people["worker_a"].post
    assert [minute(app) for _ in range(3)] == [0, 0, 0]
    assert row(app, task).version == moved.version


def minute(app):
    """What the clock does each minute; how many tasks moved."""
    with app.app_context():
        moved = plans.rehome_due()
        db.commit()
        return moved


def test_a_plan_is_looked_after_until_it_has_settled(app, desk, world, monkeypatch):
    desk.drag("a1", *NORTH)
    desk.publish()
    minute(app)
    with app.app_context():
        assert session.scalar(select(Plan.settled_at)) is None
    monkeypatch.setattr(rehoming, "now", lambda: now() + rehoming.SETTLES_AFTER)
    minute(app)
    with app.app_context():
        assert session.scalar(select(Plan.settled_at)) is not None


def test_plans_that_overlap_conflict_and_the_loser_learns_the_name(sign_in, world):
    first, second = (Desk(sign_in("planner_a", browser=True), world, name=name) for name in ("先到", "后到"))
    first.drag("a1", *NORTH)
    second.drag("a1", (1, 1), (1, 0.8))
    assert first.publish().status_code == 200
    refused = second.publish()
    assert (refused.status_code, refused.json["code"]) == (409, "plan_overtaken")
    assert "先到" in refused.json["detail"]
    assert second.load()["overtaken"]["plan"] == "先到"
    assert second.drag("a1", (1, 0.8), (1, 0.9)).json["code"] == "plan_overtaken"


def test_a_start_before_that_of_the_boundary_drawn_over_is_refused(sign_in, world):
    first = Desk(sign_in("planner_a", browser=True), world)
    first.drag("a1", *NORTH)
    first.publish(effective_from=(now() + dt.timedelta(days=9)).isoformat())
    second = Desk(first.client, world, name="之后")
    second.drag("a1", (1, 1.3), (1, 0.8))
    assert list(second.publish().json["errors"]) == ["effective_from"]
    assert second.publish(effective_from=(now() + dt.timedelta(days=10)).isoformat()).status_code == 200


def test_posts_are_untouched(app, desk, world):
    with app.app_context():
        before = session.execute(select(Post.id, Post.grid_id, Post.during).order_by(Post.id)).all()
    desk.drag("a1", *NORTH)
    desk.publish()
    with app.app_context():
        assert session.execute(select(Post.id, Post.grid_id, Post.during).order_by(Post.id)).all() == before


def test_a_building_grid_that_goes_over_as_a_whole_gets_the_group_above_it(app, desk, world):
    """The border of two groups is laid around a building grid: its workers' open tasks go along, its code stays."""
    task = filed(app, world, assigned_to(world, "worker_a"), at=(1.5, 0.5), who="worker_a")
    outline = Polygon([tuple(world.point(*corner).values()) for corner in ((0, 0), (1, 0), (1, 1), (0, 1))])
    answer = desk.redraw("a1", outline)
    assert answer.status_code == 200, answer.text
    assert desk.load("a2")["grids"]["features"][0]["properties"]["code"] == world.areas["a1y"].code
    assert desk.publish().status_code == 200
    moved = row(app, task)
    assert (moved.grid_id, moved.assignee_post_id) == (world.areas["a1y"].id, world.people["worker_a2"].post)
    with app.app_context():
        building = session.get_one(Grid, world.areas["a1y"].id)
        assert (building.parent_id, building.code) == (world.areas["a2"].id, world.areas["a1y"].code)
        assert building.path[-2:] == [world.areas["a2"].id, building.id]
    assert code_at(app, world, (1.5, 0.5))[-2:] == [world.areas["a2"].code, world.areas["a1y"].code]


def test_a_task_without_a_new_worker_stays_with_its_holder(app, desk, world):
    task = filed(app, world, assigned_to(world, "worker_a2"))
    with app.app_context():
        session.execute(update(Post).where(Post.id == world.people["worker_a"].post).values(during=Range(SINCE, now())))
        db.commit()
    desk.drag("a1", *NORTH)
    desk.publish()
    moved = row(app, task)
    assert moved.grid_id in {world.areas["a1x"].id, world.areas["a1y"].id}
    assert moved.assignee_post_id == world.people["worker_a2"].post


def test_a_task_closed_before_and_reopened_after_a_redraw_comes_to_the_grid_of_its_place(app, desk, world):
    steps: tuple[tuple[str, str, dict[str, Any]], ...] = (
        assigned_to(world, "worker_a2"),
        ("worker_a2", "accept", {}),
        ("worker_a2", "feedback", {}),
        ("reviewer_a", "pass", {}),
    )
    task_id = filed(app, world, *steps)
    desk.drag("a1", *NORTH)
    desk.publish()
    assert row(app, task_id).grid_id == world.areas["a2"].id
    with app.app_context():
        tasking.act(world, "dispatcher_a", task_id, "reopen")
        db.commit()
    reopened = row(app, task_id)
    assert reopened.grid_id in {world.areas["a1x"].id, world.areas["a1y"].id}
    assert reopened.assignee_post_id == world.people["worker_a2"].post


def test_new_faults_stop_a_plan_and_are_listed(app, desk, world):
    """The door draws no faults; whatever else puts one into a plan, it is not published."""
    desk.drag("a1", *NORTH)
    with app.app_context():
        grown = func.ST_Multi(func.ST_Buffer(PlanChange.geom, 0.0005, "join=mitre"))
        session.execute(update(PlanChange).where(PlanChange.grid_id == world.areas["a1"].id).values(geom=grown))
        db.commit()
    answer = desk.publish()
    assert (answer.status_code, answer.json["code"]) == (409, "plan_faulty")
    assert {"overlap", "outside_parent"} <= {finding["kind"] for finding in answer.json["findings"]}
    assert desk.load()["plan"]["status"] == "draft"
    assert desk.seen["findings"][0]["blocking"]


def test_faults_that_were_there_before_do_not_stop_a_plan(app, desk, world):
    """A city's imported borders have holes that nobody can mend by drawing elsewhere."""
    with app.app_context():
        bite = func.ST_Buffer(func.ST_SetSRID(func.ST_MakePoint(*world.point(1, 1.9).values()), 4326), 0.0003)
        holed = func.ST_Multi(func.ST_Difference(Boundary.geom, bite))
        session.execute(update(Boundary).where(Boundary.grid_id == world.areas["a2"].id).values(geom=holed))
        db.commit()
    assert desk.drag("a1", *NORTH).status_code == 200
    assert {(f["kind"], f["blocking"]) for f in desk.seen["findings"]} == {("not_covered", False)}
    assert desk.publish().status_code == 200


def test_boundaries_replaced_by_an_import_are_told_as_well(app, desk, world):
    desk.drag("a1", *NORTH)
    with app.app_context():
        of_a1 = Boundary.grid_id == world.areas["a1"].id
        old = session.scalars(select(Boundary).where(of_a1)).one()
        at = now()
        old.during = Range(SINCE, at)
        session.flush()
        session.add(
            Boundary(
                grid_id=old.grid_id, code=old.code, level=old.level, geom=old.geom, during=Range(at, None), area_m2=1
            )
        )
        db.commit()
    answer = desk.publish()
    assert answer.json["code"] == "plan_overtaken"
    assert "数据导入" in answer.json["detail"]
