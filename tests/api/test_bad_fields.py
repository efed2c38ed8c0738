"""Bad input in every field of every form, every parameter of every address and every document that a page reads.

A null byte, a character that counts as a digit and is none, numbers and days beyond what anybody keeps, far too many
letters: never a fault of ours, and what is refused leaves nothing behind. Bodies of the API: test_errors.py.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from gridapp.access import PERMISSIONS
from mobile_api.openapi import document
from tests.conftest import SignIn
from tests.support import documents, forms, hidden, routes
from tests.support.digest import kept, undone_unless_refused
from tests.support.hidden import Things
from tests.support.world import World

WRONG = ("\0", "²", "9" * 5000)
WRONG_DAYS = ("0001-01-01", "9999-12-31", "0001-01-01T00:00", "9999-12-31T23:59")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
DAYS = {"day", "at", "since"}
ROLES = ("admin", "dispatcher", "planner", "handler", "chief", "worker")
WHOLE_HOUSE = "admin_district"
DOCUMENTS = ("batch.run", "planning.redraw", "planning.step", "planning.publish", "planning.discard")
NO_FORMS = {"session.sign_out", "command.batch.run", *DOCUMENTS}
Ask = Callable[[], TestResponse]


@pytest.fixture
def own(app: Flask, world: World) -> Things:
    """What belongs to community B."""
    with app.app_context():
        return hidden.fill(world, "b")


@pytest.fixture
def clients(sign_in: SignIn, own: Things) -> dict[str, FlaskClient]:  # the world is filled before
    """People of community B in a browser, and one who decides for the whole house."""
    return {who: sign_in(who, browser=True) for who in (*(f"{role}_b" for role in ROLES), WHOLE_HOUSE)}


def allowed(app: Flask, rule: Rule, clients: dict[str, FlaskClient]) -> list[FlaskClient]:
    """Those who may use a route."""
    view: Any = app.view_functions[rule.endpoint]
    roles = PERMISSIONS.get(view.permission, ROLES)
    return [client for who, client in clients.items() if who.partition("_")[0] in roles]


def broken(app: Flask, asked: dict[Any, Ask]) -> dict[Any, Any]:
    """What breaks the application; a fault that its test mode lets through is caught here."""
    found: dict[Any, Any] = {}
    for what, ask in asked.items():
        try:
            status = undone_unless_refused(app, ask).status_code
            found |= {what: status} if status >= 500 else {}
        except Exception as error:  # noqa: BLE001  # whatever it is, it is a fault
            found[what] = repr(error)[:200]
    return found


def test_no_field_of_a_form_breaks_anything(
    app: Flask, world: World, own: Things, clients: dict[str, FlaskClient]
) -> None:
    before = kept(app)
    wrong: dict[Any, Any] = {}
    tried: set[str] = set()
    for rule in _forms(app):
        address = next(routes.addresses(app, rule, own.arguments))
        client, known = _learned(app, world, own, allowed(app, rule, clients), rule, address)
        tried |= known.fields
        wrong |= broken(
            app,
            {
                (rule.endpoint, name, value[:20]): partial(client.post, address, data={**known.form, name: value})
                for name in known.fields
                for value in (*WRONG, *(WRONG_DAYS if DAY.match(known.form[name]) else ()))
            },
        )
    assert wrong == {}
    assert tried >= {"username", "begins", "weekdays", "note", "assignee", "fields.width", "06001-1.handle.amount"}
    assert kept(app) == before


def _forms(app: Flask) -> Iterator[Rule]:
    for _method, rule in routes.writing(app):
        if not rule.endpoint.startswith("mobile_api.") and rule.endpoint not in NO_FORMS:
            yield rule


def _learned(
    app: Flask, world: World, own: Things, candidates: list[FlaskClient], rule: Rule, address: str
) -> tuple[FlaskClient, forms.Learned]:
    """The form as the first one sees it whom it is right for, else the last one."""
    with forms.listening(app) as asked:
        for client in candidates:
            known = next(forms.Learner(app, asked, client, world, own.fields).learn(rule.endpoint, address))
            if known.status < 400:
                break
    return client, known


def test_no_parameter_of_an_address_breaks_anything(app: Flask, own: Things, clients: dict[str, FlaskClient]) -> None:
    before = kept(app)
    wrong: dict[Any, Any] = {}
    tried: set[str] = set()
    for rule in routes.reading(app):
        address = next(
            routes.addresses(app, rule, {**own.arguments, "z": [14], "x": [1], "y": [1]}, [{"z": 14, "x": 1, "y": 1}])
        )
        client = allowed(app, rule, clients)[0]
        with forms.listening(app) as asked:
            client.get(address)
        tried |= asked.parameters
        names = asked.parameters - {"since"} if rule.endpoint.endswith("changes") else asked.parameters
        wrong |= broken(
            app,
            {
                (rule.endpoint, name, value[:20]): partial(client.get, address, query_string={name: value})
                for name in names
                for value in (*WRONG, *(WRONG_DAYS if name in DAYS else ()))
            },
        )
    assert wrong == {}
    assert tried >= {"q", "page", "day", "bbox", "grid", "after", "category", "parent", "before"}
    assert kept(app) == before


PARAMETERS = [
    pytest.param(path, one, id=f"{path}-{one['name']}")
    for path, methods in document()["paths"].items()
    for operation in methods.values()
    for one in operation["parameters"]
    if one["in"] == "query"
]
WRONG_TYPES: dict[str, tuple[str, ...]] = {
    "number": ("x", "", "1e999", "NaN", "1,5", "\0", "9" * 5000),
    "integer": ("x", "", "1.5", "\0", "9" * 5000),
    "boolean": ("x", "2", "\0"),
    "string": ("\0",),
}


@pytest.mark.parametrize(("path", "parameter"), PARAMETERS)
def test_a_wrong_parameter_of_a_call_is_named(
    sign_in: SignIn, world: World, path: str, parameter: dict[str, Any]
) -> None:
    client, name = sign_in("worker_a"), parameter["name"]
    good = {"lon": "104.6", "lat": "28.7", "category": "06001"}
    shape = parameter["schema"]
    narrow = "enum" in shape or "format" in shape
    address = "/api/v1" + path.format_map(
        {"sha256": "0" * 64, "task_id": world.units["a"], "person_id": world.units["a"]}
    )
    for wrong in (*WRONG_TYPES[shape["type"]], *(("x", "x" * 100_000) if narrow else ())):
        answer = client.get(address, query_string={**good, name: wrong})
        told = answer.get_json()
        assert (answer.status_code, told["code"]) == (422, "invalid"), (wrong, told)
        assert name in told["errors"], wrong
    assert client.get(address, query_string={**good, name: "x" * 100_000}).status_code < 500


NO_DOCUMENTS = (
    b"",
    b"[",
    b"[]",
    b"7",
    b"null",
    b"\xff",
    b"[" * 10_000,
    b'{"a":' * 10_000,
    b'{"step": NaN}',
    b'{"a": "\\ud800"}',
)
NONSENSE: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**400,
    1.5,
    "",
    "\0",
    "9" * 5000,
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    [],
    {},
    [[[]]],
    [{}],
)


BATCH = {
    "batch": str(uuid.UUID(int=7)),
    "action": "assign",
    "items": [{"id": str(uuid.UUID(int=8)), "version": 1}],
    "assignee": {"post": str(uuid.UUID(int=9))},
    "note": "x",
}
SAID = {"If-Match": '"1"', "Content-Type": "application/json"}
MORE = {"planning.publish": {"effective_from": None}}


def test_no_document_that_a_page_reads_breaks_anything(
    app: Flask, world: World, own: Things, clients: dict[str, FlaskClient]
) -> None:
    before = kept(app)
    wrong: dict[Any, Any] = {}
    for rule in (rule for _method, rule in routes.writing(app) if rule.endpoint.endswith(DOCUMENTS)):
        address = next(routes.addresses(app, rule, own.arguments))
        client = clients["planner_b" if rule.endpoint.startswith("planning") else "dispatcher_b"]
        right = documents.right(world, rule.endpoint) or BATCH
        said = [
            *NO_DOCUMENTS,
            *(
                json.dumps({**right, name: value}).encode()
                for name in {**right, **MORE.get(rule.endpoint, {})}
                for value in NONSENSE
            ),
        ]
        wrong |= broken(
            app, {(rule.endpoint, raw[:60]): partial(client.post, address, data=raw, headers=SAID) for raw in said}
        )
    assert wrong == {}
    assert kept(app) == before
