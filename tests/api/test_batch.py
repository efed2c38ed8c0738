"""Many tasks at once: each by itself, with a result of its own, and back again where that can be."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from gridapp.db import session
from gridapp.models import Task, TaskEvent
from gridapp.services.words import reading
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.world import World


@pytest.fixture(autouse=True)
def inside(app: Flask) -> Any:
    with app.app_context():
        yield


def filed(world: World, count: int, **given: Any) -> list[dict[str, Any]]:
    ids = [tasking.file(world, **given) for _ in range(count)]
    session.commit()
    return [{"id": str(task_id), "version": 1} for task_id in ids]


def send(
    client: FlaskClient, items: list[dict[str, Any]], action: str = "assign", **given: Any
) -> list[dict[str, Any]]:
    answer = client.post("/command/batch", json={"batch": str(uuid.uuid4()), "action": action, "items": items, **given})
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.get_json()["results"]
    return results


def stages(items: list[dict[str, Any]]) -> list[str]:
    session.expire_all()
    return [session.get_one(Task, uuid.UUID(item["id"])).stage for item in items]


def test_each_is_done_or_refused_by_itself(world: World, sign_in: SignIn) -> None:
    items = filed(world, 3)
    with session.begin_nested():
        tasking.act(world, "chief_a", uuid.UUID(items[1]["id"]), "assign")
    session.commit()
    elsewhere = tasking.file(world, "worker_b", location=world.inside("b1"))
    session.commit()
    items.append({"id": str(elsewhere), "version": 1})
    post = {"post": str(world.people["worker_a"].post)}
    client = sign_in("dispatcher_a", browser=True)
    results = send(client, items, assignee=post)
    assert [result["done"] for result in results] == [True, False, True, False]
    assert (results[0]["to"], results[0]["undo"]) == ("Worker A", "recall")
    assert results[1]["code"] == "changed_meanwhile"
    assert "Chief A" in results[1]["words"]
    assert results[3]["code"] == "not_found"
    assert stages(items) == ["assign", "assign", "assign", "report"]


def test_the_best_advised_is_taken_for_each_and_stands_in_the_record(world: World, sign_in: SignIn) -> None:
    items = [*filed(world, 1), *filed(world, 1, location=world.inside("a2"))]
    results = send(sign_in("dispatcher_a", browser=True), items)
    assert [result["to"] for result in results] == ["Worker A", "Worker A2"]
    events = session.scalars(select(TaskEvent).where(TaskEvent.action == "assign")).all()
    assert [event.changes["advice"]["rank"] for event in events] == [1, 1]


def test_what_was_assigned_is_taken_back_until_somebody_accepts(world: World, sign_in: SignIn) -> None:
    items = filed(world, 2)
    client = sign_in("dispatcher_a", browser=True)
    results = send(client, items)
    tasking.act(world, "worker_a", uuid.UUID(items[0]["id"]), "accept")
    session.commit()
    back = send(client, [{"id": r["id"], "version": r["version"]} for r in results], "recall")
    assert [result["done"] for result in back] == [False, True]
    assert stages(items) == ["handle", "report"]
    again = send(client, [{"id": items[1]["id"], "version": back[1]["version"]}])
    assert again[0]["done"]


def test_urging_needs_words_and_is_not_taken_back(world: World, sign_in: SignIn) -> None:
    items = filed(world, 2)
    client = sign_in("dispatcher_a", browser=True)
    assert [result["done"] for result in send(client, items, "urge")] == [False, False]
    done = send(client, items, "urge", note="今天必须办结")
    assert [(result["done"], result["undo"]) for result in done] == [(True, None), (True, None)]


def test_a_batch_that_is_sent_twice_is_done_once(world: World, sign_in: SignIn) -> None:
    items, client = filed(world, 2), sign_in("dispatcher_a", browser=True)
    body = {"batch": str(uuid.uuid4()), "action": "urge", "items": items, "note": "请尽快"}
    for _ in range(2):
        results = client.post("/command/batch", json=body).get_json()["results"]
        assert all(result["done"] for result in results)
    urged = select(func.count()).select_from(TaskEvent).where(TaskEvent.action == "urge")
    assert session.scalar(urged) == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": []},
        {"action": "dismiss"},
        {"items": [{"id": "x", "version": 1}]},
        {"items": [{"id": str(uuid.uuid4()), "version": 1}] * 51},
        {"assignee": {"post": "x"}},
        {"note": "a\0b"},
    ],
)
def test_what_is_no_batch_is_refused_by_name(world: World, sign_in: SignIn, body: dict[str, Any]) -> None:
    plain = {"batch": str(uuid.uuid4()), "action": "assign", "items": [{"id": str(uuid.uuid4()), "version": 1}]}
    whole = {**plain, **body} if body else {}
    answer = sign_in("dispatcher_a", browser=True).post("/command/batch", json=whole)
    assert answer.status_code == 422
    assert answer.get_json()["errors"]


def test_bytes_that_are_no_json_are_refused(sign_in: SignIn) -> None:
    assert sign_in("dispatcher_a", browser=True).post("/command/batch", data=b"\xff{").status_code == 400


def test_all_tasks_under_the_filters_are_chosen_at_once(world: World, sign_in: SignIn) -> None:
    items = filed(world, 60)
    client = sign_in("dispatcher_a", browser=True)
    found = client.get("/command/batch/tasks?stage=report").get_json()["tasks"]
    assert {task["id"] for task in found} == {item["id"] for item in items}
    assert sign_in("dispatcher_b", browser=True).get("/command/batch/tasks").get_json()["tasks"] == []


def test_the_form_offers_people_and_units_of_the_scope(world: World, sign_in: SignIn) -> None:
    page = sign_in("dispatcher_a", browser=True).get("/command/batch", headers={"HX-Request": "true"}).text
    assert "Worker A" in page
    assert "Worker B" not in page
    assert str(world.units["a"]) in page


def test_what_one_person_is_told_of_a_batch_is_one_message(world: World, sign_in: SignIn) -> None:
    items, batch = filed(world, 4), str(uuid.uuid4())
    post = {"post": str(world.people["worker_a"].post)}
    client = sign_in("dispatcher_a", browser=True)
    for part in (items[:2], items[2:]):
        body = {"batch": batch, "action": "assign", "items": part, "assignee": post}
        assert client.post("/command/batch", json=body).status_code == 200
    who = tasking.principal(world, "worker_a")
    [message] = reading.newest(who)
    assert sorted(str(task) for task in message.tasks) == sorted(item["id"] for item in items)
    assert message.words("en").startswith("4 tasks were given to you")
    reading.mark_read(who, [message.id])
    again = [{"id": item["id"], "version": 2} for item in items]
    for part in (again[:2], again[2:]):
        body = {"batch": str(uuid.uuid4()), "action": "urge", "items": part, "note": "请尽快办理"}
        client.post("/command/batch", json=body)
    assert [message.kind for message in reading.newest(who)] == ["task_urge", "task_urge", "task_assign"]


@pytest.mark.parametrize("part", ["/command/report", "/command/batch"])
def test_a_form_that_is_opened_as_a_page_leads_to_the_command_centre(sign_in, part):
    desk = sign_in("dispatcher_a", browser=True)
    assert desk.get(part).status_code == 200
    opened = desk.get(part, headers={"Sec-Fetch-Mode": "navigate"})
    assert (opened.status_code, opened.headers["Location"]) == (302, "/command")
