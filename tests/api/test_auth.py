"""Signing in and out on a phone: one token a device, wrong passwords counted, nothing told to those who guess."""

from __future__ import annotations

import datetime as dt
import itertools
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from gridapp.db import session
from gridapp.models import Person, Token
from gridapp.timesource import now
from tests.support import database
from tests.support.world import PASSWORD, signed_in


def sign(client, username, password=PASSWORD, **more):
    return client.post(
        "/api/v1/auth/token", json={"username": username, "password": password, "device": "phone", **more}
    )


def test_a_worker_signs_in_and_learns_who_they_are(client, world):
    answer = sign(client, "worker_a")
    assert answer.status_code == 200
    assert dt.datetime.fromisoformat(answer.json["expires_at"]) > now() + dt.timedelta(days=29)
    me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {answer.json['token']}"}).json
    assert me == answer.json["me"]
    assert me["role"] == "worker"
    assert me["role_name"] == {"zh": "全科网格员", "en": "Full-scope grid worker"}
    assert [area["code"] for area in me["chain"]] == [world.areas[k].code for k in ("district", "street", "a", "a1")]
    assert [post["grid"]["name"] for post in me["posts"]] == ["东一组"]
    assert me["duty"] == {"on": False, "since": None}


def test_a_handler_has_a_unit_and_no_post(sign_in):
    me = sign_in("handler_a").get("/api/v1/me").json
    assert me["unit"]["code"] == "unit_a"
    assert me["posts"] == []
    assert me["chain"][-1]["level"] == "community"


def test_the_name_is_taken_in_any_case_and_with_spaces(client):
    assert sign(client, " Worker_A ").status_code == 200


def test_unknown_name_and_wrong_password_read_the_same(client):
    unknown, wrong = sign(client, "nobody"), sign(client, "worker_a", "wrong")
    assert unknown.status_code == wrong.status_code == 401
    assert unknown.json == wrong.json
    assert unknown.json["code"] == "wrong_credentials"


def test_signing_out_kills_this_device_only(sign_in):
    one, other = sign_in("worker_a"), sign_in("worker_a")
    assert one.delete("/api/v1/auth/token").status_code == 204
    assert one.get("/api/v1/me").status_code == 401
    assert other.get("/api/v1/me").status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic d29ya2VyOnB3", "Bearer \x7f"])
def test_no_token_or_a_dead_one_is_401(client, header):
    answer = client.get("/api/v1/me", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json["code"] == "unauthenticated"


def test_a_token_dies_30_days_after_its_last_use(app, sign_in):
    client = sign_in("worker_a")
    with app.app_context():
        session.execute(update(Token).values(last_used_at=now() - dt.timedelta(days=31)))
        session.commit()
    assert client.get("/api/v1/me").status_code == 401


def test_use_keeps_a_token_alive(app, sign_in):
    client = sign_in("worker_a")
    with app.app_context():
        session.execute(update(Token).values(last_used_at=now() - dt.timedelta(days=29)))
        session.commit()
    assert client.get("/api/v1/me").status_code == 200
    with app.app_context():
        assert session.query(Token.last_used_at).scalar() > now() - dt.timedelta(minutes=1)


def test_who_is_retired_is_out_at_once(app, sign_in, world):
    client = sign_in("worker_a")
    with app.app_context():
        session.execute(update(Person).where(Person.username == "worker_a").values(retired_at=now()))
        session.commit()
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "worker_a", "device": "phone"}, "password"),
        ({"password": PASSWORD, "device": "phone"}, "username"),
        ({"username": "worker_a", "password": PASSWORD}, "device"),
        ({"username": 7, "password": PASSWORD, "device": "phone"}, "username"),
        ({"username": "a\x00b", "password": PASSWORD, "device": "phone"}, "username"),
        ({"username": "worker_a", "password": "x" * 2000, "device": "phone"}, "password"),
        ({"username": "worker_a", "password": PASSWORD, "device": "phone", "admin": True}, "admin"),
    ],
)
def test_what_is_missing_or_wrong_is_named(client, body, field):
    answer = client.post("/api/v1/auth/token", json=body)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]


def test_five_wrong_tries_lock_the_name_for_everybody_even_with_the_right_password(live_app):
    client = live_app.test_client()
    assert [sign(client, "worker_a", "wrong").status_code for _ in range(5)] == [401] * 5
    locked = sign(client, "worker_a")
    assert locked.status_code == 429
    assert locked.json["code"] == "locked"
    assert 0 < int(locked.headers["Retry-After"]) <= 15 * 60
    assert sign(client, "worker_b").status_code == 200


@pytest.mark.parametrize("name", ["worker_a", "ghost"])
def test_many_wrong_tries_at_once_are_no_more_than_one_after_the_other(live_app, name):
    tries = 16
    together = threading.Barrier(tries)

    def guess(number):
        client = live_app.test_client()
        together.wait()
        return sign(client, name, f"wrong {number}").status_code

    with ThreadPoolExecutor(tries) as pool:
        assert Counter(pool.map(guess, range(tries))) == {401: 5, 429: tries - 5}
    assert sign(live_app.test_client(), name).status_code == 429


def test_right_passwords_leave_no_trace(live_app):
    client = live_app.test_client()
    assert [sign(client, "worker_a").status_code for _ in range(6)] == [200] * 6
    assert [sign(client, "worker_a", "wrong").status_code for _ in range(6)] == [401] * 5 + [429]


def test_an_unknown_name_locks_like_a_known_one(live_app):
    client = live_app.test_client()
    assert [sign(client, "ghost", "wrong").status_code for _ in range(6)] == [401] * 5 + [429]


def test_a_device_is_told_how_many_calls_are_left_in_this_minute_by_both_ways(live_app, world):
    worker = signed_in(live_app, world.people["worker_a"])
    point = world.inside("a1")
    said = [worker.get(path, query_string=point).headers for path in ("/api/v1/me", "/api/v1/locate") * 2]
    limit = live_app.extensions["settings"].rate_per_minute
    assert [headers["RateLimit-Limit"] for headers in said] == [str(limit)] * 4
    assert all(1 <= int(headers["RateLimit-Reset"]) <= 60 for headers in said)
    used = [limit - int(headers["RateLimit-Remaining"]) for headers in said]
    assert used[0] == 1
    assert all(other in (one + 1, 1) for one, other in itertools.pairwise(used)), "one more, or the first of a minute"
    assert "RateLimit-Remaining" not in worker.get("/api/v1/positions/mine").headers, "positions are not counted"


def test_over_the_limit_a_device_waits_and_others_do_not(cluster, peopled, tmp_path):
    settings = database.test_settings(tmp_path / "instance", rate_per_minute=2)
    with database.scratch_database(cluster, peopled[0]) as name, database.app_on(cluster, name, settings) as app:
        one, other = (signed_in(app, peopled[1].people["worker_a"]) for _ in range(2))
        answers = [one.get("/api/v1/me") for _ in range(10)]  # more than any turn of the minute forgives
        late = next(answer for answer in answers if answer.status_code != 200)
        assert late.status_code == 429
        assert late.get_json()["code"] == "too_many"
        assert 0 < int(late.headers["Retry-After"]) <= 60
        assert other.get("/api/v1/me").status_code == 200
        assert one.get("/api/v1/positions/mine").status_code == 200, "positions are not counted"
