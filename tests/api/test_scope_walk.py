"""Whoever belongs to community B finds nothing of community A by reading, on any route of the URL map.

The walk takes every route as it is registered: a new one is tried the day it is added, and an argument that the walk
does not know fails until somebody says which of A's ids belongs there. Writing is walked in test_scope_writes.py.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from gridapp.access import ROLES
from gridapp.db import session
from tests.conftest import SignIn
from tests.support import hidden, routes, tasking
from tests.support.hidden import Things, tells
from tests.support.world import World

# A worker's offline map shows the outlines of the grids next to the own one, whoever's they are.
NEIGHBOURS_SHOWN = "/api/v1/grids/mine"


@pytest.fixture
def secrets(app: Flask, world: World) -> Things:
    """What belongs to community A."""
    with app.app_context():
        return hidden.fill(world)


def _queries(world: World, key: str, ids: dict[str, Any]) -> list[dict[str, Any]]:
    """Query strings that ask for what belongs to a community, and the plain one."""
    area, inside, words = world.areas[f"{key}1"], world.inside(f"{key}1"), hidden.WORDS[key]
    box = {"bbox": "104.5,28.6,104.8,28.9", "zoom": 17, "z": 17}
    day = dt.datetime.now(dt.UTC).date().isoformat()
    whole = world.areas[key].code
    return [
        {},
        {"q": words},
        {"q": key.upper(), "outcome": "any", "stage": "review"},
        {"outcome": "any", "grid": whole, "scope": whole, "area": whole},
        {"code": "06001"},
        {"view": "near", **inside, **box, "category": "06001", "day": day},
        {"grid": area.code, "person": str(world.people[f"worker_{key}"].id), "grid_id": area.id, **ids},
    ]


@pytest.mark.parametrize("role", ROLES)
def test_nothing_of_another_community_is_found_by_reading(
    app: Flask, world: World, sign_in: SignIn, secrets: Things, role: str
) -> None:
    leaks: list[tuple[str, Any]] = []
    queries = _queries(world, "a", {"task": str(secrets.arguments["task_id"][0])})
    phone, browser = sign_in(f"{role}_b"), sign_in(f"{role}_b", browser=True)
    for rule in routes.reading(app):
        for address in routes.addresses(app, rule, secrets.arguments, routes.tiles(world)):
            leaks += _read(routes.asker(phone, browser, rule), rule, address, secrets, queries)
    assert leaks == []


def _read(
    client: FlaskClient, rule: Rule, address: str, secrets: Things, queries: list[dict[str, Any]]
) -> Iterator[tuple[str, Any]]:
    own = bool(routes.ids(rule))
    for query in queries if not own else queries[:1]:
        answer = client.get(address, query_string=query)
        asked = address + "".join(str(value) for value in query.values())
        found = [] if address == NEIGHBOURS_SHOWN else tells(answer, secrets, asked)
        if found:
            yield f"{address} {query}", found
        if own and answer.status_code not in (403, 404):
            yield address, answer.status_code
        if answer.status_code >= 500:
            yield address, answer.status_code


@pytest.mark.parametrize("role", ROLES)
def test_an_id_of_another_community_beside_an_own_one_finds_nothing(
    app: Flask, world: World, sign_in: SignIn, secrets: Things, role: str
) -> None:
    with app.app_context():
        own = hidden.fill(world, "b")
    found = []
    phone, browser = sign_in(f"{role}_b"), sign_in(f"{role}_b", browser=True)
    for rule in routes.reading(app):
        if len(routes.ids(rule)) > 1:
            for values in routes.mixed(rule, own.arguments, secrets.arguments):
                for address in routes.addresses(app, rule, values):
                    answer = routes.asker(phone, browser, rule).get(address)
                    if answer.status_code not in (403, 404) or tells(answer, secrets, address):
                        found.append((address, answer.status_code))
    assert found == []


# What differs between two answers to one question: ids, also those of maps, nonces, times, cursors, what is sealed.
PASSING = re.compile(
    rb"(?<=\"cursor\":\")[^\"]*|(?<=\"cursor\": \")[^\"]*|(?<=\"seal\":\")[^\"]*"  # first, for they begin like an id
    rb"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=_)[0-9a-f]{32}\b|(?<=nonce=\")[\w-]+"
    rb"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?|(?<=name=\"advice\" value=\")[^\"]*"
)


@pytest.mark.parametrize("role", ["worker", "handler", "dispatcher", "planner", "admin"])
def test_lists_and_counts_are_the_same_with_and_without_another_community_in_the_database(
    app: Flask, world: World, sign_in: SignIn, role: str
) -> None:
    """A wrong count tells as much as a name does, and bears no mark."""
    with app.app_context():
        own = hidden.fill(world, "b")
    asked = Asked(app, world, own, sign_in(f"{role}_b"), sign_in(f"{role}_b", browser=True))
    before = asked.answers()
    with app.app_context():
        hidden.fill(world)
    after = asked.answers()
    assert [
        (address, _differing(told, after[address])) for address, told in before.items() if told != after[address]
    ] == []


@dataclass
class Asked:
    """Questions of somebody of community B about what is there."""

    app: Flask
    world: World
    own: Things
    phone: FlaskClient
    browser: FlaskClient

    def answers(self) -> dict[str, bytes]:
        """What each question is answered with, but for what passes."""
        found, key = {}, {"task": str(self.own.arguments["task_id"][0])}
        queries = _queries(self.world, "b", key)
        values = {name: kept[:1] for name, kept in self.own.arguments.items()}
        for rule in routes.reading(self.app):
            client = routes.asker(self.phone, self.browser, rule)
            for address in routes.addresses(self.app, rule, values, list(routes.tiles(self.world))[:2]):
                for query in queries[:1] if routes.ids(rule) else (queries[0], queries[3], queries[5]):
                    answer = client.get(address, query_string=query)
                    told = PASSING.sub(b"", answer.get_data())
                    if address.startswith("/command/map/"):  # what lies on a map has no order
                        told = b",".join(sorted(re.findall(rb"{[^{}]*}", told)))
                    found[f"{address} {query}"] = b"%d %s" % (answer.status_code, told)
        return found


def _differing(told: bytes, other: bytes) -> tuple[bytes, bytes]:
    """From where on two answers are different ones."""
    at = next((n for n, (a, b) in enumerate(zip(told, other, strict=False)) if a != b), min(len(told), len(other)))
    return told[max(at - 40, 0) : at + 60], other[max(at - 40, 0) : at + 60]


def test_the_walk_would_notice(app: Flask, world: World, sign_in: SignIn, secrets: Things) -> None:
    """The same questions by somebody of community A do find the marks: the walk is not blind."""
    client = sign_in("dispatcher_a", browser=True)
    queries = _queries(world, "a", {"task": str(secrets.arguments["task_id"][0])})
    found = {
        re.sub(r"[0-9a-f-]{36}", "<id>", address)
        for rule in routes.reading(app)
        for address in routes.addresses(app, rule, secrets.arguments, routes.tiles(world))
        for query in queries
        if tells(client.get(address, query_string=query), secrets, address)
    }
    assert {"/api/v1/tasks", "/api/v1/tasks/<id>", "/api/v1/changes"} <= found


def test_the_count_would_notice(app: Flask, world: World, sign_in: SignIn) -> None:
    """One more task of the own community changes what the lists answer."""
    with app.app_context():
        own = hidden.fill(world, "b")
    asked = Asked(app, world, own, sign_in("dispatcher_b"), sign_in("dispatcher_b", browser=True))
    before = asked.answers()
    with app.app_context():
        tasking.file(world, "worker_b", location=world.inside("b1"))
        session.commit()
    after = asked.answers()
    changed = {address.partition(" ")[0] for address, told in before.items() if told != after[address]}
    assert {"/api/v1/tasks", "/command/list", "/command/map/tasks"} <= changed
