"""Each phone of a person has a key of its own: a lost one takes nothing of the others with it."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from gridapp.db import session
from gridapp.models import Token
from tests.support.world import PASSWORD


def sign_in_on(client, phone, **given):
    body = {"username": "worker_a", "password": PASSWORD, "device": "A phone", "device_id": phone and str(phone)}
    answer = client.post("/api/v1/auth/token", json={**body, **given})
    assert answer.status_code == 200, answer.text
    return answer.json


def test_a_phone_keeps_its_key_and_another_has_another(client):
    one, other = uuid.uuid4(), uuid.uuid4()
    first = sign_in_on(client, one)["key"]
    assert sign_in_on(client, one)["key"] == first
    keys = {first, sign_in_on(client, other)["key"], sign_in_on(client, None)["key"]}
    keys.add(sign_in_on(client, one, username="worker_b")["key"])
    assert len(keys) == 4


def test_what_lies_on_the_other_phone_can_be_read_after_one_was_lost(app, client, sign_in):
    lost, kept = uuid.uuid4(), uuid.uuid4()
    before = {phone: sign_in_on(client, phone, device=str(phone))["key"] for phone in (lost, kept)}
    with app.app_context():
        token = session.scalar(select(Token.id).where(Token.device_id == lost))
    assert sign_in("chief_a", browser=True).post(f"/phones/devices/{token}/lost").status_code == 303
    assert sign_in_on(client, kept)["key"] == before[kept]
    assert sign_in_on(client, lost)["key"] not in before.values()


def test_a_name_that_is_none_is_refused(client):
    body = {"username": "worker_a", "password": PASSWORD, "device": "A phone", "device_id": "mine"}
    answer = client.post("/api/v1/auth/token", json=body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["device_id"])
