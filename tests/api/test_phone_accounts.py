"""Signing in by a code of the desk, lost phones, and the key that seals what lies on a phone."""

from __future__ import annotations

import base64
import datetime as dt
import re
import uuid

import pytest
from sqlalchemy import select

from gridapp.db import session
from gridapp.models import AuditEntry, DataKey, Person, SignInCode, Token
from gridapp.services.phones import codes
from gridapp.timesource import now
from tests.support.world import PASSWORD

CODE = re.compile(r"<code>([\w-]{20,})</code>")


def code_of(client, person):
    answer = client.post(f"/phones/{person.id}/code")
    assert answer.status_code == 200, answer.text
    assert "<svg" in answer.text
    [code] = CODE.findall(answer.text)
    return code


def redeem(client, code, device="A phone"):
    return client.post("/api/v1/auth/token", json={"code": code, "device": device})


def by_password(client, username="worker_a", device="A phone"):
    return client.post("/api/v1/auth/token", json={"username": username, "password": PASSWORD, "device": device})


def me(client, token):
    return client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("desk", ["admin_a", "chief_a", "admin_district"])
def test_a_code_of_the_desk_signs_a_phone_in(client, sign_in, world, desk):
    worker = world.people["worker_a"]
    answer = redeem(client, code_of(sign_in(desk, browser=True), worker))
    assert answer.status_code == 200
    assert me(client, answer.json["token"]).json["id"] == str(worker.id)


def test_a_code_works_once(client, sign_in, world):
    code = code_of(sign_in("chief_a", browser=True), world.people["worker_a"])
    assert redeem(client, code).status_code == 200
    again = redeem(client, code)
    assert (again.status_code, again.json["code"]) == (401, "wrong_code")


def test_a_code_works_for_ten_minutes(client, sign_in, world, monkeypatch):
    code = code_of(sign_in("chief_a", browser=True), world.people["worker_a"])
    monkeypatch.setattr(codes, "now", lambda: now() + dt.timedelta(minutes=10))
    assert redeem(client, code).json["code"] == "wrong_code"
    monkeypatch.setattr(codes, "now", lambda: now() + dt.timedelta(minutes=9, seconds=50))
    assert redeem(client, code).status_code == 200


def test_a_second_code_makes_the_first_void(client, sign_in, world):
    desk = sign_in("chief_a", browser=True)
    first, second = (code_of(desk, world.people["worker_a"]) for _ in range(2))
    assert redeem(client, first).status_code == 401
    assert redeem(client, second).status_code == 200


def test_only_the_hash_of_a_code_is_kept_and_who_showed_it_is_on_record(app, sign_in, world):
    code = code_of(sign_in("chief_a", browser=True), world.people["worker_a"])
    with app.app_context():
        [kept] = session.scalars(select(SignInCode)).all()
        assert code.encode() not in kept.code_hash
        [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "show_code"))
        assert entry.actor_id == world.people["chief_a"].id


@pytest.mark.parametrize(
    ("desk", "person", "status"),
    [
        ("chief_a", "worker_b", 404),
        ("chief_a", "dispatcher_a", 404),
        ("chief_a", "chief_a", 403),
        ("admin_a", "worker_b", 404),
        ("admin_a", "admin_a", 403),
        ("dispatcher_a", "worker_a", 403),
        ("worker_a", "worker_a2", 403),
        ("auditor_a", "worker_a", 403),
    ],
)
def test_a_desk_shows_codes_for_those_whom_it_looks_after(sign_in, world, desk, person, status):
    answer = sign_in(desk, browser=True).post(f"/phones/{world.people[person].id}/code")
    assert answer.status_code == status


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": "worker_a"},
        {"code": "x", "username": "worker_a", "password": "y"},
        {"code": "x", "password": "y"},
    ],
)
def test_one_way_to_sign_in_is_asked_for(client, body):
    answer = client.post("/api/v1/auth/token", json={"device": "A phone", **body})
    assert answer.status_code == 422


def test_codes_that_never_were_are_refused_like_used_ones(client, app, world, sign_in):
    assert redeem(client, "x" * 24).json["code"] == "wrong_code"
    code = code_of(sign_in("admin_a", browser=True), world.people["worker_a"])
    with app.app_context():
        session.get_one(Person, world.people["worker_a"].id).retired_at = now()
        session.commit()
    assert redeem(client, code).json["code"] == "wrong_code"


def test_the_key_of_a_person_is_the_same_for_the_next_sign_in_and_no_other_persons(client):
    first, again, other = by_password(client).json, by_password(client).json, by_password(client, "worker_b").json
    assert len(base64.urlsafe_b64decode(first["key"] + "=")) == 32
    assert first["key"] == again["key"] != other["key"]


def test_the_key_outlives_a_sign_out_and_a_sign_in_by_code(client, sign_in, world):
    signed = by_password(client).json
    client.delete("/api/v1/auth/token", headers={"Authorization": f"Bearer {signed['token']}"})
    code = code_of(sign_in("chief_a", browser=True), world.people["worker_a"])
    assert redeem(client, code).json["key"] == signed["key"]


def test_a_lost_phone_is_told_to_erase_itself_and_its_key_is_gone(app, client, sign_in, world):
    signed = by_password(client, device="Lost one").json
    kept = by_password(client, device="At home").json
    with app.app_context():
        lost = session.scalar(select(Token.id).where(Token.device == "Lost one"))
    answer = sign_in("chief_a", browser=True).post(f"/phones/devices/{lost}/lost")
    assert answer.status_code == 303
    told = me(client, signed["token"])
    assert (told.status_code, told.json["code"]) == (401, "locked_out")
    assert me(client, kept["token"]).status_code == 200, "the other phone goes on"
    fresh = by_password(client).json
    assert fresh["key"] != signed["key"]
    with app.app_context():
        gone = session.scalars(select(DataKey).where(DataKey.destroyed_at.is_not(None))).all()
        assert [key.salt for key in gone] == [None]
        [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "lock_out"))
        assert entry.detail["device"] == "Lost one"


def test_a_token_that_only_ended_keeps_what_waits(app, client, sign_in, world):
    signed = by_password(client, device="Ended").json
    with app.app_context():
        ended = session.scalar(select(Token.id).where(Token.device == "Ended"))
    assert sign_in("admin_a", browser=True).post(f"/admin/devices/{ended}/revoke").status_code == 303
    told = me(client, signed["token"])
    assert (told.status_code, told.json["code"]) == (401, "unauthenticated")
    assert by_password(client).json["key"] == signed["key"]


def test_nobody_locks_out_what_is_not_theirs_to_look_after(app, client, sign_in, world):
    by_password(client, device="Mine")
    with app.app_context():
        token = session.scalar(select(Token.id).where(Token.device == "Mine"))
    for desk, status in (("chief_b", 404), ("admin_b", 404), ("dispatcher_a", 403)):
        assert sign_in(desk, browser=True).post(f"/phones/devices/{token}/lost").status_code == status
    assert sign_in("admin_a", browser=True).post(f"/phones/devices/{uuid.uuid4()}/lost").status_code == 404


def test_the_desk_lists_its_people_with_their_phones(client, sign_in):
    by_password(client, device="Worker phone")
    shown = sign_in("chief_a", browser=True).get("/phones").text
    assert "Worker phone" in shown
    assert "Worker B" not in shown
    assert "Dispatcher A" not in shown
    assert "Dispatcher A" in sign_in("admin_a", browser=True).get("/phones", query_string={"q": "dispatcher"}).text
