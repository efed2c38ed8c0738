"""Whoever belongs to community B changes nothing of community A by writing, on any route of the URL map.

Every route that writes is tried with A's ids in its address, and with A's ids in each field of its form or document
that names something of a community, beside what is right for B. Forms are learned from the code as it reads them, the
documents of the API from its models: a new field fails until somebody says what belongs there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from gridapp.access import ROLES
from tests.conftest import SignIn
from tests.support import forms, hidden, routes
from tests.support.digest import kept, undone
from tests.support.hidden import Things, tells
from tests.support.world import World

API = "mobile_api."
DOCUMENTS = {"command.batch.run", "planning.redraw", "planning.step", "planning.publish", "planning.discard"}
"""Pages' routes that read JSON."""
SIGNING = {"session.sign_in", "session.sign_out"}
"""They name nothing of anybody, and end the walk."""
AS_IF_NOT_THERE = {("command.report.file", "duplicate_of"), ("command.tasks.act", "photos")}
"""Fields that hold nothing up where they name what is not there for somebody: it stays not there."""
RIGHT_FOR = {
    "admin": {
        *("admin.add_person", "admin.edit_person", "admin.give_post", "admin.give_leave", "admin.add_unit"),
        *("admin.edit_unit", "admin.add_rule", "admin.edit_rule", "admin.say_link", "admin.add_receiver"),
        *("admin.edit_receiver", "admission.rule", "exports.ask", "stops.add"),
    },
    "chief": {"stops.add", "command.tasks.act"},
    "dispatcher": {"command.report.file", "command.tasks.act", "exports.ask", "alarms.acknowledge"},
    "planner": {"planning.create"},
}
"""Forms that name something of a community, each done right by somebody."""


@pytest.fixture
def sides(app: Flask, world: World) -> tuple[Things, Things]:
    """What belongs to A, and what to B."""
    with app.app_context():
        return hidden.fill(world), hidden.fill(world, "b")


def test_no_form_reaches_into_another_community(
    app: Flask, world: World, sign_in: SignIn, sides: tuple[Things, Things]
) -> None:
    clients = {role: sign_in(f"{role}_b", browser=True) for role in ROLES}
    before, wrong = kept(app), []
    with forms.listening(app) as asked:
        for role, client in clients.items():
            walk = Walk(app, sides, client, forms.Learner(app, asked, client, world, sides[1].fields))
            for rule in _forms(app):
                wrong += [(role, *found) for found in walk.wrong(rule)]
            missing = RIGHT_FOR.get(role, set()) - walk.right
            assert missing == set(), "what is refused in them is refused for another reason"
    assert wrong == []
    assert kept(app) == before


@dataclass
class Walk:
    """Somebody of community B who tries forms with what belongs to A.

    Attributes:
        right: endpoints of the forms that were done right with what belongs to B.
    """

    app: Flask
    sides: tuple[Things, Things]
    client: FlaskClient
    learner: forms.Learner
    right: set[str] = field(default_factory=set)

    def wrong(self, rule: Rule) -> list[tuple[str, str, Any]]:
        """Addresses, fields, and what is wrong. A field that one variant of a form leaves aside, another refuses."""
        wrong: list[tuple[str, str, Any]] = []
        left_aside: set[tuple[str, str]] = set()
        refused: set[tuple[str, str]] = set()
        home = next(routes.addresses(self.app, rule, self.sides[1].arguments))
        for known in self.learner.learn(rule.endpoint, home):
            self.right |= {rule.endpoint} if known.status < 400 else set()
            for address, form, name in _strange(self.app, rule, known, home, self.sides):
                status, told = self._sent(address, form)
                wrong += [(address, name, told)] if told or status >= 500 else []
                (refused if status >= 400 else left_aside).add((address, name))
        taken = left_aside - refused
        return wrong + [(*one, "taken") for one in taken if (rule.endpoint, one[1]) not in AS_IF_NOT_THERE]

    def _sent(self, address: str, form: forms.Form) -> tuple[int, list[str]]:
        """The status of an answer, and what of A it tells or opens."""
        foreign = self.sides[0]
        with undone(self.app):
            answer = self.client.post(address, data=form)
            told = tells(answer, foreign, address + str(form))
            if form.get("photos") == foreign.fields["photos"]:
                seen = self.client.get(f"/api/v1/photos/{form['photos']}")
                told += ["a photo"] if seen.status_code != 404 else []
        return answer.status_code, told


def _forms(app: Flask) -> Iterator[Rule]:
    """Routes that take forms."""
    for _method, rule in routes.writing(app):
        if not rule.endpoint.startswith(API) and rule.endpoint not in DOCUMENTS | SIGNING:
            yield rule


def _strange(
    app: Flask, rule: Rule, known: forms.Learned, home: str, sides: tuple[Things, Things]
) -> Iterator[tuple[str, forms.Form, str]]:
    """The right form sent to A's addresses, and with each thing of A in it to the own one; the field that is A's."""
    foreign, own = sides
    if rule.arguments:
        for values in routes.mixed(rule, own.arguments, foreign.arguments):
            for address in routes.addresses(app, rule, values):
                yield address, known.form, ""
    for name in known.fields & foreign.fields.keys():
        yield home, {**known.form, name: foreign.fields[name]}, name
