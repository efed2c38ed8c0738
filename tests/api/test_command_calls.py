"""The form of the hotline: a call becomes a task, with a place or waiting for one."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import SignIn
from tests.support.command_list import FRAGMENT, listed
from tests.support.world import World

HOTLINE = {"category": "06001", "description": "来电反映路口有垃圾", "lon": "104.604", "lat": "28.704"}


def call(client: FlaskClient, **fields: Any) -> TestResponse:
    form = {"id": str(uuid.uuid4()), **HOTLINE, **fields}
    return client.post("/command/report", data={k: v for k, v in form.items() if v is not None}, headers=FRAGMENT)


def test_a_call_becomes_a_task(sign_in: SignIn, world: World) -> None:
    client = sign_in("dispatcher_a", browser=True)
    answer = call(client)
    assert answer.status_code == 200
    (task_id,) = listed(client)
    assert task_id in answer.headers["HX-Trigger"]
    task = client.get(f"/api/v1/tasks/{task_id}").get_json()
    assert (task["source"], task["grid"]["code"]) == ("hotline", world.areas["a1x"].code)


def test_a_call_needs_words_and_one_without_a_place_waits_for_one(sign_in: SignIn) -> None:
    client = sign_in("dispatcher_a")
    assert "此项必填" in call(client, description="").text
    assert call(client, lon=None, lat=None, address="桥头小卖部旁").status_code == 200
    assert len(listed(client, unlocated="1")) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"category": "nothing"},
        {"description": ""},
        {"lon": None, "lat": None},
        {"lon": "east"},
        {"lat": "91"},
        {"id": "x"},
        {"description": "a\0b", "category": ""},
        {"category": "07001", "fields.width": "wide"},
    ],
)
def test_a_call_that_lacks_something_comes_back_with_it_named(sign_in: SignIn, fields: dict[str, Any]) -> None:
    client = sign_in("dispatcher_a")
    answer = call(client, **fields)
    assert answer.status_code == 422
    assert listed(client) == []


def test_a_category_asks_for_its_own_fields(sign_in: SignIn) -> None:
    client = sign_in("dispatcher_a")
    found = client.get("/command/categories", query_string={"category": "消防"}, headers=FRAGMENT).text
    assert 'data-pick="07001"' in found
    asked = client.get("/command/report/fields", query_string={"category": "07001"}, headers=FRAGMENT).text
    assert 'name="fields.width"' in asked
    done = call(client, category="07001", **{"fields.width": "2.5", "type.fields.width": "number"})
    assert done.status_code == 200, done.text
