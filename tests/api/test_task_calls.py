"""Reports and tasks through the API: what a phone sends and gets, and in which order it is refused."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from gridapp.timesource import now
from tests.support.catalogue import BILLS, FIRE_LANE, LITTER


def report_of(world, area="a1", **more):
    place = world.inside(area)
    return {"category": LITTER, "description": "瓶子", "location": place, "reported_at": now().isoformat(), **more}


def file(client, world, area="a1", task_id=None, **more):
    return client.put(f"/api/v1/reports/{task_id or uuid.uuid4()}", json=report_of(world, area, **more))


def act(client, task, action, *, seen='"1"', **more):
    body = {"id": str(uuid.uuid4()), "action": action, "at": now().isoformat(), **more}
    return client.post(f"/api/v1/tasks/{task}/actions", json=body, headers={"If-Match": seen} if seen else {})


def post(world, who):
    return {"assignee": {"post": str(world.people[who].post)}}


def ids(answer):
    return [item["id"] for item in answer.json["items"]]


def test_a_report_becomes_a_task_in_its_grid(sign_in, world):
    task_id = uuid.uuid4()
    answer = file(sign_in("worker_a"), world, task_id=task_id, location={**world.inside("a1"), "accuracy": 8.0})
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"1"'
    task = answer.json
    assert (task["id"], task["stage"], task["outcome"], task["source"]) == (str(task_id), "report", None, "worker")
    assert [area["code"] for area in task["chain"]][-1] == world.areas["a1x"].code
    assert task["category"]["version"] == world.edition
    assert task["missing_photos"] == []
    assert dt.datetime.fromisoformat(task["received_at"]).tzinfo == dt.UTC


def test_the_same_again_is_200_and_another_content_409_with_both(sign_in, world):
    client, task_id = sign_in("worker_a"), uuid.uuid4()
    body = report_of(world)
    first = client.put(f"/api/v1/reports/{task_id}", json=body)
    again = client.put(f"/api/v1/reports/{task_id}", json=dict(reversed(body.items())))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json["number"] == first.json["number"]
    other = client.put(f"/api/v1/reports/{task_id}", json={**body, "description": "别的"})
    assert (other.status_code, other.json["code"]) == (409, "id_reused")
    assert other.json["task"]["description"] == "瓶子"
    assert other.json["sent"]["description"] == "别的"


def test_of_a_strangers_id_nothing_is_shown(sign_in, world):
    task_id = uuid.uuid4()
    file(sign_in("worker_b"), world, "b1", task_id)
    answer = file(sign_in("worker_a"), world, "a1", task_id)
    assert (answer.status_code, answer.json["code"]) == (409, "id_reused")
    assert "task" not in answer.json


@pytest.mark.parametrize("who", ["planner_a", "admin_a", "auditor_a", "reviewer_a"])
def test_who_does_not_report_is_403(sign_in, world, who):
    assert file(sign_in(who), world).status_code == 403


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"category": "00000"}, "category"),
        ({"category": "06"}, "category"),
        ({"description": ""}, "description"),
        ({"description": "   "}, "description"),
        ({"description": "x" * 5000}, "description"),
        ({"reported_at": "2026-01-01T00:00:00"}, "reported_at"),
        ({"photos": ["x"]}, "photos.0"),
        ({"photos": ["0" * 64] * 30}, "photos"),
        ({"category": BILLS}, "photos"),
        ({"category": FIRE_LANE}, "fields.width"),
        ({"category": FIRE_LANE, "fields": {"width": "wide"}}, "fields.width"),
        ({"category": FIRE_LANE, "fields": {"width": 2, "cause": "rats"}}, "fields.cause"),
        ({"category": FIRE_LANE, "fields": {"width": 2}, "severity": "awful"}, "severity"),
        ({"fields": {"colour": "red"}}, "fields.colour"),
        ({"colour": "red"}, "colour"),
        ({"location": {"lon": 28.7, "lat": 104.6}}, "location.lat"),
    ],
)
def test_a_report_that_lacks_something_is_refused_by_name(sign_in, world, change, field):
    client = sign_in("worker_a")
    answer = client.put(f"/api/v1/reports/{uuid.uuid4()}", json={**report_of(world), **change})
    assert answer.status_code == 422
    assert field in answer.json["errors"]
    assert ids(client.get("/api/v1/tasks")) == []


def test_a_report_without_place_needs_an_address(sign_in, world):
    client, body = sign_in("worker_a"), report_of(world)
    del body["location"]
    assert client.put(f"/api/v1/reports/{uuid.uuid4()}", json=body).status_code == 422
    answer = client.put(f"/api/v1/reports/{uuid.uuid4()}", json={**body, "address": "合江街 1 号"})
    assert (answer.status_code, answer.json["located"]) == (201, False)


def test_a_task_is_read_with_events_clocks_and_what_i_may_do(sign_in, world):
    task = file(sign_in("worker_a"), world).json["id"]
    answer = sign_in("dispatcher_a").get(f"/api/v1/tasks/{task}")
    assert answer.headers["ETag"] == '"1"'
    assert [event["action"] for event in answer.json["events"]] == ["report"]
    assert {clock["name"] for clock in answer.json["clocks"]} == {"answer", "handle"}
    offered = {one["action"]: {field["name"]: field for field in one["fields"]} for one in answer.json["actions"]}
    assert offered.keys() == {"dismiss", "merge", "assign", "verify", "comment", "urge"}
    assert [reason["code"] for reason in offered["dismiss"]["reason"]["choices"]] == ["not_ours"]
    assert str(world.people["worker_a"].post) in str(offered["assign"]["assignee"]["choices"])
    assert [one["action"] for one in sign_in("auditor_a").get(f"/api/v1/tasks/{task}").json["actions"]] == []


def test_a_task_goes_from_hand_to_hand(sign_in, world):
    worker, dispatcher = sign_in("worker_a"), sign_in("dispatcher_a")
    task = file(worker, world).json["id"]
    given = act(dispatcher, task, "assign", **post(world, "worker_a"))
    assert (given.status_code, given.headers["ETag"], given.json["stage"]) == (200, '"2"', "assign")
    taken = act(worker, task, "accept", seen='W/"2"')
    assert (taken.status_code, taken.json["stage"]) == (200, "handle")
    done = act(worker, task, "feedback", seen='"3"', note="扫了", location=world.inside("a1"))
    assert (done.status_code, done.json["stage"]) == (200, "feedback")
    passed = act(sign_in("reviewer_a"), task, "pass", seen='"4"', scores={"speed": 5, "quality": 4})
    assert (passed.status_code, passed.json["outcome"]) == (200, "resolved")
    assert [event["action"] for event in passed.json["events"]] == ["report", "assign", "accept", "feedback", "pass"]


def test_refusals_come_in_their_order(client, sign_in, world):
    """401, 404, an id already there, 428, 412, 403, 409, 422: each body breaks everything that comes after, too."""
    worker, reviewer, dispatcher = (sign_in(who) for who in ("worker_a", "reviewer_a", "dispatcher_a"))
    task = file(worker, world).json["id"]
    used = str(uuid.uuid4())
    act(dispatcher, task, "comment", id=used, note="x")
    wrong = {"scores": {"speed": 9, "quality": 9}}
    assert act(client, task, "pass", seen=None, **wrong).status_code == 401
    assert act(sign_in("reviewer_b"), task, "pass", seen=None, id=used, **wrong).status_code == 404
    assert act(reviewer, task, "pass", seen=None, id=used, **wrong).json["code"] == "id_reused"
    assert act(worker, task, "pass", seen=None, **wrong).status_code == 428
    stale = act(worker, task, "pass", seen='"1"', **wrong)
    assert (stale.status_code, stale.json["task"]["version"]) == (412, 2)
    assert act(worker, task, "pass", seen='"2"', **wrong).status_code == 403
    early = act(reviewer, task, "pass", seen='"2"', **wrong)
    assert (early.status_code, early.json["allowed"]) == (409, ["comment"])
    assert act(reviewer, task, "comment", seen=None, note="").status_code == 422


def test_an_auditor_learns_of_other_scopes_no_more_than_anybody(sign_in, world):
    task = file(sign_in("worker_a"), world).json["id"]
    assert act(sign_in("auditor_b"), task, "comment", note="x").status_code == 404
    assert act(sign_in("auditor_a"), task, "comment", note="x").status_code == 403


def test_an_event_sent_again_is_the_same_event(sign_in, world):
    dispatcher = sign_in("dispatcher_a")
    task = file(sign_in("worker_a"), world).json["id"]
    body = {"id": str(uuid.uuid4()), "action": "comment", "at": now().isoformat(), "note": "看看"}
    first, again = (dispatcher.post(f"/api/v1/tasks/{task}/actions", json=body) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json["events"] == again.json["events"]


def test_lists_show_what_is_mine_my_grids_near_and_in_scope(sign_in, world):
    worker, dispatcher = sign_in("worker_a"), sign_in("dispatcher_district")
    a1, a2, b1 = (file(dispatcher, world, area).json["id"] for area in ("a1", "a2", "b1"))
    own = file(worker, world, "a1").json["id"]
    assert set(ids(dispatcher.get("/api/v1/tasks"))) == {a1, a2, b1, own}
    assert ids(worker.get("/api/v1/tasks?view=mine")) == [own]
    assert set(ids(worker.get("/api/v1/tasks?view=grid"))) == {a1, own}
    assert set(ids(sign_in("chief_a").get("/api/v1/tasks"))) == {a1, a2, own}
    near = dispatcher.get("/api/v1/tasks", query_string={"view": "near", **world.inside("a1")})
    assert set(ids(near)) >= {a1, own}
    distances = [item["distance_m"] for item in near.json["items"]]
    assert distances == sorted(distances)


def test_lists_are_read_in_pages_without_gap_or_repetition(sign_in, world):
    worker = sign_in("worker_a")
    filed = {file(worker, world).json["id"] for _ in range(7)}
    seen, after = [], None
    while True:
        page = worker.get("/api/v1/tasks", query_string={"limit": 3, **({"after": after} if after else {})})
        seen += ids(page)
        after = page.json["next"]
        if after is None:
            break
    assert len(seen) == 7
    assert set(seen) == filed


def test_lists_are_filtered_by_stage_category_and_words(sign_in, world):
    worker = sign_in("worker_a")
    litter = file(worker, world, description="一地落叶").json["id"]
    lane = file(worker, world, category=FIRE_LANE, fields={"width": 2.5}).json["id"]
    assert ids(worker.get("/api/v1/tasks?category=07")) == [lane]
    assert ids(worker.get("/api/v1/tasks", query_string={"q": "落叶"})) == [litter]
    assert ids(worker.get("/api/v1/tasks", query_string={"q": "100%"})) == []
    assert ids(worker.get("/api/v1/tasks?stage=handle")) == []
    assert ids(worker.get("/api/v1/tasks?overdue=true")) == []


def test_a_list_unchanged_is_304(sign_in, world):
    worker = sign_in("worker_a")
    file(worker, world)
    first = worker.get("/api/v1/tasks")
    assert worker.get("/api/v1/tasks", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    file(worker, world)
    assert worker.get("/api/v1/tasks", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("view=all", "view"),
        ("stage=done", "stage"),
        ("overdue=perhaps", "overdue"),
        ("limit=0", "limit"),
        ("limit=1000000", "limit"),
        ("after=xyz", "after"),
        ("after=W10", "after"),
        ("q=%00", "q"),
        ("view=near", "lon"),
        ("view=near&lon=104.6&lat=nan", "lat"),
    ],
)
def test_a_wrong_filter_is_named(sign_in, query, field):
    answer = sign_in("worker_a").get(f"/api/v1/tasks?{query}")
    assert answer.status_code == 422
    assert field in answer.json["errors"]


def test_similar_open_tasks_near_by_are_found_nearest_first(sign_in, world):
    worker = sign_in("worker_a")
    x, y = world.inside("a1").values()
    here, there = (file(worker, world, location={"lon": x + d, "lat": y}).json["id"] for d in (0.0001, 0.0003))
    file(worker, world, location={"lon": x + 0.003, "lat": y})
    file(worker, world, category=FIRE_LANE, fields={"width": 2})
    answer = worker.get("/api/v1/reports/similar", query_string={"category": LITTER, "lon": x, "lat": y})
    assert ids(answer) == [here, there]
    assert answer.json["items"][0]["distance_m"] < answer.json["items"][1]["distance_m"] < 50
    stranger = sign_in("worker_b").get("/api/v1/reports/similar", query_string={"category": LITTER, "lon": x, "lat": y})
    assert ids(stranger) == []
