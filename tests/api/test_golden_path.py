"""Five people through the mobile API alone; the browser's twin is in ``tests/browser``."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Flask

from gridapp.timesource import now
from tests.conftest import SignIn
from tests.support import golden
from tests.support.world import World


def test_five_people_take_a_matter_from_report_to_review(app: Flask, world: World, sign_in: SignIn) -> None:
    task_id = uuid.uuid4()
    report = {
        "category": "06001",
        "description": golden.WORDS,
        "location": world.inside("a1"),
        "reported_at": now().isoformat(),
    }
    filed = sign_in("worker_a").put(f"/api/v1/reports/{task_id}", json=report)
    assert filed.status_code == 201

    def act(who: str, action: str, **given: Any) -> dict[str, Any]:
        client = sign_in(who)
        seen = client.get(f"/api/v1/tasks/{task_id}")
        assert action in [item["action"] for item in seen.get_json()["actions"]]
        body = {"id": str(uuid.uuid4()), "action": action, "at": now().isoformat(), **given}
        etag = {"If-Match": seen.headers["ETag"]}
        answer = client.post(f"/api/v1/tasks/{task_id}/actions", json=body, headers=etag)
        assert answer.status_code == 200, answer.get_json()
        document: dict[str, Any] = answer.get_json()
        return document

    act("dispatcher_a", "assign", assignee={"unit": str(world.units["a"])})
    act("chief_a", "urge", note="请尽快")
    act("handler_a", "accept")
    act("handler_a", "feedback", note="已清运", location=world.inside("a1"))
    ended = act("reviewer_a", "pass", scores={"speed": 5, "quality": 5}, satisfied="satisfied")
    assert (ended["stage"], ended["outcome"], ended["actions"]) == ("review", "resolved", [])
    with app.app_context():
        assert golden.told(task_id) == golden.PATH
