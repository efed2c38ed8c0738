"""Admission and the redraw: a task that comes to another grid goes only to whom its item may be given there."""

from __future__ import annotations

import datetime as dt

from flask import Flask

from gridapp import db
from gridapp.db import session
from gridapp.models import Task
from gridapp.services import admission
from gridapp.services.drafts import parse
from gridapp.services.tasking import tasks
from gridapp.timesource import now
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.catalogue import LITTER
from tests.support.planning import Desk
from tests.support.world import World

CHINA = dt.timezone(dt.timedelta(hours=8))
HANDED_OVER = (1, 1.2)
"""In grid a2 before a vertex is dragged to (1, 1.3), in a1 afterwards."""


def test_a_task_whose_item_is_not_admitted_in_its_new_grid_goes_to_the_chief(
    app: Flask, sign_in: SignIn, world: World
) -> None:
    with app.app_context():
        task_id = tasking.file(world, "worker_a2", location=world.point(*HANDED_OVER))
        worker = {"post": str(world.people["worker_a2"].post)}
        tasking.act(world, "dispatcher_a", task_id, "assign", assignee=worker)
        today = now().astimezone(CHINA).date().isoformat()
        revoked = {"item": LITTER, "area": world.areas["a1"].code, "begins": today, "words": "纪要"}
        ruled = parse(admission.Ruled, {**revoked, "verdict": "revoke"})
        admission.rule_item(tasking.principal(world, "admin_a"), ruled)
        db.commit()
    desk = Desk(sign_in("planner_a", browser=True), world)
    desk.drag("a1", (1, 1), (1, 1.3))
    assert desk.publish().status_code == 200
    with app.app_context():
        assert session.get_one(Task, task_id).assignee_post_id == world.people["chief_a"].post
        assert tasks.get(tasking.principal(world, "chief_a"), task_id)["stage"] == "assign"
