"""Who hears of what was done on a task: who decides next, who has it, who had it, who assists."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from gridapp.db import session
from gridapp.models import Notice, Person, Task
from gridapp.services.words import reading
from gridapp.timesource import now
from tests.support import tasking
from tests.support.hours import SetClock, set_clock
from tests.support.world import World


@dataclass(frozen=True)
class Said:
    """What is said from now on about a task."""

    task_id: uuid.UUID
    known: int

    def since(self) -> list[tuple[str, str]]:
        """Kinds of notices and to whom, in the order of their kinds."""
        query = select(Notice.kind, Person.username).join(Person, Person.id == Notice.person_id)
        rows = session.execute(query.where(Notice.task_id == self.task_id, Notice.id > self.known))
        return sorted((kind, name) for kind, name in rows)

    def waiting(self, kind: str) -> int:
        """How many of a kind are not overtaken."""
        query = select(Notice.id).where(Notice.task_id == self.task_id, Notice.kind == kind)
        return len(session.scalars(query.where(Notice.overtaken_at.is_(None))).all())


@pytest.fixture(autouse=True)
def clock(app: Flask) -> Iterator[SetClock]:
    """Wednesday 4 March 2026, 09:00 in Shanghai."""
    with app.app_context(), set_clock("2026-03-04 09:00") as clock:
        yield clock


def listening(task_id: uuid.UUID) -> Said:
    known = session.scalar(select(Notice.id).order_by(Notice.id.desc()).limit(1))
    return Said(task_id, known or 0)


def test_those_who_may_answer_hear_that_more_time_is_asked_for(world: World) -> None:
    said = listening(tasking.bring_to(world, "handled"))
    tasking.act(world, "worker_a", said.task_id, "extend")
    assert said.since() == [("task_extend", "chief_a"), ("task_extend", "dispatcher_a")]
    assert said.waiting("task_extend") == 2
    tasking.act(world, "chief_a", said.task_id, "grant_extension")
    assert said.waiting("task_extend") == 0


def test_a_chief_who_asks_for_more_time_is_not_asked_to_answer(world: World) -> None:
    task_id = tasking.file(world)
    tasking.act(world, "dispatcher_a", task_id, "assign", assignee={"post": str(world.people["chief_a"].post)})
    said = listening(task_id)
    tasking.act(world, "chief_a", task_id, "extend")
    assert said.since() == [("task_extend", "dispatcher_a")]


def test_a_holder_hears_of_a_hold_and_of_its_end(world: World) -> None:
    said = listening(tasking.bring_to(world, "handled"))
    tasking.act(world, "dispatcher_a", said.task_id, "hold")
    assert said.since() == [("task_hold", "worker_a")]
    tasking.act(world, "dispatcher_a", said.task_id, "resume")
    assert said.since() == [("task_hold", "worker_a"), ("task_resume", "worker_a")]
    assert said.waiting("task_hold") == 0


def test_who_had_a_task_hears_that_it_went_to_somebody_else(world: World) -> None:
    said = listening(tasking.bring_to(world, "handled"))
    tasking.act(world, "dispatcher_a", said.task_id, "transfer")
    assert said.since() == [("task_left", "worker_a"), ("task_transfer", "worker_a2")]
    said = listening(said.task_id)
    tasking.act(world, "chief_a", said.task_id, "escalate")
    assert said.since() == [("task_left", "worker_a2")]
    said = listening(said.task_id)
    tasking.act(world, "dispatcher_a", said.task_id, "transfer", assignee={"unit": str(world.units["a"])})
    assert said.since() == [("task_left", "chief_a"), ("task_transfer", "handler_a")]


@pytest.mark.parametrize("action", ["recall", "merge"])
def test_who_read_of_a_task_that_is_taken_back_or_merged_hears_that_there_is_nothing_to_do(
    world: World, action: str
) -> None:
    given = {"master": str(tasking.file(world, "dispatcher_a"))} if action == "merge" else {}
    for read, told in ((False, []), (True, [("task_off", "worker_a")])):
        task_id = tasking.bring_to(world, "assigned")
        if read:
            reading.mark_read(tasking.principal(world, "worker_a"), until=10**9)
        said = listening(task_id)
        tasking.act(world, "dispatcher_a", task_id, action, **given)
        assert [one for one in said.since() if one[0] == "task_off"] == told


def test_who_passes_a_task_up_knows_it(world: World) -> None:
    said = listening(tasking.bring_to(world, "handled"))
    tasking.act(world, "worker_a", said.task_id, "escalate")
    assert said.since() == [("task_escalate", "chief_a")]


def test_a_third_rework_with_nobody_above_is_told_to_the_desk(world: World) -> None:
    task_id = tasking.file(world)
    tasking.act(world, "dispatcher_district", task_id, "assign", assignee={"unit": str(world.units["district"])})
    tasking.act(world, "handler_district", task_id, "accept")
    for _ in range(3):
        said = listening(task_id)
        tasking.act(world, "handler_district", task_id, "feedback")
        tasking.act(world, "reviewer_a", task_id, "rework")
    assert session.get_one(Task, task_id, populate_existing=True).stage == "handle"
    desk = [("rework_nobody_above", "chief_a"), ("rework_nobody_above", "dispatcher_a")]
    heard = [one for one in said.since() if one[0] != "task_feedback"]
    assert heard == [*desk, ("task_rework", "handler_district")]


def test_urging_what_nobody_has_yet_reaches_those_who_assign(world: World) -> None:
    said = listening(tasking.file(world))
    tasking.act(world, "dispatcher_district", said.task_id, "urge")
    assert said.since() == [("task_urge_desk", "chief_a"), ("task_urge_desk", "dispatcher_a")]
    tasking.act(world, "dispatcher_a", said.task_id, "assign")
    assert said.waiting("task_urge_desk") == 0


def test_urging_what_waits_for_review_reaches_those_who_review(world: World) -> None:
    said = listening(tasking.bring_to(world, "fed_back"))
    tasking.act(world, "dispatcher_a", said.task_id, "urge")
    assert said.since() == [("task_urge_review", name) for name in ("chief_a", "reviewer_a", "reviewer_district")]
    tasking.act(world, "reviewer_a", said.task_id, "rework")
    assert said.waiting("task_urge_review") == 0


def test_where_nobody_may_review_the_desk_hears_of_it(world: World) -> None:
    for name in ("reviewer_a", "reviewer_district"):
        session.get_one(Person, world.people[name].id).retired_at = now()
    task_id = tasking.file(world)
    tasking.act(world, "dispatcher_a", task_id, "assign", assignee={"post": str(world.people["chief_a"].post)})
    tasking.act(world, "chief_a", task_id, "accept")
    said = listening(task_id)
    tasking.act(world, "chief_a", task_id, "feedback")
    assert ("review_nobody_there", "dispatcher_a") in said.since()
    assert said.waiting("task_feedback") == 0


def test_urging_a_joint_task_reaches_who_assists(world: World) -> None:
    said = listening(tasking.bring_to(world, "assisted"))
    tasking.act(world, "dispatcher_a", said.task_id, "urge")
    assert said.since() == [("task_urge", "worker_a"), ("task_urge_assist", "handler_a")]


def test_those_who_may_review_hear_that_a_task_waits_for_them(world: World) -> None:
    said = listening(tasking.bring_to(world, "handled"))
    tasking.act(world, "worker_a", said.task_id, "feedback")
    judges = [("task_feedback", name) for name in ("chief_a", "reviewer_a", "reviewer_district")]
    assert said.since() == judges
    assert said.waiting("task_feedback") == 3
    tasking.act(world, "chief_a", said.task_id, "pass")
    assert said.waiting("task_feedback") == 0


def test_who_handled_a_task_is_not_asked_to_review_it(world: World) -> None:
    task_id = tasking.file(world)
    tasking.act(world, "dispatcher_a", task_id, "assign", assignee={"post": str(world.people["chief_a"].post)})
    tasking.act(world, "chief_a", task_id, "accept")
    said = listening(task_id)
    tasking.act(world, "chief_a", task_id, "feedback")
    assert said.since() == [("task_feedback", "reviewer_a"), ("task_feedback", "reviewer_district")]


def test_one_who_reviews_is_told_once_of_a_batch(world: World) -> None:
    tasks = [tasking.bring_to(world, "handled") for _ in range(2)]
    session.commit()
    for task_id in tasks:
        tasking.act(world, "worker_a", task_id, "feedback")
    reviewer = tasking.principal(world, "reviewer_a")
    [message] = reading.newest(reviewer)
    assert (message.kind, len(message.numbers)) == ("task_feedback", 2)
    assert "请评价" in message.words("zh_CN")


def test_rework_is_reviewed_anew_and_the_call_of_before_is_overtaken(world: World) -> None:
    said = listening(tasking.bring_to(world, "fed_back"))
    tasking.act(world, "reviewer_a", said.task_id, "rework")
    assert said.waiting("task_feedback") == 0
    tasking.act(world, "worker_a", said.task_id, "feedback")
    assert said.waiting("task_feedback") == 3


def test_self_handled_work_that_was_drawn_is_told_to_those_who_review(world: World) -> None:
    handled = {"note": "已劝离", "photos": ["cd" * 32], "handled_at": now().isoformat()}
    drawn: dict[str, Any] = {"photos": [tasking.PHOTO], "self_handled": handled}
    said = Said(tasking.file(world, category="06003", **drawn), 0)
    names = ("chief_a", "reviewer_a", "reviewer_district")
    assert [one for one in said.since() if one[0] == "task_feedback"] == [("task_feedback", name) for name in names]
    passed = Said(tasking.file(world, category="06002", **drawn), 0)
    assert passed.waiting("task_feedback") == 0
    check = session.scalars(select(Task.id).where(Task.check_of == said.task_id)).one()
    holder = session.get_one(Task, check).assignee_post_id
    [looker] = [name for name, one in world.people.items() if one.post == holder]
    tasking.act(world, looker, check, "check_answer", reason="settled")
    answered = [name for kind, name in said.since() if kind == "check_answered"]
    assert answered == [name for name in names if name != looker]
