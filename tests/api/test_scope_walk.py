"""Whoever belongs to community B finds nothing of community A, by any route of the URL map.

The walk takes every route as it is registered: a new one is tried the day it is added, and an argument that the walk
does not know fails until somebody says which of A's ids belongs there.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from gridapp.access import ROLES
from gridapp.db import session
from gridapp.models import (
    AuditEntry,
    Delivery,
    LastPosition,
    Photo,
    PhotoUpload,
    Plan,
    Receiver,
    Task,
    Token,
)
from gridapp.services import admission
from gridapp.services.admission import Application, Ruled
from gridapp.services.drafts import parse
from gridapp.timesource import now
from tests.conftest import SignIn
from tests.support import clockwork, tasking
from tests.support.world import World

WORDS = "甲地秘密之事"
ZOOMS = (10, 12, 14, 16)
# Streams never end: what they tell is tried in tests/api/test_live.py. The base map is no secret.
NOT_WALKED = {"live.live", "static"}
# A worker's offline map shows the outlines of the grids next to the own one, whoever's they are.
NEIGHBOURS_SHOWN = "/api/v1/grids/mine"


@dataclass
class Secrets:
    """What belongs to community A.

    Attributes:
        arguments: values for the arguments of routes, by argument name.
        marks: texts that must not appear in any answer.
        queries: query strings that ask for A's things.
    """

    arguments: dict[str, list[Any]] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    queries: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def hidden(app: Flask, world: World) -> Iterator[Secrets]:
    with app.app_context():
        yield fill(world)


def fill(world: World) -> Secrets:
    tasks = [tasking.file(world, description=WORDS, photos=[tasking.PHOTO]), tasking.bring_to(world, "reviewed")]
    people = [someone for name, someone in world.people.items() if name.endswith(("_a", "_a2"))]
    sha256 = hashlib.sha256(WORDS.encode()).hexdigest()
    plan, token = _things(world, people[0].id, sha256)
    applied = _admission(world)
    receiver, message = _receiver(world, tasks[0])
    alarm = tasking.alarm(world, note=WORDS)
    rule, link, leave, step, order = clockwork.made(world, tasks[0], WORDS)
    areas = [world.areas[key] for key in ("a", "a1", "a2", "a1x", "a1y")]
    units = [world.units["a"]]
    posts = [someone.post for someone in people if someone.post]
    own = [rule.id, link.id, leave.id, plan.id, token.id, applied]
    ids = [*tasks, *posts, *units, *own, *(someone.id for someone in people)]
    return Secrets(
        arguments={
            "task_id": tasks,
            "report_id": tasks,
            "person_id": [someone.id for someone in people],
            "post_id": posts,
            "unit_id": units,
            "plan_id": [plan.id],
            "token_id": [token.id],
            "application_id": [applied],
            "receiver_id": [receiver],
            "delivery_id": [message],
            "alarm_id": [alarm.id],
            "stop_id": [tasking.stop(world, name=WORDS).id],
            "rule_id": [rule.id],
            "link_id": [link.id],
            "leave_id": [leave.id],
            "step_id": [step.id],
            "export_id": [order.id],
            "grid_id": [area.id for area in areas],
            "code": [area.code for area in areas],
            "sha256": [sha256, tasking.PHOTO],
            "layer": ["grids"],
        },
        marks=[
            WORDS,
            *map(str, ids),
            *(f'"{area.code}"' for area in areas),
            *(area.name for area in areas),
            *(f"{someone.role.title()} A" for someone in people),
        ],
        queries=_queries(world, tasks),
    )


def _things(world: World, person: uuid.UUID, sha256: str) -> tuple[Plan, Token]:
    """A plan, a sign-in, photos, a position and an audit entry of community A."""
    at, admin, worker = now(), world.people["admin_a"].id, world.people["worker_a"].id
    plan = Plan(id=uuid.uuid4(), name=WORDS, scope_grid_id=world.areas["a"].id, created_at=at, created_by=admin)
    token = Token(id=uuid.uuid4(), person_id=person, secret_hash=b"a", device=WORDS, created_at=at, last_used_at=at)
    told = {"actor_id": admin, "subject_kind": "person", "subject_id": str(person), "detail": {"note": WORDS}}
    session.add_all([Photo(sha256=s, mime="image/jpeg", size=1, received_at=at) for s in (sha256, tasking.PHOTO)])
    session.add_all([plan, token, AuditEntry(at=at, action="edit", **told)])
    session.add(LastPosition(person_id=worker, at=at, **world.inside("a1")))
    session.flush()
    session.add(PhotoUpload(sha256=sha256, person_id=person, at=at))
    session.commit()
    return plan, token


def _receiver(world: World, task_id: uuid.UUID) -> tuple[uuid.UUID, int]:
    """A receiver of community A and a message to it."""
    at = now()
    told = {"name": WORDS, "url": "https://a.example/", "events": ["task.*"], "secret": "whsec_A", "created_at": at}
    receiver = Receiver(id=uuid.uuid4(), scope_grid_id=world.areas["a"].id, **told)
    session.add(receiver)
    session.flush()
    message = Delivery(
        receiver_id=receiver.id,
        message_id=WORDS,
        type="task.report",
        task_id=task_id,
        body=WORDS,
        next_at=at,
        created_at=at,
    )
    session.add(message)
    session.commit()
    return receiver.id, message.id


def _admission(world: World) -> uuid.UUID:
    """An application of community A's unit, and a decision for community A."""
    handler = tasking.principal(world, "handler_a")
    applied = admission.apply(handler, parse(Application, {"item": "06001", "words": WORDS}))
    today = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)
    ruled = {"item": "06001", "area": world.areas["a"].code, "verdict": "admit", "begins": today, "words": WORDS}
    admission.rule_item(tasking.principal(world, "admin_a"), parse(Ruled, ruled))
    session.commit()
    return applied.id


def _queries(world: World, tasks: list[uuid.UUID]) -> list[dict[str, Any]]:
    area, inside = world.areas["a1"], world.inside("a1")
    box = {"bbox": "104.5,28.6,104.8,28.9", "zoom": 17, "z": 17}
    day = dt.datetime.now(dt.UTC).date().isoformat()
    return [
        {},
        {"q": WORDS},
        {"q": "A", "outcome": "any", "stage": "review"},
        {
            "outcome": "any",
            "grid": world.areas["a"].code,
            "scope": world.areas["a"].code,
            "area": world.areas["a"].code,
        },
        {"code": "06001"},
        {"view": "near", **inside, **box, "category": "06001", "day": day},
        {"task": str(tasks[0]), "grid": area.code, "person": str(world.people["worker_a"].id), "grid_id": area.id},
    ]


def _tiles(world: World) -> Iterator[dict[str, int]]:
    """Tiles at several zooms that lie over community A."""
    area = world.areas["a1"]
    for z in ZOOMS:
        x = int((area.lon + 180) / 360 * 2**z)
        y = int((1 - math.asinh(math.tan(math.radians(area.lat))) / math.pi) / 2 * 2**z)
        yield {"z": z, "x": x, "y": y}


def _addresses(app: Flask, rule: Rule, hidden: Secrets, world: World) -> Iterator[str]:
    """Addresses of a route with A's ids in it."""
    names = set(rule.arguments)
    if {"z", "x", "y"} <= names:
        choices: list[dict[str, Any]] = list(_tiles(world))
        names -= {"z", "x", "y"}
    else:
        choices = [{}]
    for name in sorted(names):
        assert name in hidden.arguments, f"say which of A's ids belong into <{name}> of {rule.rule}"
        choices = [{**chosen, name: value} for chosen in choices for value in hidden.arguments[name]]
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        for chosen in choices:
            yield adapter.build(rule.endpoint, chosen, method=next(iter(rule.methods or {"GET"})))


def _leaks(answer: TestResponse, hidden: Secrets, asked: str) -> list[str]:
    """A's marks in an answer, apart from what the asker put into the address and gets quoted back."""
    shown = answer.get_data().decode("utf-8", "replace")
    return [mark for mark in hidden.marks if mark in shown and mark.strip('"') not in asked]


@pytest.mark.parametrize("role", ROLES)
def test_nothing_of_another_community_is_found_by_reading(
    app: Flask, world: World, sign_in: SignIn, hidden: Secrets, role: str
) -> None:
    leaks: list[tuple[str, Any]] = []
    for client in (sign_in(f"{role}_b"), sign_in(f"{role}_b", browser=True)):
        for rule in app.url_map.iter_rules():
            if rule.endpoint in NOT_WALKED or "GET" not in (rule.methods or ()):
                continue
            for address in _addresses(app, rule, hidden, world):
                leaks += _read(client, rule, address, hidden)
    assert leaks == []


def _read(client: FlaskClient, rule: Rule, address: str, hidden: Secrets) -> Iterator[tuple[str, Any]]:
    own = bool(set(rule.arguments) - {"z", "x", "y", "layer"})
    for query in hidden.queries if not own else hidden.queries[:1]:
        answer = client.get(address, query_string=query)
        asked = address + "".join(str(value) for value in query.values())
        found = [] if address == NEIGHBOURS_SHOWN else _leaks(answer, hidden, asked)
        if found:
            yield f"{address} {query}", found
        if own and answer.status_code not in (403, 404):
            yield address, answer.status_code
        if answer.status_code >= 500:
            yield address, answer.status_code


@pytest.mark.parametrize("role", ROLES)
def test_nothing_of_another_community_is_changed_by_writing(
    app: Flask, world: World, sign_in: SignIn, hidden: Secrets, role: str
) -> None:
    before = _state()
    wrong = []
    bodies: tuple[dict[str, Any], ...] = ({"json": {}}, {"data": {"version": "1", "reason": "x", "name": "x"}})
    client = sign_in(f"{role}_b", browser=True)
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
        if rule.endpoint in NOT_WALKED or not rule.arguments or rule.endpoint.endswith("file_report"):
            continue
        for method in methods:
            for address in _addresses(app, rule, hidden, world):
                for sent in bodies:
                    answer = client.open(address, method=method, **sent)
                    if answer.status_code < 400 or answer.status_code >= 500 or _leaks(answer, hidden, address):
                        wrong.append((method, address, answer.status_code, _leaks(answer, hidden, address)))
    assert wrong == []
    assert _state() == before


def _state() -> list[Any]:
    session.expire_all()
    return [
        sorted((str(task.id), task.version) for task in session.query(Task)),
        sorted((str(plan.id), plan.version, plan.status) for plan in session.query(Plan)),
        sorted((str(token.id), token.revoked_at) for token in session.query(Token) if token.device == WORDS),
    ]


def test_the_walk_would_notice(app: Flask, world: World, sign_in: SignIn, hidden: Secrets) -> None:
    """The same questions by somebody of community A do find the marks: the walk is not blind."""
    client = sign_in("dispatcher_a", browser=True)
    found = {
        re.sub(r"[0-9a-f-]{36}", "<id>", address)
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in NOT_WALKED and "GET" in (rule.methods or ())
        for address in _addresses(app, rule, hidden, world)
        for query in hidden.queries
        if _leaks(client.get(address, query_string=query), hidden, address)
    }
    assert {"/api/v1/tasks", "/api/v1/tasks/<id>", "/api/v1/changes"} <= found
