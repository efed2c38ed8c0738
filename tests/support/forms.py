"""Forms of the pages as the code reads them: the names of their fields are learned from what it asks for."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import ImmutableMultiDict

from gridapp.timesource import now
from tests.support.catalogue import FIRE_LANE, LITTER
from tests.support.digest import undone
from tests.support.world import World

MOST_ROUNDS = 6
Form = dict[str, str]

PLAIN: Form = {
    "accuracy": "8",
    "accuracy_m": "50",
    "action": "comment",
    "active": "1",
    "address": "合江街 1 号",
    "advice": "",
    "answerer": "unit",
    "back": "",
    "by": "up",
    "category": LITTER,
    "code": "unit_new",
    "complete": "yes",
    "condition": "",
    "description": "垃圾堆在路口",
    "device": "手机",
    "drop_phone": "",
    "email": "someone@example.org",
    "enabled": "1",
    "events": "task.*",
    "form": "csv",
    "from_time": "08:00",
    "hours": "any",
    "item": LITTER,
    "kind": "patrol",
    "lang": "en",
    "language": "en",
    "letters": "all",
    "level": "community",
    "name": "新的",
    "name_en": "New",
    "next": "/",
    "note": "请注意安全",
    "on": "1",
    "origin": "",
    "password": "Correct-Horse-8",
    "periods": "08:00-12:00",
    "phone": "",
    "quiet_from": "22:00",
    "quiet_until": "07:00",
    "reason": "需要联系本人",
    "role": "dispatcher",
    "sample_share": "0",
    "satisfied": "",
    "score_quality": "5",
    "score_speed": "5",
    "severity": "",
    "similar_hours": "24",
    "similar_radius_m": "50",
    "target": "unit",
    "titles": "居民小组长",
    "token": "nobody",
    "type.fields.width": "number",
    "until_time": "18:00",
    "url": "https://8.8.8.8/",
    "username": "somebody_new",
    "verdict": "admit",
    "version": "1",
    "weekdays": "1",
    "words": "需要网格员巡查",
    "works": "no",
    "year": "2031",
}
"""Values that are right wherever a field has that name, and of no community."""
SPECIAL: dict[tuple[str, str], str] = {
    ("command.report.file", "category"): FIRE_LANE,
    ("stops.add", "kind"): "visit",
    ("admin.set_hours", "kind"): "house",
    ("notices.read", "until"): "1",
    ("admin.add_person", "role"): "handler",
    ("admin.edit_person", "role"): "handler",
    ("admin.give_post", "deputy"): "1",
    ("command.tasks.act", "action"): "assign",
    ("command.tasks.act", "reason"): "",
}
"""Where a name means something else, by endpoint."""
VARIANTS: dict[str, tuple[Form, ...]] = {
    "admin.add_rule": ({}, {"target": "post"}),
    "admin.edit_rule": ({}, {"target": "post"}),
    "command.tasks.act": ({}, {"action": "merge"}),
}
"""What has a form read other fields of it."""
WHOLE: dict[str, tuple[str, ...]] = {
    "planning.create": ("name", "area"),
    "command.report.file": ("fields.width", "type.fields.width"),
}
"""Fields of forms that are read as a whole: nothing asks for them by name."""


def right(world: World, own: Mapping[str, str], endpoint: str, name: str) -> str:
    """A right value of a field, of the community whose fields are ``own``."""
    special = SPECIAL.get((endpoint, name))
    if special is not None:
        return special
    day, later = ((now() + dt.timedelta(days=days)).date() for days in (40, 50))
    made = {
        "begins": f"{day}T08:00" if endpoint.endswith("leave") else f"{day}",
        "ends": f"{later}T18:00" if endpoint.endswith("leave") else f"{later}",
        "day": f"{day}",
        "due": f"{day}T08:00",
        "edition": world.edition,
        "event": str(uuid.uuid4()),
        "fields.width": "3.5",
        "id": str(uuid.uuid4()),
        "lat": str(world.areas["b1"].lat),
        "lon": str(world.areas["b1"].lon),
        "review_on": f"{day}",
        "seen": world.edition,
        "since": "2026-01-01",
        "until": f"{day}",
    }
    known = {**PLAIN, **made, **own}
    if name not in known and name.endswith((".amount", ".unit")):
        return "5" if name.endswith(".amount") else "working_day"
    assert name in known, f"say in tests/support/forms.py what is right for the field {name} of {endpoint}"
    return known[name]


@dataclass
class Asked:
    """Names of the fields of forms and of the parameters of addresses that the code asks requests for."""

    fields: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)


@contextmanager
def listening(app: Flask) -> Iterator[Asked]:
    """What is asked for meanwhile."""
    asked = Asked()
    usual = app.request_class

    class Listening(usual):  # type: ignore[misc, valid-type]  # whatever class the app has
        parameter_storage_class = _noting(asked.parameters)

        def _load_form_data(self) -> None:
            super()._load_form_data()
            self.__dict__["form"] = _noting(asked.fields)(self.__dict__["form"])

    app.request_class = Listening
    try:
        yield asked
    finally:
        app.request_class = usual


def _noting(asked: set[str]) -> type[ImmutableMultiDict[str, Any]]:
    class Noting(ImmutableMultiDict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            asked.add(key)
            return super().__getitem__(key)

        def __contains__(self, key: object) -> bool:
            asked.add(str(key))
            return super().__contains__(key)

        def getlist(self, key: str, *kinds: Any, **more: Any) -> Any:
            asked.add(key)
            return super().getlist(key, *kinds, **more)

    return Noting


@dataclass(frozen=True)
class Learned:
    """A form that a route reads.

    Attributes:
        form: right values by field; also of the other forms of its page, where it came back as wrong.
        fields: the fields that it is made of, as far as they are known: they are where it is right.
        status: what it is answered with.
    """

    form: Form
    fields: set[str]
    status: int


@dataclass(frozen=True)
class Learner:
    """Somebody who finds out what forms are made of, with right values of the own community.

    Attributes:
        app: whose requests are listened to.
        asked: what is heard.
        client: of the person.
        world: for what is no field of a community.
        own: right values of the fields that name something of the community.
    """

    app: Flask
    asked: Asked
    client: FlaskClient
    world: World
    own: Mapping[str, str]

    def learn(self, endpoint: str, address: str) -> Iterator[Learned]:
        """The form of a route in each of its variants; what is done meanwhile is undone."""
        for given in VARIANTS.get(endpoint, ({},)):
            yield self._learn(endpoint, address, given)

    def _learn(self, endpoint: str, address: str, given: Form) -> Learned:
        """What is asked for next depends on what was right before."""
        whole = set(WHOLE.get(endpoint, ()))
        form = {**{name: right(self.world, self.own, endpoint, name) for name in whole}, **given}
        for _ in range(MOST_ROUNDS):
            self.asked.fields.clear()
            with undone(self.app):
                status = self.client.post(address, data=form).status_code
            new = self.asked.fields - form.keys()
            if not new:
                break
            form |= {name: right(self.world, self.own, endpoint, name) for name in new}
        return Learned(form, self.asked.fields | whole, status)
