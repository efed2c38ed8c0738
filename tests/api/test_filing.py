"""Filing: places find their one grid, reports carry what their category asks for, self-handling, sending again."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from flask import Flask
from pydantic import ValidationError
from sqlalchemy import select, text

from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import Grid, Task
from gridapp.services.reporting import reports
from gridapp.services.tasking import task_view, tasks
from gridapp.timesource import now
from tests.support import tasking
from tests.support.world import OUTSIDE, World


@pytest.fixture
def inside(app: Flask) -> Any:
    with app.app_context():
        yield


@pytest.mark.usefixtures("inside")
def test_points_get_one_grid_and_nothing_is_lost(world: World) -> None:
    def grid_of(x: float, y: float) -> str:
        task = session.get_one(Task, tasking.file(world, location=world.point(x, y)))
        return session.get_one(Grid, task.grid_id).code

    assert grid_of(1, 0.5) == world.areas["a1x"].code
    assert grid_of(2, 0.5) == world.areas["a1y"].code
    assert grid_of(2, 1) == world.areas["a1y"].code
    assert grid_of(1, 1) == world.areas["a1x"].code
    assert grid_of(3, 1) == world.areas["b1"].code
    assert grid_of(2, 1.5) == world.areas["a2"].code


@pytest.mark.usefixtures("inside")
def test_a_point_outside_everything_waits_in_a_queue_with_the_nearest_grid_as_a_hint(world: World) -> None:
    task_id = tasking.file(world, location={"lon": OUTSIDE[0], "lat": OUTSIDE[1]})
    seen = tasks.get(tasking.principal(world, "dispatcher_district"), task_id)
    assert (seen["located"], seen["grid"], seen["chain"]) == (False, None, [])
    assert seen["nearest"]["code"] == world.areas["b2"].code
    assert 100_000 < seen["nearest"]["distance_m"] < 140_000
    placed = tasking.act(
        world,
        "dispatcher_district",
        task_id,
        "assign",
        location=world.inside("a2"),
        assignee={"post": str(world.people["worker_a2"].post)},
    )
    assert placed["grid"]["code"] == world.areas["a2"].code


@pytest.mark.usefixtures("inside")
def test_gcj02_is_shifted_back_and_the_raw_pair_kept(world: World) -> None:
    there = world.inside("a2")
    shifted = {"lon": there["lon"] + 0.00233, "lat": there["lat"] - 0.00345, "crs": "gcj02"}
    task = session.get_one(Task, tasking.file(world, location=shifted))
    assert (task.raw_x, task.raw_y, task.raw_crs) == (shifted["lon"], shifted["lat"], "gcj02")
    place = session.execute(text("select ST_X(geom), ST_Y(geom) from task where id = :id"), {"id": task.id}).one()
    assert place[0] == pytest.approx(there["lon"], abs=5e-5)
    assert place[1] == pytest.approx(there["lat"], abs=5e-5)


@pytest.mark.usefixtures("inside")
def test_swapped_axes_are_refused_by_name(world: World) -> None:
    with pytest.raises(ValidationError) as caught:
        tasking.file(world, location={"lon": 28.704, "lat": 104.604})
    assert caught.value.errors()[0]["loc"] == ("location", "lat")
    assert session.scalar(select(Task.id)) is None


@pytest.mark.usefixtures("inside")
def test_a_matter_settled_on_the_spot_passes_unless_it_is_drawn_for_the_sample(world: World) -> None:
    settled = {"note": "已清除", "photos": ["cd" * 32], "handled_at": now().isoformat()}
    given: dict[str, Any] = {"photos": [tasking.PHOTO], "self_handled": settled}
    undrawn = session.get_one(Task, tasking.file(world, category="06002", **given))
    drawn = session.get_one(Task, tasking.file(world, category="06003", **given))
    assert (undrawn.stage, undrawn.outcome, undrawn.score_speed) == ("review", "resolved", None)
    assert (drawn.stage, drawn.outcome, drawn.self_handled) == ("feedback", None, True)
    for who in ("reviewer_a", "chief_a"):
        with tasking.undone():
            assert tasking.act(world, who, drawn.id, "rework")["stage"] == "handle"


@pytest.mark.usefixtures("inside")
def test_settling_on_the_spot_is_for_the_worker_of_the_grid_and_admitted_categories(world: World) -> None:
    settled = {"note": "已清除", "photos": ["cd" * 32], "handled_at": now().isoformat()}
    given: dict[str, Any] = {"category": "06002", "photos": [tasking.PHOTO], "self_handled": settled}

    def problem(who: str, **more: Any) -> Problem:
        with pytest.raises(Problem) as caught:
            tasking.file(world, who, **{**given, **more})
        return caught.value

    assert problem("chief_a").code == "forbidden"
    assert problem("worker_a", location=world.inside("a2")).code == "forbidden"
    assert "self_handled" in problem("worker_a", category="06001").errors
    assert "photos" in problem("worker_a", photos=[]).errors
    assert "self_handled.photos" in problem("worker_a", self_handled={**settled, "photos": []}).errors


@pytest.mark.usefixtures("inside")
def test_a_report_must_carry_what_its_category_asks_for(world: World) -> None:
    with pytest.raises(Problem) as caught:
        tasking.file(world, category="07001", fields={"cause": "rain", "colour": "red"}, severity="deadly")
    assert set(caught.value.errors) == {"fields.width", "fields.cause", "fields.colour", "severity"}
    told = caught.value.detail("zh-CN")
    assert "宽度" in told
    assert "严重程度" in told
    assert "fields.width" not in told
    assert "severity" not in told
    with pytest.raises(Problem) as caught:
        tasking.file(world, category="06002")
    assert set(caught.value.errors) == {"photos"}
    with pytest.raises(Problem) as caught:
        tasking.file(world, category="06")
    assert set(caught.value.errors) == {"category"}


@pytest.mark.usefixtures("inside")
def test_the_same_report_again_is_the_same_task_and_other_content_is_refused_with_both(world: World) -> None:
    task_id = uuid.uuid4()
    body = tasking.report_body(world)
    worker, other = tasking.principal(world, "worker_a"), tasking.principal(world, "worker_b")
    first, new = reports.file_report(worker, task_id, reports.Report.model_validate(body))
    again, newer = reports.file_report(worker, task_id, reports.Report.model_validate(body))
    assert (new, newer, first["number"]) == (True, False, again["number"])
    changed = reports.Report.model_validate({**body, "description": "别的内容"})
    with pytest.raises(Problem) as caught:
        reports.file_report(worker, task_id, changed)
    assert caught.value.code == "id_reused"
    assert caught.value.extra["task"]["description"] == body["description"]
    assert caught.value.extra["sent"]["description"] == "别的内容"
    with pytest.raises(Problem) as caught:
        reports.file_report(other, task_id, changed)
    assert "task" not in caught.value.extra


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"location": {"lon": OUTSIDE[0], "lat": OUTSIDE[1], "accuracy": 30.5, "mock": True}},
        {"location": None, "address": "某路 1 号"},
        {"reported_at": "2020-01-01T08:00:00+08:00"},
        {"photos": ["ab" * 32, "cd" * 32]},
    ],
    ids=["plain", "outside", "address", "before the boundary", "photos"],
)
def test_what_filing_answers_is_what_reading_the_task_answers(world: World, given: dict[str, Any]) -> None:
    who = tasking.principal(world, "worker_a")
    body = {name: value for name, value in (tasking.report_body(world) | given).items() if value is not None}
    told, new = reports.file_report(who, uuid.uuid4(), reports.Report.model_validate(body))
    assert new
    assert told.pop("missing_photos") == body.get("photos", [])
    read = task_view.by_id(tasking.principal(world, "dispatcher_district"), uuid.UUID(told["id"]))
    assert read == told
