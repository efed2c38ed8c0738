"""The same matter reported twice: found nearest first, by an index, merged, counted as one task with its reporters."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from gridapp.db import session
from gridapp.models import Notice, Task
from gridapp.services import scope
from gridapp.services.duplicates import NEAR, NEAREST_FIRST, question, similar
from gridapp.services.reporting import reports
from gridapp.services.tasking import task_view, tasks
from gridapp.services.words import reading
from gridapp.timesource import now
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.world import World

LITTER = "06001"


@pytest.fixture(autouse=True)
def inside(app: Flask) -> Any:
    with app.app_context():
        yield


def at(world: World, metres_east: float) -> dict[str, float]:
    place = world.inside("a1")
    return {"lon": place["lon"] + metres_east / 97_700, "lat": place["lat"]}


def near(world: World, who: str = "dispatcher_a", **given: Any) -> list[tuple[str, int]]:
    place = world.inside("a1")
    found = similar(tasking.principal(world, who), LITTER, place["lon"], place["lat"], **given)
    return [(task["id"], round(task["distance_m"])) for task in found]


def test_the_nearest_comes_first_and_what_is_too_far_or_too_old_does_not(world: World) -> None:
    far, near_by, right_here = (str(tasking.file(world, location=at(world, m))) for m in (40, 20, 0))
    tasking.file(world, location=at(world, 80))
    tasking.file(world, category="06002", photos=[tasking.PHOTO], location=at(world, 1))
    assert near(world) == [(right_here, 0), (near_by, 20), (far, 40)]
    assert near(world, but=right_here, limit=1) == [(near_by, 20)]
    assert near(world, "dispatcher_b") == []


def test_what_has_ended_is_offered_no_longer(world: World) -> None:
    ended, still = tasking.file(world), tasking.file(world)
    tasking.act(world, "dispatcher_a", ended, "dismiss")
    assert [task for task, _ in near(world)] == [str(still)]


FILL = """
with filed as (
  insert into task (id, version, stage, source, edition, category_code, description, geom, grid_id, located,
    reported_at, received_at)
  select gen_random_uuid(), 1, 'report', 'hotline', :edition,
    case n % 10 when 0 then :category else '06002' end, '垃圾',
    ST_SetSRID(ST_MakePoint(104.6 + (n % 200) * 0.0001, 28.7 + n / 200 * 0.0001), 4326), :grid, true, :at, :at
  from generate_series(0, 19999) n returning *)
insert into task_event (id, task_id, seq, action, actor_kind, at, to_stage, changes)
select gen_random_uuid(), id, 1, 'report', 'system', :at, stage, to_jsonb(filed) - 'version' from filed
"""


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def test_the_look_up_reads_the_few_tasks_around_the_point_by_category_and_place(world: World) -> None:
    values = {"edition": world.edition, "category": LITTER, "grid": world.areas["a1"].id, "at": now()}
    session.execute(text(FILL), values)
    session.execute(text("analyze task"))
    who, place = tasking.principal(world, "dispatcher_a"), world.inside("a1")
    guard = scope.TASK_SQL.format(grid="g", task="t")
    asked = f"{task_view.SUMMARY.format(source='task')} where {guard} and {NEAR} {NEAREST_FIRST}"
    given = {**question(LITTER, place["lon"], place["lat"]), **scope.params(who)}
    plan = session.connection().exec_driver_sql(f"explain (analyze, format json) {asked}", given).scalar_one()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    read = [node for node in nodes(plan[0]["Plan"]) if node.get("Alias") == "t" or "ix_task_open_matter" in str(node)]
    by_index = [node for node in read if node.get("Index Name") == "ix_task_open_matter"]
    assert len(by_index) == 1, read
    assert "category_code" in by_index[0]["Index Cond"]
    assert "geom" in by_index[0]["Index Cond"]
    assert by_index[0]["Actual Rows"] < 200
    assert not [node for node in nodes(plan[0]["Plan"]) if node["Node Type"] == "Seq Scan" and node["Alias"] == "t"]


def test_one_task_counts_its_reporters(world: World) -> None:
    master = tasking.file(world, "worker_a")
    second, third = tasking.file(world, "chief_a"), tasking.file(world, "dispatcher_a")
    again = tasking.file(world, "worker_a")
    tasking.act(world, "dispatcher_a", third, "merge", master=str(second))
    for task_id in (second, again):
        tasking.act(world, "dispatcher_a", task_id, "merge", master=str(master))
    document = tasks.get(tasking.principal(world, "dispatcher_a"), master)
    assert document["reporters"] == 3
    assert {task["number"] for task in document["merged"]} == {
        tasks.get(tasking.principal(world, "dispatcher_a"), one)["number"] for one in (second, third, again)
    }


def test_the_panel_counts_one_task_and_its_reporters_and_offers_what_is_near(world: World, sign_in: SignIn) -> None:
    master = tasking.file(world, "worker_a")
    for who in ("chief_a", "dispatcher_a"):
        tasking.act(world, "dispatcher_a", tasking.file(world, who), "merge", master=str(master))
    farther, nearer = (tasking.file(world, "chief_a", location=at(world, metres)) for metres in (40, 20))
    session.commit()
    numbers = {one: session.get_one(Task, one).number for one in (farther, nearer)}
    told = sign_in("dispatcher_a", browser=True).get(f"/command/tasks/{master}").text
    assert "1 件任务，3 人反映" in told
    merge = 'data-merge-into="{}"'.format
    assert 0 < told.index(merge(numbers[nearer])) < told.index(merge(numbers[farther]))


def test_one_reporter_of_two_reports_is_counted_as_one(world: World, sign_in: SignIn) -> None:
    master, again = tasking.file(world, "worker_a"), tasking.file(world, "worker_a")
    tasking.act(world, "dispatcher_a", again, "merge", master=str(master))
    session.commit()
    client = sign_in("dispatcher_a", browser=True)
    client.set_cookie("lang", "en")
    assert ">1 task, 1 reporter<" in client.get(f"/command/tasks/{master}").text


def test_callers_of_the_hotline_count_each(world: World) -> None:
    master = tasking.file(world, "worker_a")
    for _ in range(2):
        call = call_down(world)
        tasking.act(world, "dispatcher_a", call, "merge", master=str(master))
    assert tasks.get(tasking.principal(world, "dispatcher_a"), master)["reporters"] == 3


def call_down(world: World) -> uuid.UUID:

    task_id = uuid.uuid4()
    report = reports.Report.model_validate(tasking.report_body(world))
    reports.file_report(tasking.principal(world, "dispatcher_a"), task_id, report, source="hotline")
    return task_id


def test_every_reporter_is_told_at_the_end(world: World) -> None:
    master = tasking.bring_to(world, "fed_back")
    merged = tasking.file(world, "chief_a")
    deeper = tasking.file(world, "handler_a")
    tasking.act(world, "dispatcher_a", deeper, "merge", master=str(merged))
    tasking.act(world, "dispatcher_a", merged, "merge", master=str(master))
    tasking.act(world, "reviewer_a", master, "pass")
    told = session.execute(select(Notice.person_id, Notice.task_id).where(Notice.kind == "task_resolved")).all()
    reported = (("worker_a", master), ("chief_a", merged), ("handler_a", deeper))
    assert {tuple(row) for row in told} == {(world.people[name].id, own) for name, own in reported}
    [message] = [one for one in reading.newest(tasking.principal(world, "handler_a")) if one.kind == "task_resolved"]
    assert f"#{session.get_one(Task, deeper).number}（" in message.words("zh_CN")
    assert session.scalar(select(func.count()).select_from(Notice).where(Notice.kind == "task_merged")) == 2


def test_a_call_is_offered_what_may_be_the_same_before_it_is_filed(world: World, sign_in: SignIn) -> None:
    there = tasking.file(world, "worker_a")
    session.commit()
    client, place = sign_in("dispatcher_a", browser=True), world.inside("a1")
    asked = {"category": LITTER, **place}
    assert str(there) in client.get("/command/report/similar", query_string=asked).text
    for wrong in (
        {**asked, "category": "none"},
        {**asked, "lon": "east"},
        {**asked, "lat": "nan"},
        {"category": LITTER},
    ):
        answer = client.get("/command/report/similar", query_string=wrong)
        assert (answer.status_code, answer.text) == (200, "")
    form = {"id": str(uuid.uuid4()), **asked, "description": "又有人来电", "duplicate_of": str(there)}
    assert client.post("/command/report", data=form).status_code == 200
    assert client.get(f"/api/v1/tasks/{form['id']}").get_json()["duplicate_of"] == str(there)
