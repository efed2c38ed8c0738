"""Server and jobs killed at random under load, with a clock that is moved on: every lamp and every word once."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gridapp.app import create_app
from gridapp.cluster import Cluster
from gridapp.config import read_settings
from gridapp.db import session
from tests.support import tasking
from tests.support.catalogue import publish_small
from tests.support.database import all_closed_after
from tests.support.hours import local, set_clock
from tests.support.world import World, build_world, signed_in

ROOT = Path(__file__).parents[2]
BEGINS = "2026-03-04 08:00"
TASKS, JOINT = 16, 4
FEW, MOST_KILLS = 5, 2
PATIENCE = 300
THREE_HOURS = 3 * 3600.0


class House:
    """An instance with its world, its processes and its clock."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.dice = folder, random.Random(folder.name)  # noqa: S311 - nothing secret
        self.apart = folder / "apart"
        self.set_apart((local(BEGINS) - dt.datetime.now(dt.UTC)).total_seconds())
        with socket.socket() as trial:
            trial.bind(("127.0.0.1", 0))
            self.port: int = trial.getsockname()[1]
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.tokens: dict[str, str] = {}
        self.world = World()

    def set_apart(self, seconds: float) -> None:
        """Move the clock; renamed into place, so that nobody reads half of it."""
        beside = self.apart.with_suffix(".new")
        beside.write_text(str(seconds))
        beside.replace(self.apart)
        self.seconds = seconds

    @property
    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self.seconds)

    def start(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        paths = os.pathsep.join([str(Path(__file__).parent / "shifted"), str(ROOT)])
        settings = {"INSTANCE": self.folder, "PORT": self.port, "RATE_PER_MINUTE": 10**6, "RATE_PER_SECOND": 10**6}
        own = {f"GRIDAPP_{key}": str(value) for key, value in settings.items()}
        environment = {**os.environ, **own, "PYTHONPATH": paths, "SHIFTED_CLOCK": str(self.apart)}
        command = [sys.executable, "-m", "gridapp", *words]
        with (self.folder / f"{name}.log").open("ab") as log:
            started = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        self.running[name] = started
        return started

    def kill(self, name: str) -> None:
        """End a process and its children without a chance to tidy up."""
        process = self.running.pop(name)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(Cluster(self.folder).dsn(), autocommit=True) as connection:
            return connection.execute(sql.encode(), values).fetchall()

    def people(self) -> None:
        app = create_app(read_settings(instance=self.folder))
        with all_closed_after(app), app.app_context(), set_clock(BEGINS):
            self.world = build_world()
            self.world.edition = publish_small()
            session.commit()
            for name in ("worker_a", "dispatcher_a"):
                client = signed_in(app, self.world.people[name])
                self.tokens[name] = client.environ_base["HTTP_AUTHORIZATION"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    upgrade = house.start("upgrade", "db", "upgrade")
    assert upgrade.wait() == 0, (tmp_path / "upgrade.log").read_text()
    del house.running["upgrade"]
    house.people()
    try:
        yield house
    finally:
        for name in list(house.running):
            house.kill(name)
        Cluster(tmp_path).stop()


def send(house: House, who: str, method: str, path: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    """Ask again until somebody answers, as a phone does; the ids in the body make that harmless."""
    wait = threading.Event()
    for _ in range(PATIENCE * 5):
        connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=10)
        try:
            sent = {"Authorization": house.tokens[who], "Content-Type": "application/json", **headers}
            connection.request(method, path, json.dumps(body), sent)
            answer = connection.getresponse()
            told = answer.read()
            if answer.status < 300:
                found: dict[str, Any] = json.loads(told)
                return found
            assert answer.status >= 500, told
        except (OSError, http.client.HTTPException):
            wait.wait(0.2)
        finally:
            connection.close()
    raise AssertionError("nobody answered")


def file_and_assign(house: House, *, joint: bool) -> uuid.UUID:
    """A task of worker_a's; a joint one has the community's unit beside."""
    task_id = uuid.uuid4()
    report = tasking.report_body(house.world, reported_at=house.now.isoformat())
    send(house, "worker_a", "PUT", f"/api/v1/reports/{task_id}", report)
    post = str(house.world.people["worker_a"].post)
    deeds: list[dict[str, Any]] = [{"action": "assign", "assignee": {"post": post}}]
    if joint:
        unit = str(house.world.units["a"])
        deeds.append({"action": "involve", "assignee": {"unit": unit}, "note": "请派车清运"})
    for version, deed in enumerate(deeds, 1):
        body = {"id": str(uuid.uuid4()), "at": house.now.isoformat(), **deed}
        send(house, "dispatcher_a", "POST", f"/api/v1/tasks/{task_id}/actions", body, **{"If-Match": f'"{version}"'})
    return task_id


def kill_until(house: House, commands: Mapping[str, tuple[str, ...]], done: Callable[[], int], wanted: int) -> int:
    """Keep the processes going until so much is done, and kill one of them after every few things; how often.

    What is done counts and not the time, so that a slow machine kills as much in the middle of work as a fast one.
    """
    for name, words in commands.items():
        if name not in house.running:
            house.start(name, *words)
    kills, ends = 0, dt.datetime.now(dt.UTC) + dt.timedelta(seconds=PATIENCE)
    next_at = house.dice.randint(1, FEW)
    while (reached := done()) < wanted:
        assert dt.datetime.now(dt.UTC) < ends, f"{reached} of {wanted} done"
        name = house.dice.choice(sorted(commands))
        if reached >= next_at and kills < MOST_KILLS:
            house.kill(name)
            house.start(name, *commands[name])
            kills, next_at = kills + 1, reached + house.dice.randint(1, FEW)
        with suppress(subprocess.TimeoutExpired):
            house.running[name].wait(0.1)
            raise AssertionError(f"{name} ended by itself")
    return kills


JOBS = {"jobs_1": ("jobs",), "jobs_2": ("jobs",)}
SERVER = {"server": ("serve", "--no-jobs")}
DONE = "select count(*) from clock_step where done_at is not null"
TOLD = "select task_id, kind, count(*) from notice group by task_id, kind"
UP = """
select e.task_id, e.at, e.device_at, s.due_at from task_event e
join clock_step s on s.task_id = e.task_id and s.step = %s and s.done_at is not null
where e.action = %s
"""
ALONE = {"task_assign": 1, "clock_yellow": 1, "clock_red": 1, "task_escalate": 1, "task_taken": 1}
# its unit's handler; the chief and who asked; the late unit; the lead and who asked
BESIDE = {"task_involve": 1, "clock_assist_yellow": 1, "clock_assist_red": 2, "task_assist_escalate": 1}
TOGETHER = {**ALONE, **BESIDE, "task_assist_pass_up": 2}


def test_every_lamp_escalation_and_word_comes_once_whoever_is_killed(house: House) -> None:
    with ThreadPoolExecutor(4) as phones:
        filing = [phones.submit(file_and_assign, house, joint=n < JOINT) for n in range(TASKS)]
        kills = kill_until(house, SERVER, lambda: sum(one.done() for one in filing), TASKS)
        tasks = {one.result(): TOGETHER if n < JOINT else ALONE for n, one in enumerate(filing)}
    house.kill("server")
    for moves, steps in ((1, 2), (1, 3), (6, 4)):
        if steps > 3:  # a stop of all; before it the clock moved on while they ran
            for name in JOBS:
                house.kill(name)
        house.set_apart(house.seconds + moves * THREE_HOURS)
        kills += kill_until(house, JOBS, lambda: house.ask(DONE)[0][0], steps * (TASKS + JOINT))
    assert kills > MOST_KILLS
    told: dict[uuid.UUID, Counter[str]] = {task_id: Counter() for task_id in tasks}
    for task_id, kind, count in house.ask(TOLD):
        told[task_id][kind] += count
    assert {task_id: dict(kinds) for task_id, kinds in told.items()} == tasks
    for step, action, wanted in (("escalate", "escalate", ALONE), ("assist_escalate", "assist_pass_up", TOGETHER)):
        escalated = house.ask(UP, step, action)
        concerned = [task_id for task_id, kinds in tasks.items() if kinds.keys() >= wanted.keys()]
        assert sorted(row[0] for row in escalated) == sorted(concerned)
        assert all(true_at == due and at >= due for _, at, true_at, due in escalated)
    events = dict(house.ask("select task_id, count(*) from task_event group by task_id"))
    assert events == {task_id: 3 if kinds is ALONE else 6 for task_id, kinds in tasks.items()}
