"""On and off duty, and tracks: late, doubled and unordered positions are welcome, those outside duty are not kept."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from sqlalchemy import func, select, text

from geodata import crs
from gridapp.db import session
from gridapp.models import LastPosition, Position
from gridapp.services.field import tracks
from gridapp.timesource import now
from tests.support.world import SIDE, SOUTH, WEST

DAY = dt.timedelta(days=1)


@pytest.fixture
def worker(sign_in):
    return sign_in("worker_a")


def ago(**parts):
    return (now() - dt.timedelta(**parts)).replace(microsecond=0)


def duty(client, on, at, **more):
    return client.post("/api/v1/duty", json={"on": on, "at": at.isoformat(), **more})


def fix(at, x=0.5, y=0.5, **more):
    return {"at": at.isoformat(), "lon": WEST + SIDE * x, "lat": SOUTH + SIDE * y, **more}


def send(client, points, **more):
    return client.post("/api/v1/positions", json={"points": points, **more})


def kept(app):
    with app.app_context():
        return session.scalar(select(func.count()).select_from(Position))


def test_on_duty_and_off_again(worker):
    begun = ago(hours=2)
    on = duty(worker, True, begun, location={"lon": 104.605, "lat": 28.705})
    assert on.status_code == 200
    assert on.json["on"]
    assert worker.get("/api/v1/me").json["duty"] == {"on": True, "since": on.json["since"]}
    off = duty(worker, False, ago(hours=1))
    assert off.json["id"] == on.json["id"]
    assert not off.json["on"]
    assert worker.get("/api/v1/me").json["duty"] == {"on": False, "since": None}


def test_saying_it_twice_is_harmless(worker):
    begun, ended = ago(hours=2), ago(hours=1)
    assert duty(worker, True, begun).json == duty(worker, True, begun).json
    assert duty(worker, False, ended).json == duty(worker, False, ended).json
    assert duty(worker, True, begun).json["until"] is not None, "a late repetition opens nothing"


def test_a_shift_inside_another_is_refused(worker):
    duty(worker, True, ago(hours=3))
    duty(worker, False, ago(hours=1))
    answer = duty(worker, True, ago(hours=2))
    assert answer.status_code == 409
    assert answer.json["code"] == "already_on_duty"


def test_off_duty_without_on_duty_is_a_conflict(worker):
    answer = duty(worker, False, ago(hours=1))
    assert (answer.status_code, answer.json["code"]) == (409, "conflict")


@pytest.mark.parametrize(("at", "code"), [(ago(days=30), "too_old"), (now() + DAY, "in_the_future")])
def test_a_time_that_cannot_be_is_refused(worker, at, code):
    answer = duty(worker, True, at)
    assert answer.status_code == 422
    assert answer.json["errors"]["at"]["code"] == code


def test_off_before_on_is_refused(worker):
    duty(worker, True, ago(hours=1))
    assert duty(worker, False, ago(hours=2)).status_code == 422


@pytest.mark.parametrize("who", ["dispatcher_a", "auditor_a", "handler_a"])
def test_only_those_in_the_field_have_duty(sign_in, who):
    client = sign_in(who)
    assert duty(client, True, now()).status_code == 403
    assert send(client, []).status_code == 403


def test_late_doubled_and_unordered_positions_are_kept_once(app, worker, world):
    duty(worker, True, ago(hours=5))
    points = [fix(ago(minutes=m), m / 100) for m in (30, 10, 20, 10)]
    assert send(worker, points).json == {"stored": 3, "duplicate": 1, "rejected": []}
    assert send(worker, points).json == {"stored": 0, "duplicate": 4, "rejected": []}
    assert kept(app) == 3
    with app.app_context():
        last = session.get_one(LastPosition, world.people["worker_a"].id)
        assert last.lon == pytest.approx(WEST + SIDE * 0.1)


def test_a_late_batch_does_not_move_the_last_position_back(app, worker, world):
    duty(worker, True, ago(hours=5))
    send(worker, [fix(ago(minutes=1), 0.9)])
    send(worker, [fix(ago(hours=4), 0.1)])
    with app.app_context():
        assert session.get_one(LastPosition, world.people["worker_a"].id).lon == pytest.approx(WEST + SIDE * 0.9)


def test_outside_duty_nothing_is_kept(app, worker):
    duty(worker, True, ago(hours=3))
    duty(worker, False, ago(hours=1))
    answer = send(worker, [fix(ago(hours=4)), fix(ago(hours=2)), fix(ago(minutes=30))])
    assert answer.json["stored"] == 1
    assert answer.json["rejected"] == [{"index": 0, "reason": "off_duty"}, {"index": 2, "reason": "off_duty"}]
    assert kept(app) == 1


def test_one_bad_position_does_not_lose_the_others(app, worker):
    duty(worker, True, ago(days=6))
    points = [
        fix(ago(minutes=1)),
        {**fix(ago(minutes=2)), "lon": 999},
        fix(now() + DAY),
        fix(ago(days=40)),
        fix(ago(minutes=3), accuracy=-5.0),
        fix(ago(minutes=4), battery=101),
        fix(ago(minutes=5), speed=1.2, heading=359.9, battery=80, accuracy=4, mock=True, id=str(uuid.uuid4())),
    ]
    answer = send(worker, points)
    assert answer.json["stored"] == 2
    assert {one["index"]: one["reason"] for one in answer.json["rejected"]} == {
        1: "invalid_number",
        2: "in_the_future",
        3: "too_old",
        4: "invalid_number",
        5: "invalid_number",
    }


def test_positions_of_many_days_find_their_partitions(app, worker):
    duty(worker, True, ago(days=6, hours=20))
    assert send(worker, [fix(ago(days=d)) for d in range(6)]).json["stored"] == 6
    with app.app_context():
        days = session.scalar(text("select count(distinct tableoid) from position where person_id is not null"))
    assert days == 6


def test_partitions_are_made_ahead_and_again_without_harm(app):
    with app.app_context():
        tracks.ensure_partitions(now().date() + DAY * n for n in range(4))
        tracks.ensure_partitions(now().date() + DAY * n for n in range(4))
        made = session.scalar(text("select count(*) from pg_inherits where inhparent = 'position'::regclass"))
    assert made >= 4


def test_positions_of_other_systems_are_brought_to_ours(app, worker):
    duty(worker, True, ago(hours=1))
    lon, lat = crs.from_wgs84(104.605, 28.705, "gcj02")
    send(worker, [{"at": ago(minutes=1).isoformat(), "lon": lon, "lat": lat}], crs="gcj02")
    with app.app_context():
        stored = session.scalars(select(Position)).one()
        assert [stored.lon, stored.lat] == pytest.approx([104.605, 28.705], abs=1e-6)


@pytest.mark.parametrize(
    ("points", "field"),
    [
        ([{"lon": 104.6, "lat": 28.7}], "points.0.at"),
        ([{"at": "now", "lon": 104.6, "lat": 28.7}], "points.0.at"),
        ([{"at": "2026-01-01T00:00:00Z", "lon": "104.6", "lat": 28.7}], "points.0.lon"),
        ([{"at": "2026-01-01T00:00:00Z", "lon": True, "lat": 28.7}], "points.0.lon"),
        ([{"at": 1767225600, "lon": 104.6, "lat": 28.7}], "points.0.at"),
        ("many", "points"),
        ([{"at": "2026-01-01T00:00:00Z", "lon": 104.6, "lat": 28.7}] * 1001, "points"),
    ],
)
def test_a_wrong_type_is_named_and_nothing_is_stored(app, worker, points, field):
    answer = send(worker, points)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]
    assert kept(app) == 0


def test_my_day_is_a_line_with_times(worker):
    duty(worker, True, ago(hours=5))
    moments = [ago(minutes=m) for m in (20, 10)]
    send(worker, [fix(moments[1], 0.2), fix(moments[0], 0.1)])
    days = {moment.astimezone(dt.timezone(dt.timedelta(hours=8))).date() for moment in moments}
    tracks_of = [
        worker.get("/api/v1/positions/mine", query_string={"day": day.isoformat()}).json for day in sorted(days)
    ]
    times = [time for track in tracks_of for time in track["properties"]["times"]]
    assert sorted({dt.datetime.fromisoformat(time) for time in times}) == moments
    assert all(track["geometry"]["type"] == "LineString" for track in tracks_of)
    assert all(len(t["geometry"]["coordinates"]) == len(t["properties"]["times"]) >= 2 for t in tracks_of)


def test_a_day_without_positions_has_no_line(worker):
    track = worker.get("/api/v1/positions/mine?day=2020-02-29").json
    assert (track["type"], track["geometry"], track["properties"]["times"]) == ("Feature", None, [])


def test_a_day_that_is_none_is_refused(worker):
    assert worker.get("/api/v1/positions/mine?day=2026-02-30").status_code == 422


def test_a_track_is_ones_own(worker, sign_in):
    duty(worker, True, ago(hours=1))
    send(worker, [fix(ago(minutes=1))])
    assert sign_in("worker_b").get("/api/v1/positions/mine").json["geometry"] is None
