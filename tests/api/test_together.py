"""Calls of many phones at one moment share a statement, and each is answered, counted and kept as if it came alone."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import func, select, text

from gridapp.db import hot, session
from gridapp.models import Task, TaskEvent
from gridapp.services import auth
from tests.support.tasking import report_body

PHONES = 16
ROUNDS = 5


def at_once(calls):
    gate = threading.Barrier(len(calls))

    def run(call):
        gate.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def filing(app, client, task_id, body):
    """One call over a client of its own, since a client keeps the state of its last request."""
    headers = {"Authorization": client.environ_base["HTTP_AUTHORIZATION"]}
    return lambda: app.test_client().put(f"/api/v1/reports/{task_id}", json=body, headers=headers)


def refused(call):
    """The constraint that refuses a report: under test an error that is no problem of ours comes through."""
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        call()
    return caught.value.diag.constraint_name


def test_reports_of_one_moment_are_each_filed_and_answered(live_app, world, live_sign_in):
    phones = [live_sign_in("worker_a"), live_sign_in("chief_a")]
    for turn in range(ROUNDS):
        sent = {uuid.uuid4(): f"{turn}: {number}" for number in range(PHONES)}
        calls = [
            filing(live_app, phones[number % 2], task_id, report_body(world, description=words))
            for number, (task_id, words) in enumerate(sent.items())
        ]
        answers = at_once(calls)
        assert {answer.status_code for answer in answers} == {201}
        assert {uuid.UUID(a.json["id"]): a.json["description"] for a in answers} == sent
        with live_app.app_context():
            rows = session.execute(select(Task.id, Task.number, Task.description).where(Task.id.in_(sent))).all()
            assert {row.id: row.description for row in rows} == sent
            assert {row.number for row in rows} == {answer.json["number"] for answer in answers}
            session.remove()


def test_one_report_sent_by_many_connections_among_others_is_one_task(live_app, world, live_sign_in):
    phone = live_sign_in("worker_a")
    for _ in range(ROUNDS):
        body, same, others = report_body(world), uuid.uuid4(), [uuid.uuid4() for _ in range(PHONES // 2)]
        answers = at_once([filing(live_app, phone, one, body) for one in [same] * (PHONES // 2) + others])
        codes = [answer.status_code for answer in answers]
        assert sorted(codes[: PHONES // 2]) == [200] * (PHONES // 2 - 1) + [201]
        assert set(codes[PHONES // 2 :]) == {201}
        with live_app.app_context():
            told = select(func.count()).where(TaskEvent.task_id.in_([same, *others]))
            assert session.scalar(told) == 1 + len(others)
            session.remove()


def test_a_report_that_the_database_refuses_takes_no_other_with_it(live_app, world, live_sign_in):
    phone = live_sign_in("worker_a")
    with live_app.app_context():
        session.execute(text("alter table task add constraint ck_task_no_boom check (description <> 'boom')"))
        session.commit()
        session.remove()
    for _ in range(ROUNDS):
        good = [uuid.uuid4() for _ in range(PHONES - 1)]
        calls = [filing(live_app, phone, one, report_body(world)) for one in good]
        bad = filing(live_app, phone, uuid.uuid4(), report_body(world, description="boom"))
        answers = at_once([*calls[: PHONES // 2], lambda bad=bad: refused(bad), *calls[PHONES // 2 :]])
        assert answers.pop(PHONES // 2) == "ck_task_no_boom"
        assert {answer.status_code for answer in answers} == {201}
        with live_app.app_context():
            assert session.scalar(select(func.count()).where(Task.id.in_(good))) == len(good)
            session.remove()


def test_points_of_one_moment_are_each_located(live_app, world, live_sign_in):
    phone = live_sign_in("dispatcher_district")
    headers = {"Authorization": phone.environ_base["HTTP_AUTHORIZATION"]}
    grids = ["a1", "a2", "b1"]

    def locating(grid):
        return lambda: live_app.test_client().get(
            "/api/v1/locate", query_string={**world.inside(grid), "accuracy": 20}, headers=headers
        )

    alone = {grid: locating(grid)().json for grid in grids}
    asked = [grids[number % 3] for number in range(PHONES)]
    assert [answer.json for answer in at_once([locating(grid) for grid in asked])] == [alone[grid] for grid in asked]


def test_who_asks_several_times_in_one_run_is_counted_for_each(app, world, sign_in):
    secrets = [sign_in(who).environ_base["HTTP_AUTHORIZATION"].split()[1] for who in ("worker_a", "worker_a2")]
    settings = app.extensions["settings"]
    one, other = (auth.token_values(settings, secret, rated=True) for secret in secrets)
    dead, unrated = auth.token_values(settings, "nobody's", rated=True), {**one, "rated": False}
    with app.app_context(), hot() as connection:
        for before in (0, 3):
            rows = auth.PRINCIPAL.rows(connection, [one, other, dead, one, unrated, one])
            hits = [row and row["minute_hits"] for row in rows]
            assert hits == [before + 1, before // 3 + 1, None, before + 2, None, before + 3]
            assert rows[2] is None
            assert rows[4] is not None
