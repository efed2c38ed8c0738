"""What belongs to one community: a thing of each kind, to be looked for by whoever belongs to the other one."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import TestResponse

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
from tests.support import clockwork, tasking
from tests.support.world import World

WORDS = {"a": "甲地秘密之事", "b": "乙地秘密之事"}


@dataclass
class Things:
    """What belongs to a community.

    Attributes:
        arguments: values for the arguments of routes, by argument name.
        marks: texts that tell of it.
        fields: values for the fields of forms that name something of a community, by the field's name.
    """

    arguments: dict[str, list[Any]] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)


def tells(answer: TestResponse, things: Things, asked: str) -> list[str]:
    """Marks in an answer, apart from what the asker sent and gets quoted back."""
    shown = answer.get_data().decode("utf-8", "replace")
    return [mark for mark in things.marks if mark in shown and mark.strip('"') not in asked]


def fill(world: World, key: str = "a") -> Things:
    """Give community ``a`` or ``b`` a thing of each kind; its tasks: reported, assigned, reviewed."""
    words, at_home = WORDS[key], world.inside(f"{key}1")
    sha256 = hashlib.sha256(words.encode()).hexdigest()
    tasks = [
        tasking.file(world, f"worker_{key}", description=words, photos=[sha256], location=at_home) for _ in range(3)
    ]
    for task_id in tasks[1:]:
        tasking.act(world, f"dispatcher_{key}", task_id, "assign", assignee={"post": str(_post(world, key))})
    tasking.act(world, f"worker_{key}", tasks[2], "accept")
    tasking.act(world, f"worker_{key}", tasks[2], "feedback", location=at_home, photos=[sha256], note=words)
    tasking.act(world, f"reviewer_{key}", tasks[2], "pass")
    people = [someone for name, someone in world.people.items() if name.endswith((f"_{key}", f"_{key}2"))]
    people.sort(key=lambda someone: someone.post is not None)
    arguments = _things(world, key, tasks[0], sha256)
    areas = [area for name, area in world.areas.items() if name.startswith(key)]
    arguments |= {
        "task_id": tasks,
        "report_id": tasks,
        "person_id": [someone.id for someone in people],
        "post_id": [someone.post for someone in people if someone.post],
        "unit_id": [world.units[key]],
        "grid_id": [area.id for area in areas],
        "code": [area.code for area in areas],
        "sha256": [sha256],
    }
    ids = [one for name, found in arguments.items() for one in found if name not in ("code", "sha256")]
    marks = [words, *(str(one) for one in ids if isinstance(one, uuid.UUID)), *(f'"{area.code}"' for area in areas)]
    marks += [*(area.name for area in areas), *(f"{someone.role.title()} {key.upper()}" for someone in people)]
    things = Things({**arguments, "layer": ["grids"]}, marks, _fields(world, key, arguments))
    session.commit()
    return things


def _post(world: World, key: str) -> uuid.UUID:
    post = world.people[f"worker_{key}"].post
    assert post is not None
    return post


def _fields(world: World, key: str, arguments: dict[str, list[Any]]) -> dict[str, str]:
    """By name of the field; the catalogue and its words belong to everybody."""
    number = session.get_one(Task, arguments["task_id"][1]).number
    return {
        "area": world.areas[key].code,
        "scope": world.areas[key].code,
        "grid": world.areas[f"{key}2"].code,
        "unit": f"unit_{key}",
        "person": f"worker_{key}2",
        "deputy": f"worker_{key}2",
        "assignee": f"post:{_post(world, key)}",
        "master": f"#{number}",
        "duplicate_of": str(arguments["task_id"][0]),
        "photos": arguments["sha256"][0],
        "application": str(arguments["application_id"][0]),
    }


def _things(world: World, key: str, task_id: uuid.UUID, sha256: str) -> dict[str, list[Any]]:
    plan, token = _sign_in_and_plan(world, key, sha256)
    applied = _admission(world, key)
    receiver, message = _receiver(world, key, task_id)
    rule, link, leave, step, order = clockwork.made(world, task_id, WORDS[key], key)
    alarm = tasking.alarm(world, f"worker_{key}", note=WORDS[key], place=f"{key}1")
    stop = tasking.stop(world, f"chief_{key}", name=WORDS[key], grid=world.areas[f"{key}1"].code)
    return {
        "plan_id": [plan.id],
        "token_id": [token.id],
        "application_id": [applied],
        "receiver_id": [receiver],
        "delivery_id": [message],
        "alarm_id": [alarm.id],
        "stop_id": [stop.id],
        "rule_id": [rule.id],
        "link_id": [link.id],
        "leave_id": [leave.id],
        "step_id": [step.id],
        "export_id": [order.id],
    }


def _sign_in_and_plan(world: World, key: str, sha256: str) -> tuple[Plan, Token]:
    """A plan, a sign-in, a photo, a position and an audit entry."""
    at, words, admin = now(), WORDS[key], world.people[f"admin_{key}"].id
    worker = world.people[f"worker_{key}"].id
    planner = world.people[f"planner_{key}"].id
    plan = Plan(id=uuid.uuid4(), name=words, scope_grid_id=world.areas[key].id, created_at=at, created_by=planner)
    secret = words.encode()
    token = Token(id=uuid.uuid4(), person_id=worker, secret_hash=secret, device=words, created_at=at, last_used_at=at)
    told = {"actor_id": admin, "subject_kind": "person", "subject_id": str(worker), "detail": {"note": words}}
    session.add_all([Photo(sha256=sha256, mime="image/jpeg", size=1, received_at=at), plan, token])
    session.add(AuditEntry(at=at, action="edit", **told))
    session.add(LastPosition(person_id=worker, at=at, **world.inside(f"{key}1")))
    session.flush()
    session.add(PhotoUpload(sha256=sha256, person_id=worker, at=at))
    session.commit()
    return plan, token


def _receiver(world: World, key: str, task_id: uuid.UUID) -> tuple[uuid.UUID, int]:
    """A receiver and a message to it."""
    at, words = now(), WORDS[key]
    told = {"name": words, "url": f"https://{key}.example/", "events": ["task.*"], "secret": "whsec_", "created_at": at}
    receiver = Receiver(id=uuid.uuid4(), scope_grid_id=world.areas[key].id, **told)
    session.add(receiver)
    session.flush()
    told = {"message_id": words, "type": "task.report", "task_id": task_id, "body": words}
    message = Delivery(receiver_id=receiver.id, next_at=at, created_at=at, **told)
    session.add(message)
    session.commit()
    return receiver.id, message.id


def _admission(world: World, key: str) -> uuid.UUID:
    """An application of the community's unit, and a decision for the community."""
    handler = tasking.principal(world, f"handler_{key}")
    applied = admission.apply(handler, parse(Application, {"item": "06001", "words": WORDS[key]}))
    today = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)
    area = world.areas[key].code
    ruled = {"item": "06001", "area": area, "verdict": "admit", "begins": today, "words": WORDS[key]}
    admission.rule_item(tasking.principal(world, f"admin_{key}"), parse(Ruled, ruled))
    session.commit()
    return applied.id
