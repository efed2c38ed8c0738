"""Documents of the API and of the pages that read JSON: right ones of a community, naming whatever one likes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from gridapp.timesource import now
from tests.support import tasking
from tests.support.hidden import Things
from tests.support.world import World

API = "/api/v1"


@dataclass(frozen=True)
class Sent:
    """A request with a document; ``name`` says which of its members names something of somebody."""

    call: str
    name: str
    method: str
    path: str
    body: dict[str, Any] | None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def asked(self) -> dict[str, Any]:
        """As a test client takes it."""
        return {"path": self.path, "method": self.method, "json": self.body, "headers": self.headers}

    @property
    def queued(self) -> dict[str, Any]:
        """As an item of a queue."""
        return {"method": self.method, "path": self.path, "headers": self.headers, "body": self.body or {}}


def naming(world: World, own: Things, named: Things, key: str) -> Iterator[Sent]:
    """Requests about things of community B, the ``own``, that name things of community ``key``, each in one member."""
    post, unit = str(world.people[f"worker_{key}2"].post), str(world.units[key])
    master, sha256 = str(named.arguments["task_id"][1]), named.arguments["sha256"][0]
    yield from _acts(own, 0, {"assignee.post": ("assign", {"assignee": {"post": post}})})
    yield from _acts(own, 0, {"assignee.unit": ("assign", {"assignee": {"unit": unit}})})
    yield from _acts(own, 0, {"master": ("merge", {"master": master})})
    moved = {"reason": tasking.REASONS["transfer"]}
    yield from _acts(own, 1, {"assignee.post": ("transfer", {"assignee": {"post": post}, **moved})})
    yield from _acts(own, 1, {"assignee.unit": ("transfer", {"assignee": {"unit": unit}, **moved})})
    facts = [{"sha256": sha256, "taken_at": now().isoformat()}]
    said = {"note": "请注意安全", "photos": [sha256]}
    yield from _acts(
        own, 0, {"photos": ("comment", said), "photo_facts.sha256": ("comment", {**said, "photo_facts": facts})}
    )
    at_home = world.inside("b1" if own is not named or key == "b" else "a1")
    report = tasking.report_body(world, location=at_home)
    handled = {"note": "扫了", "photos": [sha256], "handled_at": report["reported_at"]}
    naming_reports: dict[str, dict[str, Any]] = {
        "duplicate_of": {"duplicate_of": master},
        "photos": {"photos": [sha256]},
        "photo_facts.sha256": {"photos": [sha256], "photo_facts": facts},
        "self_handled.photos": {"self_handled": handled, "photos": [sha256], "category": "06002"},
    }
    for name, more in naming_reports.items():
        yield Sent("file_report", name, "PUT", f"{API}/reports/{uuid.uuid4()}", {**report, **more})


def _acts(own: Things, nth: int, said: dict[str, tuple[str, dict[str, Any]]]) -> Iterator[Sent]:
    """Actions on the ``nth`` of the own tasks, in the version in which it is made."""
    for name, (action, more) in said.items():
        body = {"id": str(uuid.uuid4()), "action": action, "at": now().isoformat(), **more}
        path = f"{API}/tasks/{own.arguments['task_id'][nth]}/actions"
        yield Sent("act", name, "POST", path, body, {"If-Match": f'"{nth + 1}"'})


def right(world: World, call: str) -> dict[str, Any] | None:
    """A right document of a call of the API or of a page's route that reads JSON; of nobody in particular."""
    at, id_ = now().isoformat(), str(uuid.uuid4())
    place = world.inside("b1")
    bodies: dict[str, dict[str, Any]] = {
        "call_for_help": {"id": id_, "location": place, "note": "有人受伤"},
        "acknowledge_alarm": {"note": "马上到"},
        "stop_done": {"id": id_, "day": at[:10], "at": at, "location": place},
        "sync": {"items": []},
        "set_duty": {"on": True, "at": at, "location": place},
        "add_positions": {"points": [{"id": id_, "at": at, **place, "accuracy": 5.0}]},
        "file_report": tasking.report_body(world, location=place),
        "act": {"id": id_, "action": "comment", "at": at, "note": "请注意安全"},
        "planning.redraw": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
        "planning.step": {"step": 0},
        "planning.publish": {},
        "planning.discard": {},
    }
    return bodies.get(call)


def ids_in(model: type[BaseModel]) -> set[str]:
    """Members of a document that are ids or names of photos, by their paths with dots."""
    schema = model.model_json_schema()
    return set(_ids(schema, schema.get("$defs", {}), ()))


def _ids(shape: dict[str, Any], known: dict[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    if "$ref" in shape:
        shape = known[shape["$ref"].rsplit("/", 1)[-1]]
    if shape.get("format") == "uuid" or "{64}" in shape.get("pattern", ""):
        yield ".".join(path)
    for one in shape.get("anyOf", []):
        yield from _ids(one, known, path)
    if isinstance(shape.get("items"), dict):
        yield from _ids(shape["items"], known, path)
    for name, one in shape.get("properties", {}).items():
        yield from _ids(one, known, (*path, name))
