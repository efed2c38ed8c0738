"""What could be stored and never be read again, and cursors that only look like ours: refused, and lists go on."""

from __future__ import annotations

import base64
import datetime as dt
import uuid

import orjson
import pytest

from gridapp.db import session
from gridapp.models import Post
from gridapp.services.feeds.feed_cursor import Cursor
from gridapp.timesource import now
from tests.support.tasking import PHOTO, report_body

BEYOND = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59Z")


@pytest.fixture
def worker(sign_in):
    return sign_in("worker_a")


def refused(answer, field):
    return answer.status_code == 422 and field in answer.json["errors"]


@pytest.mark.parametrize("at", BEYOND)
def test_a_time_that_no_calendar_holds_is_refused_and_the_lists_go_on(worker, world, at):
    handled = {"note": "已清理", "photos": [PHOTO], "handled_at": at}
    task_id = str(uuid.uuid4())
    assert refused(worker.put(f"/api/v1/reports/{task_id}", json=report_body(world, reported_at=at)), "reported_at")
    body = report_body(world, category="06002", photos=[PHOTO], self_handled=handled)
    assert refused(worker.put(f"/api/v1/reports/{task_id}", json=body), "self_handled.handled_at")
    assert worker.put(f"/api/v1/reports/{task_id}", json=report_body(world)).status_code == 201
    comment = {"id": str(uuid.uuid4()), "action": "comment", "at": at, "note": "x"}
    assert refused(worker.post(f"/api/v1/tasks/{task_id}/actions", json=comment), "at")
    for path in ("/tasks", f"/tasks/{task_id}", "/changes"):
        assert worker.get(f"/api/v1{path}").status_code == 200


@pytest.mark.parametrize(("number", "field"), [("1" + "0" * 30, "fields"), ("1e308", "fields.width")])
def test_a_number_that_does_not_travel_is_refused(worker, world, number, field):
    body = report_body(world, category="07001", photos=[PHOTO, "cd" * 32], fields={"width": "@"})
    text = orjson.dumps(body).decode().replace('"@"', number)
    answer = worker.put(f"/api/v1/reports/{uuid.uuid4()}", data=text, content_type="application/json")
    assert refused(answer, field)
    assert worker.get("/api/v1/tasks").status_code == 200


def test_a_day_at_the_end_of_time_is_refused(worker):
    assert refused(worker.get("/api/v1/positions/mine?day=9999-12-31"), "day")


LAST = ("foo:1", "foo", "", "task:abc", "grid:abc", "grid:" + "9" * 30, "catalogue:\0", "notice:-1")
SNAPSHOTS = ("9:1:", "1:9:,,", "0:0:", "1:9:10", "5:9:7,6")


def test_a_cursor_that_only_looks_like_ours_is_refused(app, worker):
    first = worker.get("/api/v1/changes?limit=1").json["cursor"]
    told = first.partition(".")[0]
    epoch, scope, seen, _until, _last = orjson.loads(base64.urlsafe_b64decode(told + "=" * (-len(told) % 4)))
    forged: list[tuple[str, str, str, str | None, str | None]] = [(epoch, scope, seen, None, last) for last in LAST]
    forged += [(epoch, scope, seen, seen, last) for last in ("x", "-5", "9" * 30)]
    forged += [(epoch, scope, snapshot, None, None) for snapshot in SNAPSHOTS]
    forged += [(epoch, scope, seen, snapshot, "1") for snapshot in SNAPSHOTS]
    for parts in forged:
        with app.app_context():
            since = Cursor(*parts).encode()  # signed as ours are, for an unsigned one is refused anyhow
        assert refused(worker.get("/api/v1/changes", query_string={"since": since}), "since"), parts


def test_what_was_filed_stays_filed_when_it_is_sent_again_after_the_post_has_ended(app, worker, world):
    handled = {"note": "已清理", "photos": [PHOTO], "handled_at": now().isoformat()}
    body = report_body(world, category="06002", photos=[PHOTO], self_handled=handled)
    address = f"/api/v1/reports/{uuid.uuid4()}"
    filed = worker.put(address, json=body)
    assert filed.status_code == 201
    with app.app_context():
        post = session.get_one(Post, world.people["worker_a"].post)
        post.during = type(post.during)(post.during.lower, now())
        session.commit()
    again = worker.put(address, json=body)
    assert (again.status_code, again.json["id"]) == (200, filed.json["id"])
    assert worker.put(f"/api/v1/reports/{uuid.uuid4()}", json=body).status_code == 403


@pytest.mark.parametrize("mark", ["9" * 25, "9" * 5000, "²"])
def test_a_mark_of_many_digits_is_refused(sign_in, worker, world, mark):
    task_id = uuid.uuid4()
    assert worker.put(f"/api/v1/reports/{task_id}", json=report_body(world)).status_code == 201
    typed = {"event": str(uuid.uuid4()), "version": "1", "action": "dismiss", "reason": "not_ours"}
    marks = {"score_speed": mark, "score_quality": "1"}
    answer = sign_in("dispatcher_a", browser=True).post(f"/command/tasks/{task_id}/actions", data={**typed, **marks})
    assert answer.status_code == 422


@pytest.mark.parametrize("width", ["nan", "inf", "1e300"])
def test_a_call_with_a_number_that_does_not_travel_is_refused(sign_in, width):
    call = {"id": str(uuid.uuid4()), "category": "07001", "description": "x", "address": "桥头"}
    fields = {"fields.width": width, "type.fields.width": "number"}
    dispatcher = sign_in("dispatcher_a", browser=True)
    assert dispatcher.post("/command/report", data={**call, **fields}).status_code == 422
    assert dispatcher.get("/command/list").status_code == 200


def test_a_category_with_a_null_byte_asks_for_nothing(sign_in):
    answer = sign_in("dispatcher_a", browser=True).get("/command/report/fields?category=%00")
    assert (answer.status_code, answer.text) == (200, "")


def test_words_to_merge_into_with_a_null_byte_find_nothing_amiss(sign_in):
    answer = sign_in("dispatcher_a", browser=True).get("/command/masters?master=%00a%00")
    assert answer.status_code == 200


@pytest.mark.parametrize("levels", [300, 1000])
def test_an_action_nested_deeper_than_anything_is_written_is_no_json(sign_in, worker, world, levels):
    task_id = uuid.uuid4()
    assert worker.put(f"/api/v1/reports/{task_id}", json=report_body(world)).status_code == 201
    text = f'{{"id": "{uuid.uuid4()}", "action": "comment", "note": {"[" * levels}{"]" * levels}}}'
    dispatcher = sign_in("dispatcher_a")
    answer = dispatcher.post(f"/api/v1/tasks/{task_id}/actions", data=text, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (400, "not_json")
    assert dispatcher.get(f"/api/v1/tasks/{task_id}").json["version"] == 1


@pytest.mark.parametrize("hours", [-23, 23])
def test_a_clock_far_from_greenwich_is_understood(worker, world, hours):
    far = dt.timezone(dt.timedelta(hours=hours))
    begun, ended = now() - dt.timedelta(hours=2), now() - dt.timedelta(hours=1)
    duty = worker.post("/api/v1/duty", json={"on": True, "at": begun.astimezone(far).isoformat()})
    assert (duty.status_code, duty.json["since"]) == (200, begun.isoformat().replace("+00:00", "Z"))
    fix = {"at": (begun + dt.timedelta(minutes=5)).astimezone(far).isoformat(), **world.inside("a1")}
    assert worker.post("/api/v1/positions", json={"points": [fix]}).json["stored"] == 1
    assert worker.post("/api/v1/duty", json={"on": False, "at": ended.astimezone(far).isoformat()}).status_code == 200
