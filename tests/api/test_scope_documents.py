"""Whoever belongs to community B reaches nothing of community A by a document, sent to the API or to a page."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from gridapp.access import ROLES
from gridapp.db import session
from gridapp.models import TaskEvent
from mobile_api import CALLS
from tests.conftest import SignIn
from tests.support import documents, hidden, routes
from tests.support.digest import kept, undone
from tests.support.documents import Sent
from tests.support.hidden import Things, tells
from tests.support.world import World

AS_IF_NOT_THERE = {
    *(("act", "photos"), ("act", "photo_facts.sha256"), ("file_report", "duplicate_of"), ("file_report", "photos")),
    *(("file_report", "photo_facts.sha256"), ("file_report", "self_handled.photos")),
}
"""Members of documents that hold nothing up where they name what is not there for somebody: it stays not there."""
OF_NOBODY = {
    *(("sign_in", "device_id"), ("stop_done", "id"), ("add_positions", "points.id"), ("call_for_help", "id")),
    *(("act", "id"),),
}
"""Ids that the phone makes; those of A's alarms and events are tried by themselves."""
ENDS_THE_WALK = {"mobile_api.sign_in", "mobile_api.sign_out"}
PAGES = {"batch.run", "planning.redraw", "planning.step", "planning.publish", "planning.discard"}


Clients = list[tuple[str, FlaskClient]]


@pytest.fixture
def sides(app: Flask, world: World) -> tuple[Things, Things]:
    """What belongs to A, and what to B."""
    with app.app_context():
        return hidden.fill(world), hidden.fill(world, "b")


@pytest.fixture
def clients(sign_in: SignIn, sides: tuple[Things, Things]) -> Clients:  # the world is filled before
    """Each role of community B, with a phone's token and with a browser's cookie."""
    return [(role, sign_in(f"{role}_b", browser=browser)) for role in ROLES for browser in (False, True)]


def test_every_id_in_a_document_is_tried(world: World, sides: tuple[Things, Things]) -> None:
    there = {(one.name, path) for one in CALLS if one.body for path in documents.ids_in(one.body)}
    tried = {(one.call, one.name) for one in documents.naming(world, sides[1], sides[0], "a")}
    assert there - OF_NOBODY == tried


def test_no_document_names_what_belongs_to_another_community(
    app: Flask, world: World, clients: Clients, sides: tuple[Things, Things]
) -> None:
    foreign, own = sides
    before, wrong = kept(app), []
    for role, client in clients:
        for one in documents.naming(world, own, foreign, "a"):
            with undone(app):
                wrong += [(role, found) for found in _wrong(client, one, client.open(**one.asked), foreign)]
        sent = list(documents.naming(world, own, foreign, "a"))
        with undone(app):
            answer = client.post("/api/v1/sync", json={"items": [one.queued for one in sent]})
            told = [one["status"] for one in answer.get_json()["results"]]
        taken = {(one.call, one.name) for one, status in zip(sent, told, strict=True) if status < 400}
        wrong += [(role, one) for one in taken - AS_IF_NOT_THERE]
    assert wrong == []
    assert kept(app) == before


def _wrong(client: FlaskClient, one: Sent, answer: TestResponse, foreign: Things) -> Iterator[Any]:
    """What is wrong with the answer to a document that names A's things."""
    if told := tells(answer, foreign, str(one)):
        yield one, told
    if answer.status_code >= 500 or (answer.status_code < 400 and (one.call, one.name) not in AS_IF_NOT_THERE):
        yield one, answer.status_code
    if answer.status_code < 400 and answer.get_json().get("duplicate_of"):
        yield one, "linked"
    if client.get(f"/api/v1/photos/{foreign.arguments['sha256'][0]}").status_code != 404:
        yield one, "opened"


def test_the_same_documents_that_name_what_is_their_own_are_taken(
    app: Flask, world: World, sign_in: SignIn, sides: tuple[Things, Things]
) -> None:
    """Else what is refused may be refused for another reason."""
    own = sides[1]
    refused = []
    for one in documents.naming(world, own, own, "b"):
        who = "worker_b" if one.name == "self_handled.photos" else "dispatcher_b"
        with undone(app):
            answer = sign_in(who).open(**one.asked)
        if answer.status_code >= 400:
            refused.append((one.call, one.name, answer.get_json()))
    assert refused == []


def test_no_document_reaches_an_address_of_another_community(
    app: Flask, world: World, clients: Clients, sides: tuple[Things, Things]
) -> None:
    before, wrong = kept(app), []
    for role, client in clients:
        for method, address, body in _addressed(app, world, sides):
            with undone(app):
                answer = client.open(address, method=method, json=body, headers={"If-Match": '"1"'})
            if not 400 <= answer.status_code < 500 or tells(answer, sides[0], address):
                wrong.append((role, method, address, answer.status_code))
    assert wrong == []
    assert kept(app) == before


def _addressed(app: Flask, world: World, sides: tuple[Things, Things]) -> Iterator[tuple[str, str, Any]]:
    """Methods, addresses that name something of A, and right documents."""
    foreign, own = sides
    for method, rule in routes.writing(app):
        called = rule.endpoint.removeprefix("mobile_api.")
        if rule.arguments and rule.endpoint not in ENDS_THE_WALK and (called != rule.endpoint or called in PAGES):
            for values in routes.mixed(rule, own.arguments, foreign.arguments):
                for address in routes.addresses(app, rule, values):
                    yield method, address, documents.right(world, called)


def test_no_queue_reaches_an_address_of_another_community(
    app: Flask, world: World, clients: Clients, sides: tuple[Things, Things]
) -> None:
    before, wrong = kept(app), []
    items = [
        {"method": method, "path": address, "headers": {"If-Match": '"1"'}, "body": body or {}}
        for method, address, body in _addressed(app, world, sides)
        if address.startswith("/api/")
    ]
    for role, client in clients:
        with undone(app):
            answer = client.post("/api/v1/sync", json={"items": items})
        results = answer.get_json()["results"]
        assert len(results) == len(items)
        wrong += [(role, one) for one in results if not 400 <= one["status"] < 500]
        wrong += [(role, mark) for mark in tells(answer, sides[0], str(items))]
    assert wrong == []
    assert kept(app) == before


def test_an_id_that_a_phone_of_another_community_made_before_tells_nothing(
    app: Flask, clients: Clients, sides: tuple[Things, Things]
) -> None:
    foreign, own = sides
    before, wrong = kept(app), []
    with app.app_context():
        event = session.scalar(select(TaskEvent.id).where(TaskEvent.task_id == foreign.arguments["task_id"][0]))
    task, alarm = own.arguments["task_id"][0], foreign.arguments["alarm_id"][0]
    said = {"action": "comment", "at": "2026-01-01T08:00:00Z", "note": "x"}
    again = (
        (f"/api/v1/tasks/{task}/actions", {"id": str(event), **said}),
        ("/api/v1/sos", {"id": str(alarm), "note": "x"}),
    )
    for role, client in clients:
        for address, body in again:
            with undone(app):
                answer = client.post(address, json=body)
            if not 400 <= answer.status_code < 500 or tells(answer, foreign, str(body)):
                wrong.append((role, address, answer.status_code))
    assert wrong == []
    assert kept(app) == before


@pytest.mark.parametrize("role", ["chief", "dispatcher"])
def test_a_batch_does_nothing_with_tasks_of_another_community_and_gives_them_none(
    app: Flask, world: World, sign_in: SignIn, sides: tuple[Things, Things], role: str
) -> None:
    foreign, own = sides
    client = sign_in(f"{role}_b", browser=True)
    before = kept(app)

    def run(action: str, things: Things, key: str) -> list[bool]:
        items = [{"id": str(task), "version": nth + 1} for nth, task in enumerate(things.arguments["task_id"][:1])]
        given = {"assignee": {"post": str(world.people[f"worker_{key}"].post)}} if action == "assign" else {}
        with undone(app):
            body = {"batch": str(uuid.uuid4()), "action": action, "items": items, "note": "x", **given}
            answer = client.post("/command/batch", json=body)
            assert tells(answer, foreign, str(items)) == []
        return [one["done"] for one in answer.get_json()["results"]]

    assert run("assign", own, "b") == run("urge", own, "b") == [True]
    assert run("assign", own, "a") == run("assign", foreign, "b") == run("urge", foreign, "b") == [False]
    assert run("assign", foreign, "a") == [False]
    assert kept(app) == before
