"""A call for help: on every screen of the scope, acknowledged by name and time, on record, never twice."""

from __future__ import annotations

import uuid

import pytest

from gridapp.db import session
from gridapp.timesource import now
from tests.api.test_changes import read
from tests.support import tasking
from tests.support.streams import listening


def sos(client, world, **given):
    body = {"id": str(uuid.uuid4()), "location": {**world.inside("a1"), "accuracy": 12.0}, "note": "有人跌倒", **given}
    return client.post("/api/v1/sos", json=body), body


def banner(client):
    return client.get("/alarms").text


def test_an_alarm_is_on_the_screens_of_its_scope_and_no_other(sign_in, world):
    answer, body = sos(sign_in("worker_a"), world)
    assert (answer.status_code, answer.json["id"]) == (201, body["id"])
    for who in ("dispatcher_a", "dispatcher_district", "chief_a", "reviewer_a", "handler_a", "admin_a", "auditor_a"):
        assert body["id"] in banner(sign_in(who, browser=True)), who
    for who in ("dispatcher_b", "chief_b", "admin_b"):
        assert body["id"] not in banner(sign_in(who, browser=True)), who
    assert sign_in("worker_a", browser=True).get("/alarms").status_code == 403


def test_sent_again_it_is_the_same_alarm_and_another_under_its_id_is_refused(sign_in, world):
    first, body = sos(sign_in("worker_a"), world)
    again = sign_in("worker_a").post("/api/v1/sos", json=body)
    assert (again.status_code, again.json) == (200, first.json)
    other = sign_in("worker_a").post("/api/v1/sos", json={**body, "note": "x"})
    assert (other.status_code, other.json["code"]) == (409, "id_reused")
    assert sign_in("worker_b").post("/api/v1/sos", json=body).status_code == 409


def test_an_alarm_needs_no_place_and_counts_for_no_limit(app, sign_in, world):
    answer = sign_in("worker_a").post("/api/v1/sos", json={"id": str(uuid.uuid4())})
    assert (answer.status_code, answer.json["location"]) == (201, None)
    view = app.view_functions["mobile_api.call_for_help"]
    assert view.rated is False


def test_one_takes_care_by_name_and_time_and_the_second_is_told_who(sign_in, world):
    _, body = sos(sign_in("worker_a"), world)
    path = f"/api/v1/sos/{body['id']}/acknowledge"
    first = sign_in("dispatcher_a").post(path, json={"note": "已派人"})
    assert first.status_code == 200
    assert first.json["acknowledged"]["by"]["name"] == "Dispatcher A"
    assert first.json["answer"] == "已派人"
    again = sign_in("dispatcher_a").post(path, json={})
    assert again.json["acknowledged"] == first.json["acknowledged"]
    second = sign_in("chief_a").post(path, json={})
    assert (second.status_code, second.json["code"]) == (409, "alarm_taken")
    assert "Dispatcher A" in second.json["detail"]
    assert body["id"] not in banner(sign_in("chief_a", browser=True))
    record = sign_in("auditor_a", browser=True).get("/alarms/record").text
    assert "Dispatcher A" in record
    assert "已派人" in record


@pytest.mark.parametrize(
    ("who", "status"), [("worker_a2", 403), ("reviewer_a", 403), ("auditor_a", 403), ("dispatcher_b", 404)]
)
def test_only_the_desk_of_the_scope_takes_care(sign_in, world, who, status):
    _, body = sos(sign_in("worker_a"), world)
    assert sign_in(who).post(f"/api/v1/sos/{body['id']}/acknowledge", json={}).status_code == status


def test_nobody_takes_care_of_their_own_alarm(sign_in, world):
    _, body = sos(sign_in("chief_a"), world)
    assert sign_in("chief_a").post(f"/api/v1/sos/{body['id']}/acknowledge", json={}).status_code == 403


def test_the_desk_takes_care_in_the_banner(sign_in, world):
    _, body = sos(sign_in("worker_a"), world)
    client = sign_in("dispatcher_a", browser=True)
    answer = client.post(f"/alarms/{body['id']}/acknowledge", data={"note": "马上到"})
    assert answer.status_code == 200
    assert body["id"] not in answer.text
    english = sign_in("reviewer_a", browser=True)
    english.set_cookie("lang", "en")
    sos(sign_in("worker_a"), world)
    assert "SOS: Worker A calls for help" in banner(english)
    late = sign_in("chief_a", browser=True).post(f"/alarms/{body['id']}/acknowledge", data={})
    assert late.status_code == 409
    assert "Dispatcher A" in late.text


def test_an_auditor_raises_none(sign_in, world):
    assert sos(sign_in("auditor_a"), world)[0].status_code == 403


def test_it_stays_for_good(app, world):
    with app.app_context():
        alarm = tasking.alarm(world)
        with pytest.raises(Exception, match="never changed or deleted"):
            session.delete(alarm)
            session.flush()
        session.rollback()


def test_the_feed_tells_the_desk_of_the_alarm_and_the_caller_who_takes_care(live_sign_in, world):
    worker, dispatcher, stranger = (live_sign_in(who) for who in ("worker_a", "dispatcher_a", "dispatcher_b"))
    cursors = {client: read(client)[1] for client in (worker, dispatcher, stranger)}
    _, body = sos(worker, world, at=now().isoformat())
    news, cursors[dispatcher] = read(dispatcher, cursors[dispatcher])
    assert [(one["kind"], one["id"], one["thing"]["note"]) for one in news] == [("alarm", body["id"], "有人跌倒")]
    dispatcher.post(f"/api/v1/sos/{body['id']}/acknowledge", json={})
    told = [one for one in read(worker, cursors[worker])[0] if one["kind"] == "alarm"]
    assert told[-1]["thing"]["acknowledged"]["by"]["name"] == "Dispatcher A"
    assert read(stranger, cursors[stranger])[0] == []


def test_open_screens_hear_of_it(live_sign_in, world):
    with listening(live_sign_in("dispatcher_a", browser=True)) as ear:
        ear.wait_for(lambda event: event.name in ("hello", "reset"))
        _, body = sos(live_sign_in("worker_a"), world)
        ear.wait_for(lambda event: {"op": "upsert", "kind": "alarm", "id": body["id"]} in (event.data or []))
