"""The clock, in two processes, and a person at the same moment, with real commits: one of them is first."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from gridapp.db import session
from gridapp.jobs import clockwork
from gridapp.models import ClockStep, Notice, TaskEvent
from tests.api.test_races import at_once
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.hours import set_clock
from tests.support.world import World

ROUNDS = 15


def ticking(app: Flask) -> Callable[[], None]:
    def tick() -> None:
        with app.app_context():
            clockwork.run_due_steps()

    return tick


def test_who_feeds_back_while_the_clock_takes_it_away_is_first_or_told_so(
    live_app: Flask, world: World, live_sign_in: SignIn
) -> None:
    for _ in range(ROUNDS):
        with set_clock("2026-03-04 08:00") as clock:
            with live_app.app_context():
                task_id = tasking.bring_to(world, "handled")
                session.commit()
            clock.to("2026-03-04 18:00")
            client = live_sign_in("worker_a")
            given = {"note": "已清理", "location": world.inside("a1"), "photos": [tasking.PHOTO]}
            body = {"id": str(uuid.uuid4()), "action": "feedback", "at": clock.at.isoformat(), **given}
            answers = at_once(
                lambda: client.post(f"/api/v1/tasks/{task_id}/actions", json=body, headers={"If-Match": '"3"'}),  # noqa: B023
                ticking(live_app),
                ticking(live_app),
            )
        status = answers[0].status_code
        assert status in (200, 412), answers[0].text
        with live_app.app_context():
            events = Counter(session.scalars(select(TaskEvent.action).where(TaskEvent.task_id == task_id)))
            assert (events["feedback"], events["escalate"]) == ((1, 0) if status == 200 else (0, 1))
            steps = session.execute(
                select(ClockStep.step, ClockStep.result).where(ClockStep.task_id == task_id, ClockStep.since == 2)
            ).all()
            assert all(result for _, result in steps)
            assert ("escalate", "done") in {tuple(step) for step in steps} or status == 200
            told = Counter(session.scalars(select(Notice.kind).where(Notice.task_id == task_id)))
            assert told["task_taken"] == told["task_escalate"] == events["escalate"]
