"""Whatever people try in whatever order: a task keeps one holder, one open end and a row that its events explain."""

from __future__ import annotations

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import Task, TaskEvent
from gridapp.workflow import BY_ACTION
from tests.support import tasking
from tests.support.world import World

PEOPLE = (
    "worker_a",
    "worker_a2",
    "chief_a",
    "dispatcher_a",
    "dispatcher_district",
    "reviewer_a",
    "handler_a",
    "auditor_a",
)
LIKELY = (
    "assign",
    "accept",
    "feedback",
    "rework",
    "pass",
    "reopen",
    "return",
    "transfer",
    "escalate",
    "hold",
    "extend",
)
TOLD = """
select to_jsonb(jsonb_populate_record(null::task, jsonb_merged(changes order by seq)
  || jsonb_build_object('version', max(seq)))) = (select to_jsonb(t) from task t where t.id = :id)
from task_event where task_id = :id
"""

moves = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.one_of(st.sampled_from(LIKELY), st.sampled_from(sorted(BY_ACTION)))),
    min_size=1,
    max_size=25,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=moves)
def test_no_sequence_of_actions_breaks_a_task(app: Flask, world: World, moves: list[tuple[str, str]]) -> None:
    with app.app_context(), tasking.undone():
        task_id = tasking.file(world)
        master = str(tasking.file(world))
        done = 1
        for who, action in moves:
            before = session.get_one(Task, task_id).version
            attempt = session.begin_nested()
            try:
                given = {"master": master} if action == "merge" else {}
                tasking.act(world, who, task_id, action, **given)
                attempt.commit()
            except Problem as problem:
                if attempt.is_active:
                    attempt.rollback()
                assert problem.status in (403, 404, 409, 422)
                session.expire_all()
                assert session.get_one(Task, task_id).version == before
                continue
            done += 1
            _check(task_id)
        seqs = session.scalars(select(TaskEvent.seq).where(TaskEvent.task_id == task_id).order_by(TaskEvent.seq)).all()
        assert list(seqs) == list(range(1, len(seqs) + 1))
        assert len(seqs) >= done


def _check(task_id: object) -> None:
    session.expire_all()
    task = session.get_one(Task, task_id)
    holders = [h for h in (task.assignee_post_id, task.assignee_unit_id) if h is not None]
    assert len(holders) == (0 if task.stage == "report" else 1)
    assert (task.due_at is None) == (not holders)
    assert (task.outcome is not None) == (task.closed_at is not None)
    assert task.held_at is None or task.stage == "handle"
    assert session.execute(text(TOLD), {"id": task_id}).scalar_one() is True
