"""A queue in one round trip: each item as if it had been sent by itself, and the feed after them."""

from __future__ import annotations

import gzip
import json
import uuid

import pytest

from gridapp.db import session
from gridapp.timesource import now
from tests.support import tasking
from tests.support.database import app_on, scratch_database, test_settings
from tests.support.world import signed_in


def sync(client, *items, status=200, **more):
    answer = client.post("/api/v1/sync", json={"items": list(items), **more})
    assert answer.status_code == status, answer.text
    return answer.json


def report(world, report_id=None, **given):
    body = tasking.report_body(world, **given)
    return {"method": "PUT", "path": f"/api/v1/reports/{report_id or uuid.uuid4()}", "body": body}


def action(task_id, name, if_match=None, **given):
    body = {"id": str(uuid.uuid4()), "action": name, "at": now().isoformat(), **given}
    headers = {"If-Match": if_match} if if_match else {}
    return {"method": "POST", "path": f"/tasks/{task_id}/actions", "headers": headers, "body": body}


def statuses(answer):
    return [one["status"] for one in answer["results"]]


def test_the_third_of_ten_is_refused_and_nine_arrive(sign_in, world):
    items = [report(world) for _ in range(10)]
    items[2]["body"]["category"] = "nothing"
    answer = sync(sign_in("worker_a"), *items)
    assert statuses(answer) == [201, 201, 422, *[201] * 7]
    refused = answer["results"][2]["body"]
    assert (refused["code"], list(refused["errors"])) == ("invalid", ["category"])
    first = answer["results"][0]
    assert first["body"]["id"] == items[0]["path"].rpartition("/")[2]
    assert first["headers"]["ETag"] == '"1"'


def test_the_same_queue_again_is_harmless(sign_in, world):
    client, task = sign_in("worker_a"), uuid.uuid4()
    items = [report(world, task), action(task, "comment", note="在路口")]
    assert statuses(sync(client, *items)) == [201, 200]
    assert statuses(sync(client, *items)) == [200, 200]
    events = client.get(f"/api/v1/tasks/{task}").json["events"]
    assert [event["action"] for event in events] == ["report", "comment"]


def test_what_follows_an_own_event_of_the_queue_arrives_both(app, sign_in, world):
    with app.app_context():
        task = tasking.bring_to(world, "assigned")
        session.commit()
    client = sign_in("worker_a")
    accept = action(task, "accept", client.get(f"/api/v1/tasks/{task}").headers["ETag"])
    feedback = action(task, "feedback", f'"after:{accept["body"]["id"]}"', **tasking.needs(world, "feedback"))
    answer = sync(client, accept, feedback)
    assert statuses(answer) == [200, 200]
    assert answer["results"][1]["body"]["stage"] == "feedback"


def test_each_item_meets_the_order_of_checks_of_its_call(app, sign_in, world):
    with app.app_context():
        task = tasking.bring_to(world, "assigned")
        session.commit()
    answer = sync(
        sign_in("worker_a"),
        action(uuid.uuid4(), "accept"),
        action(task, "accept"),
        action(task, "accept", '"1"'),
        action(task, "dismiss", '"2"', reason="not_ours"),
        action(task, "comment"),
        {"method": "PUT", "path": f"/api/v1/reports/{uuid.uuid4()}"},
    )
    assert statuses(answer) == [404, 428, 412, 403, 422, 422]
    assert answer["results"][2]["body"]["task"]["stage"] == "assign"


def test_an_item_that_breaks_off_leaves_nothing_and_the_others_stay(live_app, live_sign_in, world):
    """With real commits: duty on is kept although what stands around it is refused."""
    client = live_sign_in("worker_a")
    wrong = {"method": "POST", "path": "/duty", "body": {"on": True}}
    right = {"method": "POST", "path": "/duty", "body": {"on": True, "at": now().isoformat()}}
    answer = sync(client, wrong, right, wrong, right)
    assert statuses(answer)[:3] == [422, 200, 422]
    assert client.get("/api/v1/me").json["duty"]["on"] is True


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/sync", 422),
        ("POST", "/api/v1/sync", 422),
        ("POST", "/auth/token", 422),
        ("DELETE", "/auth/token", 422),
        ("GET", "/me", 422),
        ("PUT", f"/photos/{'a' * 64}", 422),
        ("PATCH", f"/photos/{'a' * 64}", 422),
        ("POST", "/../../login", 404),
        ("POST", "//evil.example/duty", 404),
        ("POST", "/nowhere", 404),
        ("POST", "/reports/x", 404),
        ("POST", "", 404),
        ("BREW", "/duty", 405),
        ("", "/duty", 405),
        ("POST", "/me", 405),
    ],
)
def test_only_calls_that_a_queue_can_hold_are_passed_on(sign_in, world, method, path, status):
    ours = report(world)
    answer = sync(sign_in("worker_a"), {"method": method, "path": path, "body": {}}, ours)
    assert statuses(answer) == [status, 201]


def test_a_page_of_the_desk_is_no_call(sign_in):
    answer = sync(sign_in("admin_a", browser=True), {"method": "POST", "path": "/../admin/persons", "body": {}})
    assert statuses(answer) == [404]


def test_a_body_that_is_not_understood_changes_nothing(app, sign_in, world):
    item = report(world)
    sync(sign_in("worker_a"), item, since="bad", status=422)
    sync(sign_in("worker_a"), item, {"method": "PUT"}, status=422)
    sync(sign_in("worker_a"), *[report(world) for _ in range(201)], status=422)
    assert sign_in("dispatcher_a").get(item["path"].replace("reports", "tasks")).status_code == 404


def test_an_auditor_files_nothing_by_a_queue_either(sign_in, world):
    assert statuses(sync(sign_in("auditor_a"), report(world))) == [403]


def test_a_cookie_needs_the_same_site_for_the_queue(sign_in, world):
    client = sign_in("worker_a", browser=True)
    assert statuses(sync(client, report(world))) == [201]
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "cross-site"
    sync(client, report(world), status=403)


def test_items_speak_the_language_of_the_phone(sign_in, world):
    client = sign_in("worker_a")
    item = {"method": "POST", "path": "/duty", "body": {}}
    for asked, said in (("zh-CN", "部分字段"), ("en", "Some fields")):
        body = {"items": [item]}
        answer = client.post("/api/v1/sync", json=body, headers={"Accept-Language": asked})
        assert answer.json["results"][0]["body"]["detail"].startswith(said)


def test_the_feed_after_the_queue_shows_what_the_queue_did(live_sign_in, world):
    client = live_sign_in("worker_a")
    cursor = None
    while True:
        page = sync(client, since=cursor) if cursor else sync(client)
        cursor = page["cursor"]
        if not page["more"]:
            break
    item = report(world)
    answer = sync(client, item, since=cursor)
    assert [(one["kind"], one["id"]) for one in answer["changes"]] == [("task", item["path"].rpartition("/")[2])]
    assert sync(client, since=answer["cursor"])["changes"] == []


def test_a_cursor_that_is_too_old_loses_no_result(live_sign_in, world):
    client = live_sign_in("worker_a")
    foreign = sync(live_sign_in("worker_b"))
    answer = sync(client, report(world), since=foreign["cursor"])
    assert statuses(answer) == [201]
    assert (answer["changes"], answer["cursor"], answer["more"]) == ([], None, True)


def test_a_queue_counts_as_one_request(cluster, peopled, tmp_path):
    name, world = peopled
    with scratch_database(cluster, name) as database:
        limits = test_settings(tmp_path / "instance", rate_per_minute=3, rate_per_second=1000)
        with app_on(cluster, database, limits) as app:
            client = signed_in(app, world.people["worker_a"])
            for _ in range(3):
                assert statuses(sync(client, *[report(world) for _ in range(5)])) == [201] * 5
            sync(client, status=429)


def test_a_queue_may_be_packed_and_has_the_limit_of_a_body(sign_in, world):
    client = sign_in("worker_a")
    packed = gzip.compress(json.dumps({"items": [report(world)]}).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert statuses(client.post("/api/v1/sync", data=packed, headers=headers).json) == [201]
    bomb = gzip.compress(b'{"items": [' + b" " * 2_000_000 + b"]}")
    assert client.post("/api/v1/sync", data=bomb, headers=headers).status_code == 413
