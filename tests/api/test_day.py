"""My day: what came back on top, stops, hand-overs, and who looked at where I was."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from sqlalchemy.dialects.postgresql import Range

from gridapp.db import session
from gridapp.models import LastPosition, Post
from gridapp.timesource import now
from tests.api.test_changes import read
from tests.support import tasking


def today():
    return (now() + dt.timedelta(hours=8)).date().isoformat()


def test_a_task_that_was_sent_back_is_on_top_with_its_reason(app, sign_in, world):
    with app.app_context():
        first, back = tasking.bring_to(world, "handled"), tasking.bring_to(world, "fed_back")
        tasking.act(world, "reviewer_a", back, "rework", note="角落还有")
        session.commit()
    day = sign_in("worker_a").get("/api/v1/day").json
    assert day["day"] == today()
    assert [task["id"] for task in day["tasks"]][:1] == [str(back)]
    sent_back = day["tasks"][0]["sent_back"]
    assert (sent_back["action"], sent_back["reason"], sent_back["note"]) == ("rework", "not_done", "角落还有")
    assert sent_back["by"] == "Reviewer A"
    assert sent_back["reason_name"]["zh"]
    others = {task["id"]: task for task in day["tasks"]}
    assert others[str(first)]["sent_back"] is None
    assert others[str(first)]["lamp"] == "green"
    assert day["duty"] == {"on": False, "since": None}


def test_the_day_is_read_once(sign_in):
    client = sign_in("worker_a")
    first = client.get("/api/v1/day")
    assert client.get("/api/v1/day", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def plan(client, world, **given):
    form = {"grid": world.areas["a1"].code, "kind": "patrol", "name": "泵房", **given}
    return client.post("/stops", data=form)


def stops_of(client, **query):
    return client.get("/api/v1/stops", query_string=query).json["items"]


def done(client, stop, **given):
    body = {"id": str(uuid.uuid4()), "day": today(), "at": now().isoformat(), **given}
    return client.post(f"/api/v1/stops/{stop}/done", json=body), body


@pytest.mark.parametrize("desk", ["chief_a", "admin_a"])
def test_stops_are_planned_at_the_desk_and_done_by_the_worker(sign_in, world, desk):
    chief, worker = sign_in(desk, browser=True), sign_in("worker_a")
    assert plan(chief, world).status_code == 303
    assert plan(chief, world, kind="visit", name="王奶奶", day="2031-01-02").status_code == 303
    [stop] = stops_of(worker)
    assert (stop["name"], stop["kind"], stop["day"], stop["done"]) == ("泵房", "patrol", None, None)
    assert [one["name"] for one in stops_of(worker, day="2031-01-02")] == ["泵房", "王奶奶"]
    answer, body = done(worker, stop["id"], location=world.inside("a1"), note="正常")
    assert answer.status_code == 200
    assert answer.json["done"]["by"]["name"] == "Worker A"
    assert worker.post(f"/api/v1/stops/{stop['id']}/done", json=body).json == answer.json
    assert sign_in("worker_a").get("/api/v1/day").json["stops"] == stops_of(worker)
    shown = chief.get("/stops").text
    assert "Worker A" in shown
    assert "正常" in shown
    other, _ = done(worker, stop["id"])
    assert (other.status_code, other.json["code"]) == (409, "stop_done")
    assert chief.post(f"/stops/{stop['id']}/retire").status_code == 303
    assert stops_of(worker) == []


def test_stops_are_for_those_of_the_grid(app, sign_in, world):
    with app.app_context():
        stop = tasking.stop(world).id
        session.commit()
    assert stops_of(sign_in("worker_a2")) == []
    assert done(sign_in("worker_b"), stop)[0].status_code == 404
    assert plan(sign_in("chief_b", browser=True), world).status_code == 422
    assert plan(sign_in("dispatcher_a", browser=True), world).status_code == 403


def test_a_stop_is_done_on_its_day(app, sign_in, world):
    with app.app_context():
        stop = tasking.stop(world, day="2031-01-02").id
        session.commit()
    assert done(sign_in("worker_a"), stop)[0].status_code == 422
    assert done(sign_in("worker_a"), stop, day="2031-01-02")[0].status_code == 200


@pytest.mark.parametrize("wrong", [{"name": ""}, {"grid": "nowhere"}, {"kind": "x"}, {"lon": "1"}, {"day": "soon"}])
def test_a_stop_that_is_not_right_comes_back_with_what_is_wrong(sign_in, world, wrong):
    answer = plan(sign_in("chief_a", browser=True), world, **wrong)
    assert (answer.status_code, "is-wrong" in answer.text) == (422, True)


def test_the_feed_tells_of_stops(live_sign_in, world):
    worker, chief = live_sign_in("worker_a"), live_sign_in("chief_a", browser=True)
    _, cursor = read(worker)
    plan(chief, world)
    [told], cursor = read(worker, cursor)
    assert (told["kind"], told["op"], told["thing"]["name"]) == ("stop", "upsert", "泵房")
    chief.post(f"/stops/{told['id']}/retire")
    [gone], _ = read(worker, cursor)
    assert (gone["op"], gone["reason"]) == ("remove", "gone")


def test_who_is_new_in_a_post_confirms_the_list_that_came_with_it(app, sign_in, world):
    with app.app_context():
        task = tasking.bring_to(world, "assigned")
        other = Post(
            person_id=world.people["worker_a2"].id,
            grid_id=world.areas["a1"].id,
            kind="worker",
            during=Range(now() - dt.timedelta(days=300), now() - dt.timedelta(days=20)),
        )
        own = session.get_one(Post, world.people["worker_a"].post)
        session.get_one(Post, world.people["worker_a2"].post).during = Range(now() - dt.timedelta(days=20), None)
        own.during = Range(now() - dt.timedelta(days=20), None)
        session.flush()
        session.add(other)
        session.commit()
    client = sign_in("worker_a")
    [listed] = client.get("/api/v1/day").json["hand_overs"]
    assert [one["id"] for one in listed["tasks"]] == [str(task)]
    assert len(listed["previous"]) == 1
    path = f"/api/v1/hand-overs/{listed['post']}/confirm"
    assert sign_in("worker_a2").post(path).status_code == 404
    assert [client.post(path).status_code for _ in range(2)] == [204, 204]
    assert client.get("/api/v1/day").json["hand_overs"] == []


def test_who_looks_at_where_somebody_was_is_on_record_and_shown_to_them(app, sign_in, world):
    with app.app_context():
        session.add(LastPosition(person_id=world.people["worker_a"].id, at=now(), **world.inside("a1")))
        session.commit()
    window = {"bbox": "104.5,28.6,104.8,28.9"}
    for _ in range(3):
        assert len(sign_in("dispatcher_a", browser=True).get("/command/map/people", query_string=window).json) == 1
    assert sign_in("reviewer_a", browser=True).get("/command/map/people", query_string=window).json == []
    looked = sign_in("worker_a").get("/api/v1/positions/mine/readers").json["items"]
    assert [(one["name"], one["role"]) for one in looked] == [("Dispatcher A", "dispatcher")]
    assert sign_in("worker_a2").get("/api/v1/positions/mine/readers").json["items"] == []
