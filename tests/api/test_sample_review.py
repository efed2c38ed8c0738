"""The sample of self-handled tasks: of each category its share, and the same lot for a task whoever asks again."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from gridapp.db import session
from gridapp.models import Category, Notice, Task, TaskEvent
from gridapp.services.reporting import reports
from gridapp.services.tasking import sample_review
from gridapp.timesource import now
from tests.support import tasking
from tests.support.world import World

MANY, SHARE = 200, 0.3
GENEROUS = (27, 93)
"""Of 200 tasks 60 are wanted; five standard deviations are 32."""


def handled(world: World, **given: Any) -> reports.Report:
    at = now().isoformat()
    settled = {"note": "已清理", "photos": ["cd" * 32], "handled_at": at}
    body = tasking.report_body(world, category="06002", photos=[tasking.PHOTO], reported_at=at, self_handled=settled)
    return reports.Report.model_validate({**body, **given})


def share_of(app: Flask, world: World, share: float) -> None:
    session.get_one(Category, (world.edition, "06002")).sample_share = share
    session.flush()
    app.extensions.pop("category_facts", None)


@pytest.fixture(autouse=True)
def forgotten(app: Flask):
    yield
    app.extensions.pop("category_facts", None)


def test_a_share_of_the_tasks_is_reviewed_and_the_rest_passes(app: Flask, world: World) -> None:
    with app.app_context():
        share_of(app, world, SHARE)
        worker, report = tasking.principal(world, "worker_a"), handled(world)
        filed = {uuid.uuid4(): "" for _ in range(MANY)}
        for task_id in filed:
            document, _new = reports.file_report(worker, task_id, report)
            filed[task_id] = document["stage"]
        waiting = [task_id for task_id, stage in filed.items() if stage == "feedback"]
        assert GENEROUS[0] < len(waiting) < GENEROUS[1]
        assert set(filed.values()) == {"feedback", "review"}
        for task_id in list(filed)[:40]:
            again, new = reports.file_report(worker, task_id, report)
            assert (again["stage"], new) == (filed[task_id], False)


def test_every_task_of_the_sample_is_inspected_and_told_once_though_it_is_sent_again(app: Flask, world: World) -> None:
    with app.app_context():
        share_of(app, world, 1.0)
        task_id, worker, report = uuid.uuid4(), tasking.principal(world, "worker_a"), handled(world)
        for _ in range(3):
            reports.file_report(worker, task_id, report)
        assert len(session.scalars(select(Task.id).where(Task.check_of == task_id)).all()) == 1
        told = session.scalars(
            select(Notice.person_id).where(Notice.task_id == task_id, Notice.kind == "task_feedback")
        )
        people = told.all()
        assert len(people) == len(set(people)) == 3


REFUSE = """
create function refuse_pass() returns trigger language plpgsql as $$ begin raise exception 'cut short'; end $$;
create trigger refuse_pass before insert on task_event for each row
when (new.action = 'auto_pass') execute function refuse_pass()
"""


def test_what_was_cut_short_after_the_filing_is_decided_when_it_is_sent_again(live_app: Flask, world: World) -> None:
    with live_app.app_context():
        task_id, worker, report = uuid.uuid4(), tasking.principal(world, "worker_a"), handled(world)
        session.execute(text(REFUSE))
        session.commit()
        with pytest.raises(DBAPIError):
            reports.file_report(worker, task_id, report)
        session.rollback()
        assert session.get_one(Task, task_id).stage == "feedback"
        session.execute(text("drop trigger refuse_pass on task_event"))
        session.commit()
        again, new = reports.file_report(worker, task_id, report)
        session.commit()
        assert (again["stage"], again["outcome"], new) == ("review", "resolved", False)
        reports.file_report(worker, task_id, report)
        actions = session.scalars(select(TaskEvent.action).where(TaskEvent.task_id == task_id).order_by(TaskEvent.seq))
        assert list(actions) == ["self_handle", "auto_pass"]


@given(task_id=st.uuids(), shares=st.tuples(st.floats(0, 1), st.floats(0, 1)), secret=st.text(min_size=1))
def test_a_lot_falls_the_same_and_a_larger_share_keeps_what_a_smaller_one_drew(
    task_id: uuid.UUID, shares: tuple[float, float], secret: str
) -> None:
    small, large = sorted(shares)
    lots = [sample_review.drawn(task_id, share, secret) for share in (0.0, small, small, large, 1.0)]
    assert lots[1] == lots[2]
    assert lots == sorted(lots)
    assert (lots[0], lots[-1]) == (False, True)


def test_whoever_chooses_ids_cannot_choose_lots() -> None:
    ids = [uuid.UUID(int=n) for n in range(MANY)]
    lots = {secret: [sample_review.drawn(one, 0.5, secret) for one in ids] for secret in ("one", "another")}
    assert lots["one"] != lots["another"]
    assert all(MANY * 0.3 < sum(found) < MANY * 0.7 for found in lots.values())
