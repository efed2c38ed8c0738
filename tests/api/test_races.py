"""People who act at the same moment, with real commits: one wins, nobody is answered twice, nothing is done twice."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from gridapp.db import session
from gridapp.models import Task, TaskEvent
from gridapp.timesource import now
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.world import World

ROUNDS = 100


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run calls at the same moment; each waits for the others before it starts."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        gate.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def assign(client: Any, task_id: uuid.UUID, post: object) -> Callable[[], TestResponse]:
    body = {"id": str(uuid.uuid4()), "action": "assign", "at": now().isoformat(), "assignee": {"post": str(post)}}
    return lambda: client.post(f"/api/v1/tasks/{task_id}/actions", json=body, headers={"If-Match": '"1"'})


def test_of_two_dispatchers_one_wins_and_the_other_is_told_who(
    live_app: Flask, world: World, live_sign_in: SignIn
) -> None:
    one, two = live_sign_in("dispatcher_a"), live_sign_in("dispatcher_district")
    names = {"Dispatcher A", "Dispatcher District"}
    for _ in range(ROUNDS):
        with live_app.app_context():
            task_id = tasking.file(world)
        answers = at_once(
            assign(one, task_id, world.people["worker_a"].post), assign(two, task_id, world.people["worker_a2"].post)
        )
        won = [a for a in answers if a.status_code == 200]
        lost = [a for a in answers if a.status_code in (409, 412)]
        assert (len(won), len(lost)) == (1, 1)
        told = lost[0].get_json()
        winner = won[0].get_json()["events"][-1]["actor"]["name"]
        assert winner in names
        assert told["by"]["name"] == winner
        assert winner in told["detail"]
        with live_app.app_context():
            assert session.scalar(select(func.count()).where(TaskEvent.task_id == task_id)) == 2


def test_a_report_sent_twice_at_the_same_moment_is_one_task(
    live_app: Flask, world: World, live_sign_in: SignIn
) -> None:
    clients = [live_sign_in("worker_a") for _ in range(2)]
    for _ in range(ROUNDS):
        task_id, body = uuid.uuid4(), tasking.report_body(world)

        def send(client: Any, task_id: uuid.UUID = task_id, body: Any = body) -> TestResponse:
            answer: TestResponse = client.put(f"/api/v1/reports/{task_id}", json=body)
            return answer

        answers = at_once(*(lambda c=client: send(c) for client in clients))
        assert sorted(a.status_code for a in answers) == [200, 201]
        assert answers[0].get_json()["number"] == answers[1].get_json()["number"]
        with live_app.app_context():
            assert session.scalar(select(func.count()).where(Task.id == task_id)) == 1


def test_an_action_sent_twice_at_the_same_moment_is_one_event(
    live_app: Flask, world: World, live_sign_in: SignIn
) -> None:
    clients = [live_sign_in("dispatcher_a") for _ in range(2)]
    for _ in range(20):
        with live_app.app_context():
            task_id = tasking.file(world)
        body = {"id": str(uuid.uuid4()), "action": "comment", "at": now().isoformat(), "note": "同时发送"}

        def send(client: Any, task_id: uuid.UUID = task_id, body: Any = body) -> TestResponse:
            answer: TestResponse = client.post(f"/api/v1/tasks/{task_id}/actions", json=body)
            return answer

        answers = at_once(*(lambda c=client: send(c) for client in clients))
        assert [a.status_code for a in answers] == [200, 200]
        with live_app.app_context():
            assert session.scalar(select(func.count()).where(TaskEvent.task_id == task_id)) == 2


def test_of_two_tasks_merged_into_each_other_at_once_one_becomes_the_master(live_sign_in: SignIn, world: World) -> None:
    worker, desks = live_sign_in("worker_a"), (live_sign_in("dispatcher_a"), live_sign_in("chief_a"))
    for _ in range(20):
        pair = [str(uuid.uuid4()), str(uuid.uuid4())]
        for task_id in pair:
            assert worker.put(f"/api/v1/reports/{task_id}", json=tasking.report_body(world)).status_code == 201

        def merge(which: int, pair: list[str] = pair) -> TestResponse:
            task_id, master = pair[which], pair[1 - which]
            body = {"id": str(uuid.uuid4()), "action": "merge", "at": now().isoformat(), "master": master}
            address = f"/api/v1/tasks/{task_id}/actions"
            return desks[which].post(address, json=body, headers={"If-Match": '"1"'})

        answers = at_once(lambda: merge(0), lambda: merge(1))
        [lost] = [answer for answer in answers if answer.status_code != 200]
        assert (lost.status_code, list(lost.get_json()["errors"])) == (422, ["master"])
