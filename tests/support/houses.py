"""A whole instance for tests: its world, server and jobs as processes to be killed, and a clock to be moved."""

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
from pathlib import Path
from typing import Any

import psycopg

from gridapp.app import create_app
from gridapp.cluster import Cluster
from gridapp.config import read_settings
from gridapp.db import session
from gridapp.models import Contact
from tests.support.catalogue import publish_small
from tests.support.database import all_closed_after
from tests.support.hours import local, set_clock
from tests.support.world import World, build_world, signed_in

ROOT = Path(__file__).parents[2]
SHIFTED = ROOT / "tests" / "server" / "shifted"
PATIENCE = 300


class House:
    """An instance with its world, its processes and its clock, which stands at a time of Shanghai when it is made."""

    def __init__(self, folder: Path, begins: str, **settings: object) -> None:
        self.folder, self.begins = folder, begins
        self.dice = random.Random(folder.name)  # noqa: S311 - nothing secret
        self.apart = folder / "apart"
        self.set_apart((local(begins) - dt.datetime.now(dt.UTC)).total_seconds())
        with socket.socket() as trial:
            trial.bind(("127.0.0.1", 0))
            self.port: int = trial.getsockname()[1]
        raised = {"rate_per_minute": 10**6, "rate_per_second": 10**6}
        self.settings = {"instance": folder, "port": self.port, **raised, **settings}
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
        """The time that its processes read."""
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self.seconds)

    def start(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        """Start `gridapp` with these words, under a name."""
        paths = os.pathsep.join([str(SHIFTED), str(ROOT)])
        own = {f"GRIDAPP_{key.upper()}": str(value) for key, value in self.settings.items()}
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
        """What its database answers."""
        with psycopg.connect(Cluster(self.folder).dsn(), autocommit=True) as connection:
            return connection.execute(sql.encode(), values).fetchall()

    def people(self, *names: str) -> None:
        """Build the world with the catalogue of the tests, and sign these in; everybody has an address for letters."""
        app = create_app(read_settings(**{**self.settings, "instance": self.folder}))
        with all_closed_after(app), app.app_context(), set_clock(self.begins):
            self.world = build_world()
            self.world.edition = publish_small()
            confirmed = {"confirmed_at": local(self.begins), "letters": "all"}
            for name, one in self.world.people.items():
                session.add(Contact(person_id=one.id, email=f"{name}@city.example", **confirmed))
            session.commit()
            for name in names:
                client = signed_in(app, self.world.people[name])
                self.tokens[name] = client.environ_base["HTTP_AUTHORIZATION"]

    def close(self) -> None:
        """End everything that runs in it."""
        for name in list(self.running):
            self.kill(name)
        Cluster(self.folder).stop()


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
