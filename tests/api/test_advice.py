"""Dispatch advice: duty, way, responsibility, load and skill in words, and what was chosen after it on record."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.dialects.postgresql import Range

from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import LastPosition, Person, Shift, Street, TaskEvent
from gridapp.services import advice
from gridapp.services.advice.record import unseal
from gridapp.services.tasking import tasks
from gridapp.timesource import now
from tests.api.test_admission import ruled
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.world import World


@pytest.fixture(autouse=True)
def inside(app: Flask) -> Any:
    with app.app_context():
        yield


def on_duty(world: World, name: str, place: dict[str, float] | None = None, age: int = 1) -> None:
    person = world.people[name].id
    session.add(Shift(id=uuid.uuid4(), person_id=person, during=Range(now() - dt.timedelta(hours=1), None)))
    if place:
        session.add(LastPosition(person_id=person, at=now() - dt.timedelta(minutes=age), **place))
    session.flush()


def advised(world: World, task_id: uuid.UUID, who: str = "dispatcher_a") -> list[dict[str, Any]]:
    return advice.advise(tasking.principal(world, who), task_id)


def zh(item: dict[str, Any]) -> list[str]:
    return [reason["zh"] for reason in item["reasons"]]


def street(*corners: dict[str, float], kind: str = "residential") -> None:
    line = ", ".join(f"{corner['lon']} {corner['lat']}" for corner in corners)
    session.add(Street(source="test", kind=kind, geom=f"SRID=4326;LINESTRING({line})"))
    session.flush()


def test_the_worker_of_the_grid_on_duty_comes_first(world: World) -> None:
    task_id = tasking.file(world)
    on_duty(world, "worker_a", world.inside("a1"))
    on_duty(world, "worker_a2", world.inside("a2"))
    found = advised(world, task_id)
    assert [item["name"] for item in found] == ["Worker A", "Worker A2", "东社区综合办"]
    assert [item["rank"] for item in found] == [1, 2, 3]
    assert zh(found[0]) == ["在岗", "约 0 米（直线距离×1.3 估算）", "本网格网格员", "手头无任务"]
    assert "同社区网格员" in zh(found[1])
    assert all(reason["en"] and reason["zh"] for item in found for reason in item["reasons"])


def test_who_is_not_on_duty_comes_after_and_it_is_said(world: World) -> None:
    task_id = tasking.file(world)
    on_duty(world, "worker_a2", world.inside("a1"))
    found = advised(world, task_id)
    assert [item["name"] for item in found[:2]] == ["Worker A2", "Worker A"]
    assert zh(found[1])[:2] == ["不在岗", "位置未知"]


def test_load_and_lateness_count_against_and_skill_for(world: World) -> None:
    for _ in range(3):
        done = tasking.bring_to(world, "fed_back")
        tasking.act(world, "reviewer_a", done, "pass")
    held = [tasking.bring_to(world, "assigned") for _ in range(2)]
    assert held
    task_id = tasking.file(world)
    on_duty(world, "worker_a", world.inside("a1"))
    [worker, *_] = advised(world, task_id)
    assert (worker["load"], worker["experience"]) == (2, 3)
    assert "手头 2 件" in zh(worker)
    assert "一年内办结同类 3 件，质量 4.0 分" in zh(worker)


def test_the_way_follows_the_streets_where_there_are_some(world: World) -> None:
    task_id = tasking.file(world, location=world.point(0.5, 0.5))
    on_duty(world, "worker_a", world.point(0.7, 0.5))
    corner = world.point(0.5, 0.7), world.point(0.7, 0.7)
    street(world.point(0.5, 0.5), corner[0], corner[1], world.point(0.7, 0.5))
    street(world.point(0.5, 0.5), world.point(0.7, 0.5), kind="motorway")
    [worker, *_] = advised(world, task_id)
    assert worker["by_streets"]
    assert 630 <= worker["metres"] <= 650
    assert f"沿道路步行 {worker['metres']} 米" in zh(worker)


def test_an_old_position_is_no_position(world: World) -> None:
    task_id = tasking.file(world)
    on_duty(world, "worker_a", world.inside("a1"), age=120)
    assert advised(world, task_id)[0]["metres"] is None


def test_what_is_not_admitted_goes_to_a_unit_and_it_is_said(world: World) -> None:
    task_id = tasking.file(world)
    on_duty(world, "worker_a", world.inside("a1"))
    ruled(world, "revoke", item="06001")
    [unit] = advised(world, task_id)
    assert unit["unit"] == str(world.units["a"])
    assert "该事项未准入网格" in zh(unit)


def test_nobody_outside_the_scope_is_advised_and_only_who_assigns_asks(world: World) -> None:
    task_id = tasking.file(world)
    on_duty(world, "worker_b", world.inside("a1"))
    assert "Worker B" not in {item["name"] for item in advised(world, task_id)}
    assert "Worker B" in {item["name"] for item in advised(world, task_id, "dispatcher_district")}
    assert all("post" in item for item in advised(world, task_id, "chief_a"))
    for who, status in (("reviewer_a", 403), ("worker_a", 403), ("dispatcher_b", 404)):
        with pytest.raises(Problem) as caught:
            advised(world, task_id, who)
        assert caught.value.status == status


def test_what_was_advised_and_what_was_chosen_stand_in_the_record(world: World, sign_in: SignIn) -> None:
    task_id = tasking.file(world)
    on_duty(world, "worker_a", world.inside("a1"))
    on_duty(world, "worker_a2", world.inside("a2"))
    session.commit()
    client = sign_in("dispatcher_a")
    told = client.get(f"/api/v1/tasks/{task_id}/advice").get_json()
    body = {
        "id": str(uuid.uuid4()),
        "action": "assign",
        "at": now().isoformat(),
        "assignee": {"post": told["items"][1]["post"]},
        "advice": told["seal"],
    }
    answer = client.post(f"/api/v1/tasks/{task_id}/actions", json=body, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    record = answer.get_json()["events"][-1]["changes"]["advice"]
    assert [item["name"] for item in record["items"]] == [item["name"] for item in told["items"]]
    assert (record["rank"], record["chosen"]) == (2, {"post": told["items"][1]["post"]})
    kept = session.get_one(TaskEvent, uuid.UUID(body["id"]))
    assert kept.changes["advice"] == record


def test_a_choice_beside_the_advice_has_no_rank(world: World) -> None:
    task_id = tasking.file(world)
    word = advice.seal(task_id, advised(world, task_id))
    chief = {"post": str(world.people["chief_a"].post)}
    done = tasking.act(world, "dispatcher_a", task_id, "assign", assignee=chief, advice=word)
    assert done["events"][-1]["changes"]["advice"]["rank"] is None


def test_advice_that_was_altered_or_is_of_another_task_is_refused(world: World) -> None:
    task_id, other = tasking.file(world), tasking.file(world)
    word = advice.seal(task_id, advised(world, task_id))
    for wrong in (word[:-2] + "xx", advice.seal(other, []), "none"):
        with pytest.raises(Problem) as caught, session.begin_nested():
            tasking.act(world, "dispatcher_a", task_id, "assign", advice=wrong)
        assert caught.value.errors["advice"].code == "stale"
    assert unseal(task_id, word)


def test_the_panel_shows_the_advice_in_words(world: World, sign_in: SignIn) -> None:
    task_id = tasking.file(world, description="<b>垃圾</b>")
    person = session.get_one(Person, world.people["worker_a"].id)
    person.name = "<i>小王</i>"
    session.commit()
    headers = {"HX-Request": "true", "Accept": "text/html"}
    page = sign_in("dispatcher_a", browser=True).get(f"/command/tasks/{task_id}/advice", headers=headers).text
    assert "本网格网格员" in page
    assert "&lt;i&gt;小王&lt;/i&gt;" in page
    assert 'name="advice"' in page


def test_the_timeline_says_whether_the_advice_was_followed(world: World, sign_in: SignIn) -> None:
    task_id = tasking.file(world)
    word = advice.seal(task_id, advised(world, task_id))
    tasking.act(world, "dispatcher_a", task_id, "assign", advice=word)
    session.commit()
    assert tasks.get(tasking.principal(world, "dispatcher_a"), task_id)["events"][-1]["changes"]["advice"]["rank"] == 1
    headers = {"HX-Request": "true", "Accept": "text/html"}
    assert "按建议派遣" in sign_in("dispatcher_a", browser=True).get(f"/command/tasks/{task_id}", headers=headers).text
