"""Bad input at the API's door: a typed refusal that names the remedy, in the asker's language, and nothing stored."""

from __future__ import annotations

import gzip
import json
import uuid
from typing import Any

import pytest
from sqlalchemy import func, select

from gridapp.db import session
from gridapp.models import Task
from gridapp.timesource import now
from mobile_api import CALLS
from mobile_api.openapi import path_of
from tests.support.catalogue import LITTER

DUTY = "/api/v1/duty"


@pytest.fixture
def worker(sign_in):
    return sign_in("worker_a")


def send(client, data, **headers):
    return client.post(DUTY, data=data, headers={"Content-Type": "application/json", **headers})


def on_duty():
    return json.dumps({"on": True, "at": now().isoformat()}).encode()


def bomb(size):
    return gzip.compress(b" " * size)


NOT_JSON = {
    "nothing": b"",
    "words": b"on duty, please",
    "half": b'{"on": tr',
    "two documents": b"{}{}",
    "10,000 levels": b"[" * 10_000 + b"]" * 10_000,
    "10,000 levels of objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "300 levels": b'{"on":' + b"[" * 300 + b"]" * 300 + b"}",
    "NaN": b'{"on": NaN}',
    "infinity": b'{"on": 1e999}',
    "not UTF-8": b'{"on": "\xff"}',
    "half a surrogate": b'{"on": "\\ud800"}',
    "UTF-16": '{"on": true}'.encode("utf-16"),
}


@pytest.mark.parametrize("name", NOT_JSON)
def test_what_is_no_json_is_400(worker, name):
    answer = send(worker, NOT_JSON[name])
    assert (answer.status_code, answer.json["code"]) == (400, "not_json")
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("body", [b"[]", b"1", b'"on"', b"null", b"true"])
def test_json_that_is_no_object_is_422(worker, body):
    answer = send(worker, body)
    assert answer.status_code == 422
    assert "body" in answer.json["errors"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", ""]
)
def test_another_type_is_415_and_says_which_is_taken(worker, kind):
    answer = worker.post(DUTY, data=on_duty(), headers={"Content-Type": kind})
    assert (answer.status_code, answer.json["code"]) == (415, "wrong_type")
    assert "application/json" in answer.json["detail"]


def test_a_gzip_body_is_read(worker):
    assert send(worker, gzip.compress(on_duty()), **{"Content-Encoding": "gzip"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "coding", "status"),
    [
        (bomb(300_000_000), "gzip", 413),
        (gzip.compress(on_duty())[:-9], "gzip", 400),
        (b"not gzip", "gzip", 400),
        (on_duty(), "br", 415),
        (on_duty(), "gzip, gzip", 415),
    ],
    ids=["bomb", "broken off", "not gzip", "br", "twice"],
)
def test_a_packed_body_that_cannot_be_read_is_refused(worker, body, coding, status):
    assert send(worker, body, **{"Content-Encoding": coding}).status_code == status


def test_a_body_over_a_megabyte_is_413_with_a_length_and_without(worker):
    large = b'{"on": "' + b"x" * 1_000_001 + b'"}'
    told = send(worker, large)
    chunked = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    untold = worker.post(DUTY, data=large, content_type="application/json", environ_overrides=chunked)
    assert told.status_code == untold.status_code == 413
    assert told.json["code"] == untold.json["code"] == "too_large"


@pytest.mark.parametrize(
    ("asked", "detail"),
    [
        ("zh-CN", "请先登录。"),
        ("zh", "请先登录。"),
        ("en", "Sign in first."),
        ("en-GB,en;q=0.8,zh;q=0.5", "Sign in first."),
        ("fr", "请先登录。"),
        (None, "请先登录。"),
    ],
)
def test_a_problem_is_told_in_the_askers_language(client, asked, detail):
    answer = client.get("/api/v1/me", headers={"Accept-Language": asked} if asked else {})
    assert answer.json["detail"] == detail
    assert answer.json == {
        "type": "about:blank",
        "title": "unauthenticated",
        "status": 401,
        "code": "unauthenticated",
        "detail": detail,
    }


def test_wrong_fields_are_told_in_both_languages(worker):
    zh, en = (
        worker.post(DUTY, json={"on": 1}, headers={"Accept-Language": language}).json["errors"]
        for language in ("zh", "en")
    )
    assert zh.keys() == en.keys() == {"on", "at"}
    assert zh["at"]["code"] == en["at"]["code"] == "missing"
    assert zh["at"]["detail"] == "此项必填。"
    assert en["at"]["detail"] == "Field required"


@pytest.mark.parametrize("path", ["/api/v1/", "/api/v1/nothing", "/api/v1/tasks/7", "/api/v1/reports/x", "/api/v2/me"])
def test_what_is_not_there_is_a_404_in_json(worker, path):
    answer = worker.get(path)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_an_unknown_method_is_405_and_names_the_known(worker):
    answer = worker.patch("/api/v1/me")
    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


def test_every_answer_carries_the_security_headers_and_is_not_stored(worker):
    answer = worker.get("/api/v1/me")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


MOMENT = "2026-01-01T08:00:00+08:00"
PLACE = {"lon": 104.605, "lat": 28.705, "crs": "wgs84", "accuracy": 5.5, "mock": False}
ID = "0b8f5a52-6d5e-4f3c-9b0a-1f2e3d4c5b6a"
FIX = {"id": ID, "at": MOMENT, "lon": 104.6, "lat": 28.7, "accuracy": 5.5, "speed": 1.5, "heading": 90.5, "battery": 50}
RAW = {"lon": 104.6, "lat": 28.7, "accuracy": 5.5, "at": MOMENT, "mock": False}
POSITION = {"source": "gnss", "reason": "楼里", "fixes": [RAW]}
PHOTO_FACTS = [{"sha256": "0" * 64, "taken_at": MOMENT, "heading": 90.5, "location": RAW}]
BODIES: dict[str, dict[str, Any]] = {
    "sign_in": {
        "username": "worker_a",
        "password": "x",
        "device": "phone",
        "code": "ABCD-EFGH",
        "device_id": str(uuid.uuid4()),
    },
    "call_for_help": {"id": ID, "at": MOMENT, "location": PLACE, "note": "有人受伤"},
    "acknowledge_alarm": {"note": "马上到"},
    "stop_done": {"id": ID, "day": "2026-01-01", "at": MOMENT, "location": PLACE, "note": "已看"},
    "sync": {
        "since": "x",
        "limit": 5,
        "items": [{"method": "POST", "path": "/duty", "headers": {"If-Match": '"1"'}, "body": {}}],
    },
    "set_duty": {"on": True, "at": MOMENT, "location": PLACE},
    "add_positions": {"points": [{**FIX, "mock": False}], "crs": "wgs84"},
    "file_report": {
        "category": LITTER,
        "catalogue_version": "test-1",
        "condition": "06001-1",
        "description": "瓶子",
        "location": PLACE,
        "address": "合江街 1 号",
        "reported_at": MOMENT,
        "severity": "low",
        "photos": ["0" * 64],
        "fields": {},
        "duplicate_of": ID,
        "self_handled": {"note": "扫了", "photos": ["1" * 64], "handled_at": MOMENT},
        "position": POSITION,
        "photo_facts": PHOTO_FACTS,
    },
    "act": {
        "id": ID,
        "action": "comment",
        "at": MOMENT,
        "location": PLACE,
        "condition": "06001-1",
        "note": "好",
        "photos": ["0" * 64],
        "reason": "not_ours",
        "assignee": {"post": ID, "unit": ID},
        "master": ID,
        "due": MOMENT,
        "review_on": "2026-01-01",
        "scores": {"speed": 5, "quality": 5},
        "satisfied": "satisfied",
        "advice": "abc",
        "position": POSITION,
        "photo_facts": PHOTO_FACTS,
    },
}
WHO = {"acknowledge_alarm": "dispatcher_a"}
WRONG = {
    str: [7, True, [], {}, "\x00"],
    float: ["1.5", True, [], {}, 10**400],
    int: ["1", True, 1.5, [], {}],
    bool: ["true", 1, [], {}],
    list: ["x", 7, {}, [{}]],
    dict: ["x", 7, [], True],
}


def places(body, path=()):
    for key, value in body.items() if isinstance(body, dict) else enumerate(body):
        yield (*path, key), value
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def changed(body, path, value):
    copy = json.loads(json.dumps(body))
    part = copy
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return copy


FIELDS = [
    pytest.param(name, path, value, id=f"{name}-{'.'.join(map(str, path))}")
    for name, body in BODIES.items()
    for path, value in places(body)
]


def test_every_call_with_a_body_is_tried():
    bodies = {one.name: set(one.body.model_fields) for one in CALLS if one.body is not None}
    assert {name: set(body) for name, body in BODIES.items()} == bodies


@pytest.mark.parametrize(("name", "path", "good"), FIELDS)
def test_a_wrong_type_in_any_field_is_named(app, sign_in, world, name, path, good):
    one = next(one for one in CALLS if one.name == name)
    client = sign_in(WHO.get(name, "worker_a"))
    report = {"category": LITTER, "description": "x", "location": world.inside("a1"), "reported_at": now().isoformat()}
    task = client.put(f"/api/v1/reports/{uuid.uuid4()}", json=report).json["id"]
    url = "/api/v1" + path_of(one).format(
        report_id=uuid.uuid4(), task_id=task, alarm_id=uuid.uuid4(), stop_id=uuid.uuid4()
    )
    for wrong in WRONG[type(good)]:
        body = changed(BODIES[name], path, wrong)
        answer = client.open(url, method=one.method, json=body, headers={"If-Match": '"1"'})
        assert answer.status_code in (400, 422), (wrong, answer.json)
        if answer.status_code == 422:
            named = ".".join(map(str, path))
            assert any(error == named or error.startswith(f"{named}.") for error in answer.json["errors"]), answer.json
    with app.app_context():
        assert session.scalar(select(func.count()).select_from(Task)) == 1
        assert session.get_one(Task, uuid.UUID(task)).version == 1
