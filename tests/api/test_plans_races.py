"""Planners and reporters at the same moment, with real commits: one plan wins, every report ends in its grid."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
from sqlalchemy import select, text

from gridapp import db
from gridapp.db import session
from gridapp.models import Task, TaskEvent
from gridapp.services import plans
from gridapp.services.ground.locate import leaf_sql
from gridapp.services.reporting import reports
from gridapp.timesource import now
from tests.support import tasking
from tests.support.planning import Desk

LEAF = leaf_sql("t.geom", ":at")
STRAYED = f"select count(*) from task t where grid_id <> (select grid_id from boundary where id = {LEAF})"


def strayed(app):
    """How many tasks are not in the grid that holds their place."""
    with app.app_context():
        return session.scalar(text(STRAYED), {"at": now()})


def minute(app):
    """What the clock does each minute; how many tasks moved."""
    with app.app_context():
        moved = plans.rehome_due()
        db.commit()
        return moved


def together(*calls):
    """Calls that begin at the same moment, each in a thread; their answers."""
    ready = threading.Barrier(len(calls))

    def run(call):
        ready.wait(30)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_of_two_overlapping_plans_one_wins_and_the_other_learns_its_name(live_sign_in, world):
    north = 1.0
    for n in range(8):
        desks = [Desk(live_sign_in("planner_a", browser=True), world, name=f"方案{n}{side}") for side in "甲乙"]
        goals = [round(0.7 + 0.05 * n + 0.2 * side, 2) for side in (0, 1)]
        for desk, goal in zip(desks, goals, strict=True):
            assert desk.drag("a1", (1, north), (1, goal)).status_code == 200
        answers = together(*(desk.publish for desk in desks))
        assert sorted(answer.status_code for answer in answers) == [200, 409], [answer.text for answer in answers]
        loser = next(answer for answer in answers if answer.status_code == 409)
        winner = next(at for at, answer in enumerate(answers) if answer.status_code == 200)
        assert (loser.json["code"], loser.json["by"]["plan"]) == ("plan_overtaken", f"方案{n}{'甲乙'[winner]}")
        north = goals[winner]


def test_reports_filed_while_a_plan_is_published_land_in_one_grid_and_end_right(live_app, live_sign_in, world):
    desk = Desk(live_sign_in("planner_a", browser=True), world)
    desk.drag("a1", (1, 1), (1, 1.8))
    started = threading.Event()

    def report_many():
        with live_app.app_context():
            filed = []
            for n in range(60):
                filed.append(tasking.file(world, "worker_a2", location=world.point(1, 1.05 + n / 100)))
                if n == 20:
                    started.set()
            return filed

    def publish():
        started.wait(30)
        return desk.publish()

    *filed, answer = together(report_many, report_many, publish)
    assert answer.status_code == 200, answer.text
    minute(live_app)
    assert strayed(live_app) == 0
    with live_app.app_context():
        tasks = session.execute(select(Task.id, Task.version)).all()
        moves = session.scalars(select(TaskEvent.task_id).where(TaskEvent.action == "rehome")).all()
    assert {task_id for task_id, _ in tasks} == {task_id for ids in filed for task_id in ids}
    assert len(moves) == len(set(moves)) >= 20
    assert minute(live_app) == 0


def test_a_report_under_way_while_a_plan_is_published_is_moved_by_the_next_minute(
    live_app, live_sign_in, world, monkeypatch
):
    """Its statement began before the plan was published and ends after it: it carries the old grid."""
    desk = Desk(live_sign_in("planner_a", browser=True), world)
    desk.drag("a1", (1, 1), (1, 1.3))
    with psycopg.connect(live_app.extensions["hot_pool"].conninfo) as slow:

        @contextmanager
        def lent():
            yield slow

        with live_app.app_context(), monkeypatch.context() as patched:
            patched.setattr(reports, "hot", lent)
            task_id = tasking.file(world, "worker_a2", location=world.point(1, 1.2))
        assert desk.publish().status_code == 200
        slow.commit()
    assert strayed(live_app) == 1
    assert [minute(live_app), minute(live_app)] == [1, 0]
    assert strayed(live_app) == 0
    with live_app.app_context():
        assert session.get_one(Task, task_id).version == 2


def test_two_clocks_at_the_same_minute_move_each_task_once(live_app, live_sign_in, world, monkeypatch):
    desk = Desk(live_sign_in("planner_a", browser=True), world)
    with live_app.app_context():
        for n in range(10):
            tasking.file(world, "worker_a2", location=world.point(1, 1.01 + n / 100))
    desk.drag("a1", (1, 1), (1, 1.3))
    start = now().replace(year=now().year + 1)
    assert desk.publish(effective_from=start.isoformat()).status_code == 200
    monkeypatch.setattr(plans.rehoming, "now", lambda: start)
    assert sorted(together(*[lambda: minute(live_app)] * 3)) == [0, 0, 10]
