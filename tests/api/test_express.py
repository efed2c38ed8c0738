"""The two calls that are answered before Flask: the same answer as by the long way, and the long way for all else."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from flask import Response
from sqlalchemy import text

from gridapp.db import session
from gridapp.models import RoutingRule
from gridapp.server import compression
from tests.support import database
from tests.support.catalogue import BILLS, FIRE_LANE, LITTER
from tests.support.tasking import PHOTO, report_body
from tests.support.world import OUTSIDE, SIDE, SOUTH, WEST, signed_in

LONG = {"Content-Encoding": "identity"}
"""Says nothing, but is unusual: such a request is not answered before Flask."""
OWN = {"id", "number", "received_at", "reported_at"}
"""What differs between two reports of the same matter."""
COUNTING = {"Content-Length", "RateLimit-Remaining", "RateLimit-Reset"}
"""Headers that differ between two calls, one after the other."""


@pytest.fixture
def long_way(app):
    """What went on to Flask meanwhile: method and path."""
    express, taken = app.wsgi_app, []
    flask = express.long_way

    def noted(environ, start_response):
        taken.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        return flask(environ, start_response)

    express.long_way = noted
    yield taken
    express.long_way = flask


def told(answer):
    """Status, headers and members, but for what no two reports share."""
    headers = {name: None if name in COUNTING else value for name, value in answer.headers}
    return answer.status, headers, {name: value for name, value in answer.json.items() if name not in OWN}


def put(client, body, *, headers=None, task_id=None):
    return client.put(f"/api/v1/reports/{task_id or uuid.uuid4()}", json=body, headers=headers)


PLACES: dict[str, dict[str, Any]] = {
    "in a grid": {},
    "with candidates around": {"accuracy": "500"},
    "in another system": {"crs": "gcj02"},
    "outside everything": dict(zip(("lon", "lat"), OUTSIDE, strict=True)),
    "with axes swapped": {"lon": "28.7", "lat": "104.6"},
    "without a number": {"lon": "here"},
    "a parameter too many": {"whatever": "1"},
    "a bad system": {"crs": "mars"},
    "at another time": {"at": "2026-01-01T00:00:00Z"},
}


@pytest.mark.parametrize("who", ["worker_a", "dispatcher_b", "auditor_a"])
@pytest.mark.parametrize("name", PLACES)
def test_a_point_is_told_alike_by_both_ways(sign_in, world, name, who):
    client = sign_in(who)
    query = {**world.inside("a1"), **PLACES[name]}
    one, other = (client.get("/api/v1/locate", query_string=query, headers=headers) for headers in (None, LONG))
    assert told(one) == told(other)


REPORTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "with a photo": {"photos": [PHOTO]},
    "with fields": {"category": FIRE_LANE, "fields": {"width": 3.5, "cause": "old"}, "severity": "high"},
    "without what is asked for": {"category": BILLS},
    "of an unknown category": {"category": "99999"},
    "with a field that it does not know": {"color": "red"},
    "without words": {"description": ""},
    "elsewhere": {"location": dict(zip(("lon", "lat"), OUTSIDE, strict=True))},
    "in another's grid": {"location": {"lon": WEST + 3.5 * SIDE, "lat": SOUTH + 0.5 * SIDE, "accuracy": 8.0}},
    "by address": {"location": None, "address": "幸福路1号"},
    "with a doubtful position": {"location": {"lon": 104.6041, "lat": 28.7041, "accuracy": 900.0, "mock": True}},
    "of a time without a zone": {"reported_at": "2026-01-01T00:00:00"},
}


@pytest.mark.parametrize("who", ["worker_a", "chief_a", "reviewer_a"])
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_told_and_kept_alike_by_both_ways(sign_in, world, name, who):
    client, body, ids = sign_in(who), report_body(world, **REPORTS[name]), (uuid.uuid4(), uuid.uuid4())
    said = {"X-Device-Time": body["reported_at"], "X-Clock-Ahead": "3600000"}
    one = put(client, body, headers=said, task_id=ids[0])
    other = put(client, body, headers={**said, **LONG}, task_id=ids[1])
    assert told(one) == told(other)
    kept = [event_of(client, task_id) for task_id in ids]
    assert kept[0] == kept[1]


def event_of(client, task_id):
    """What the event of a report says, but for times and ids."""
    with client.application.app_context():
        row = session.execute(
            text(
                "select action, actor_id, actor_kind, to_stage, note, content_hash, facts - 'skew_ms' as facts, "
                "changes - '{id,number,received_at}'::text[] as changes, ST_AsText(geom) "
                "from task_event where task_id = :id"
            ),
            {"id": task_id},
        ).one_or_none()
    return row and tuple(row)


def test_what_is_plain_does_not_go_the_long_way(sign_in, world, long_way):
    worker = sign_in("worker_a")
    assert worker.get("/api/v1/locate", query_string=world.inside("a1")).status_code == 200
    assert worker.get("/api/v1/locate", query_string={**world.inside("b1"), "accuracy": "8"}).status_code == 200
    body = report_body(world, category=LITTER, photos=[PHOTO])
    assert put(worker, body, headers={"Accept-Encoding": "gzip"}).status_code == 201
    assert long_way == []


def test_a_report_that_a_rule_sends_on_is_told_as_it_is_then(sign_in, world, app, long_way):
    area = {"name": "都给网格员", "ordinal": 1, "target": "worker", "grid_id": world.areas["district"].id}
    with app.app_context():
        session.add(RoutingRule(**area))
        session.commit()
    worker, body = sign_in("worker_a"), report_body(world)
    one, other = (put(worker, body, headers=headers) for headers in (None, LONG))
    assert (one.status_code, one.json["stage"], one.headers["ETag"]) == (201, "assign", '"2"')
    assert one.json["assignee"] == other.json["assignee"] is not None
    assert len(long_way) == 1
    again = worker.get(f"/api/v1/tasks/{one.json['id']}").json
    assert (again["stage"], len(again["events"])) == ("assign", 2)


@pytest.mark.parametrize("size", [10, 2_000])
@pytest.mark.parametrize("accepted", ["", "gzip", "gzip;q=0", "br, gzip;q=0.5", "*", "identity", "deflate"])
def test_what_is_answered_before_flask_is_compressed_as_all_data(session_app, accepted, size):
    body = b"{}" * size
    with session_app.test_request_context(headers={"Accept-Encoding": accepted}):
        answer = compression.compress(Response(body, content_type="application/json"))
        packed, said = compression.pack(body, accepted)
        assert answer.get_data() == packed
        assert {name: answer.headers[name] for name in ("Content-Encoding", "Vary") if name in answer.headers} == dict(
            said
        )


def test_a_report_sent_again_is_the_same_task_and_another_one_under_its_id_is_refused(sign_in, world, long_way):
    worker, body, task_id = sign_in("worker_a"), report_body(world), uuid.uuid4()
    first, again = (put(worker, body, task_id=task_id) for _ in range(2))
    other = put(worker, {**body, "description": "别的"}, task_id=task_id)
    assert [answer.status_code for answer in (first, again, other)] == [201, 200, 409]
    assert first.json == again.json
    assert other.json["code"] == "id_reused"
    assert len(long_way) == 2


@pytest.mark.parametrize("authorization", ["Bearer nobody", "Basic YTpi", "", "bearer "])
def test_nobody_is_told_or_files_anything_without_a_token(client, world, authorization):
    said = {"Authorization": authorization}
    answers = [
        client.get("/api/v1/locate", query_string=world.inside("a1"), headers=said),
        put(client, report_body(world), headers=said),
    ]
    assert [(answer.status_code, answer.json["code"]) for answer in answers] == [(401, "unauthenticated")] * 2


def test_a_phone_that_was_locked_out_hears_it_and_files_nothing(sign_in, world, app):
    worker, task_id = sign_in("worker_a"), uuid.uuid4()
    with app.app_context():
        session.execute(text("update token set revoked_at = now(), lost_at = now() where person_id = :id"), lost(world))
        session.commit()
    assert put(worker, report_body(world), task_id=task_id).json["code"] == "locked_out"
    assert event_of(worker, task_id) is None


def lost(world):
    return {"id": world.people["worker_a"].id}


def test_a_body_that_lies_about_its_length_or_kind_is_refused_as_ever(sign_in, world):
    worker, path = sign_in("worker_a"), f"/api/v1/reports/{uuid.uuid4()}"
    said = {"Content-Type": "application/json"}
    assert worker.put(path, data=b"{", headers=said).json["code"] == "not_json"
    assert worker.put(path, data=b"{}", headers={"Content-Type": "text/plain"}).json["code"] == "wrong_type"
    assert worker.put(path, data=b" " * 1_000_001, headers=said).json["code"] == "too_large"
    assert worker.put(path, data=b"[]", headers=said).json["code"] == "invalid"


def test_every_request_counts_once_by_either_way(cluster, peopled, tmp_path):
    settings = database.test_settings(tmp_path / "instance", rate_per_minute=1_000)
    with database.scratch_database(cluster, peopled[0]) as name, database.app_on(cluster, name, settings) as app:
        world = peopled[1]
        auditor, worker = signed_in(app, world.people["auditor_a"]), signed_in(app, world.people["worker_a"])
        sent = {"worker": 0, "auditor": 0}
        for body in (report_body(world), report_body(world, location={"lon": OUTSIDE[0], "lat": OUTSIDE[1]})):
            assert put(worker, body).status_code == 201
            assert put(auditor, body).status_code == 403
            sent = {who: count + 1 for who, count in sent.items()}
        worker.get("/api/v1/locate", query_string=world.inside("a1"))
        with app.app_context():
            hits = session.execute(
                text(
                    "select p.role, sum(w.total) from (select key, minute_hits as total from rate_window) w "
                    "join token t on t.id::text = w.key join person p on p.id = t.person_id group by p.role"
                )
            ).all()
    # The minute may turn in between, and begins afresh then.
    assert all(count <= sent[role] + (role == "worker") for role, count in hits)


def test_over_the_limit_nothing_is_filed(cluster, peopled, tmp_path):
    settings = database.test_settings(tmp_path / "instance", rate_per_minute=2)
    with database.scratch_database(cluster, peopled[0]) as name, database.app_on(cluster, name, settings) as app:
        worker = signed_in(app, peopled[1].people["worker_a"])
        answers = [put(worker, report_body(peopled[1])) for _ in range(10)]  # more than any turn of the minute forgives
        late = [answer for answer in answers if answer.status_code != 201]
        assert {(answer.status_code, answer.json["code"]) for answer in late} == {(429, "too_many")}
        with app.app_context():
            assert session.scalar(text("select count(*) from task")) == len(answers) - len(late)
