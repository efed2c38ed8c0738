"""What a phone says beside reports and actions is kept raw and flagged, and refuses nothing."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from gridapp.db import session
from gridapp.timesource import now
from tests.support import pictures, tasking
from tests.support.photos import get, put
from tests.support.pictures import sha256


def report(client, world, headers=None, **given):
    task_id = uuid.uuid4()
    answer = client.put(f"/api/v1/reports/{task_id}", json=tasking.report_body(world, **given), headers=headers or {})
    assert answer.status_code == 201, answer.text
    [event] = client.get(f"/api/v1/tasks/{task_id}").json["events"]
    return task_id, event


def clock(**ahead):
    return {"X-Device-Time": (now() + dt.timedelta(**ahead)).isoformat()}


@pytest.mark.parametrize(("ahead", "off"), [({"seconds": 5}, False), ({"hours": 1}, True), ({"minutes": -3}, True)])
def test_a_clock_that_is_off_is_measured_and_flagged(sign_in, world, ahead, off):
    _, event = report(sign_in("worker_a"), world, clock(**ahead))
    expected = dt.timedelta(**ahead).total_seconds() * 1000
    assert abs(event["facts"]["skew_ms"] - expected) < 60_000
    assert event["facts"]["clock_off"] is off
    assert event["device_at"]
    assert event["at"]


def test_both_times_and_the_skew_are_kept_on_actions_and_shown_in_the_panel(app, sign_in, world):
    with app.app_context():
        task = tasking.bring_to(world, "assigned")
        session.commit()
    client = sign_in("worker_a")
    body = {"id": str(uuid.uuid4()), "action": "accept", "at": (now() + dt.timedelta(hours=1)).isoformat()}
    headers = {"If-Match": '"2"', **clock(hours=1)}
    answer = client.post(f"/api/v1/tasks/{task}/actions", json=body, headers=headers)
    assert answer.json["events"][-1]["facts"]["clock_off"] is True
    assert 'data-fact="clock"' in sign_in("dispatcher_a", browser=True).get(f"/command/tasks/{task}").text


def test_a_queue_says_the_time_once_for_all_its_items(sign_in, world):
    client, task = sign_in("worker_a"), uuid.uuid4()
    item = {"method": "PUT", "path": f"/reports/{task}", "body": tasking.report_body(world)}
    client.post("/api/v1/sync", json={"items": [item]}, headers=clock(hours=-1))
    assert client.get(f"/api/v1/tasks/{task}").json["events"][0]["facts"]["clock_off"] is True


@pytest.mark.parametrize(
    ("said", "sending", "expected"),
    [
        ("3600000", {}, 3_600_000),
        ("-3600000", {}, -3_600_000),
        ("0", {"hours": 1}, 0),
        ("0; guess", {"hours": 1}, 3_600_000),
        ("3600000;guess", {}, 3_600_000),
    ],
)
def test_the_clock_as_it_was_at_writing_counts_and_not_as_it_is_at_sending(sign_in, world, said, sending, expected):
    _, event = report(sign_in("worker_a"), world, {**clock(**sending), "X-Clock-Ahead": said})
    assert abs(event["facts"]["skew_ms"] - expected) < 60_000
    assert event["facts"]["clock_off"] is (expected != 0)


def test_each_item_of_a_queue_has_the_clock_under_which_it_was_written(sign_in, world):
    client, tasks = sign_in("worker_a"), [uuid.uuid4(), uuid.uuid4()]
    items = [
        {"method": "PUT", "path": f"/reports/{task}", "body": tasking.report_body(world), "headers": headers}
        for task, headers in zip(tasks, ({"X-Clock-Ahead": "-3600000"}, {}), strict=True)
    ]
    client.post("/api/v1/sync", json={"items": items}, headers=clock())
    off = [client.get(f"/api/v1/tasks/{task}").json["events"][0]["facts"]["clock_off"] for task in tasks]
    assert off == [True, False]


def test_a_time_that_is_yet_to_come_shows_that_the_clock_was_ahead(app, sign_in, world):
    client, at = sign_in("worker_a"), (now() + dt.timedelta(hours=1)).isoformat()
    _, event = report(client, world, clock(), reported_at=at)
    assert (event["facts"]["clock_off"], event["facts"]["skew_ms"] > 3_500_000) == (True, True)
    with app.app_context():
        task = tasking.bring_to(world, "assigned")
        session.commit()
    body = {"id": str(uuid.uuid4()), "action": "accept", "at": at}
    answer = client.post(f"/api/v1/tasks/{task}/actions", json=body, headers={"If-Match": '"2"', **clock()})
    assert answer.json["events"][-1]["facts"]["clock_off"] is True


@pytest.mark.parametrize("said", ["", "soon", "1.5", "9" * 40, "guess", "0; perhaps", "\u0663"])
def test_a_clock_that_cannot_be_read_says_nothing(sign_in, world, said):
    _, event = report(sign_in("worker_a"), world, {"X-Clock-Ahead": said.encode().decode("latin-1")})
    assert event["facts"] is None


@pytest.mark.parametrize("said", ["", "yesterday", "2026-11-25T10:00:00", "9999-99-99T00:00:00Z", "x" * 5000])
def test_a_time_that_cannot_be_read_says_nothing(sign_in, world, said):
    _, event = report(sign_in("worker_a"), world, {"X-Device-Time": said})
    assert event["facts"] is None


def test_a_good_position_says_nothing(sign_in, world):
    assert report(sign_in("worker_a"), world)[1]["facts"] is None


def test_a_poor_position_is_kept_with_its_reason_and_its_raw_fixes(sign_in, world):
    fixes = [{**world.inside("a1"), "accuracy": 300.0, "at": now().isoformat()}]
    note = {"source": "network", "reason": "地下车库", "fixes": fixes}
    place = {**world.inside("a1"), "accuracy": 300.0, "mock": True}
    task, event = report(sign_in("worker_a"), world, location=place, position=note)
    position = event["facts"]["position"]
    assert position["doubts"] == ["accuracy", "mock"]
    assert (position["accuracy_limit_m"], position["reason"]) == (50, "地下车库")
    assert position["fixes"][0]["accuracy"] == 300.0
    shown = sign_in("dispatcher_a", browser=True).get(f"/command/tasks/{task}").text
    assert all(f'data-fact="{fact}"' in shown for fact in ("accuracy", "mock"))
    assert "地下车库" in shown


def test_a_client_that_gives_no_reason_is_flagged_and_not_refused(sign_in, world):
    _, event = report(sign_in("worker_a"), world, location={**world.inside("a1"), "mock": True})
    assert event["facts"]["position"]["doubts"] == ["mock"]


def test_a_report_far_from_the_own_grid_says_how_far(sign_in, world):
    task = uuid.uuid4()
    body = tasking.report_body(world, location=world.inside("b2"))
    assert sign_in("worker_a").put(f"/api/v1/reports/{task}", json=body).status_code == 201
    shown = sign_in("dispatcher_district").get(f"/api/v1/tasks/{task}").json["events"][0]["facts"]
    assert shown["far"] is True
    assert 1200 < shown["far_m"] < 1600


def test_time_and_heading_of_photos_are_fields(sign_in, world):
    client, content = sign_in("worker_a"), pictures.photo(width=333)
    put(client, content)
    note = {"sha256": sha256(content), "taken_at": now().isoformat(), "heading": 271.5, "location": world.inside("a1")}
    _, event = report(client, world, photos=[sha256(content)], photo_facts=[note])
    assert event["facts"]["photos"][0]["heading"] == 271.5


@pytest.mark.parametrize(
    "wrong",
    [
        {"position": {"reason": ""}},
        {"position": {"source": "dream"}},
        {"position": {"fixes": [{"lon": 200, "lat": 0}]}},
        {"photo_facts": [{"sha256": "x"}]},
        {"photo_facts": [{"sha256": "a" * 64, "heading": 400}]},
    ],
)
def test_what_is_not_understood_is_refused_by_field(sign_in, world, wrong):
    body = tasking.report_body(world, **wrong)
    assert sign_in("worker_a").put(f"/api/v1/reports/{uuid.uuid4()}", json=body).status_code == 422


def test_a_film_lasts_thirty_seconds(sign_in):
    client = sign_in("worker_a")
    assert put(client, pictures.film(seconds=30)).status_code == 201
    too_long = put(client, pictures.film(seconds=40))
    assert (too_long.status_code, too_long.json["code"]) == (413, "too_large")


def test_a_film_that_does_not_say_how_long_it_is_is_refused_with_what_to_do(sign_in):
    answer = put(sign_in("worker_a"), pictures.film(seconds=0))
    assert (answer.status_code, answer.json["code"]) == (422, "film_length")
    assert "MP4" in answer.json["detail"]


@pytest.mark.parametrize("starts", [True, False])
def test_how_long_a_streamed_film_lasts_is_read_from_its_fragments(sign_in, starts):
    client = sign_in("worker_a")
    assert put(client, pictures.streamed_film(30, starts=starts)).status_code == 201
    answer = put(client, pictures.streamed_film(40, starts=starts))
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")


def test_a_voice_note_is_kept_as_sound(sign_in):
    client, content = sign_in("worker_a"), pictures.film(brand=b"M4A ", tracks=(b"soun",), seconds=12)
    assert put(client, content).status_code == 201
    heard = get(client, content, "screen")
    assert heard.mimetype == "audio/mp4"
    assert b"+28.7050" not in heard.data
    assert get(client, content, "thumb").status_code == 404
