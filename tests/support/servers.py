"""A running server before a small application, and how tests talk to it and end it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from email.message import Message
from pathlib import Path
from typing import NamedTuple

from gridapp.cluster import Cluster

ROOT = Path(__file__).parents[2]
APPS = ROOT / "tests" / "server" / "apps"
PATIENCE = 60


class Answer(NamedTuple):
    status: int
    headers: Message
    body: bytes

    def json(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.body)
        return found


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
    return port


class Server:
    """A running server and how to talk to it."""

    def __init__(
        self, instance: Path, module: str, *more: str, port: int | None = None, before: Sequence[str] = ()
    ) -> None:
        self.port = port or free_port()
        paths = os.pathsep.join([str(ROOT), str(APPS)])
        dsn = Cluster(instance).dsn()
        environment = {**os.environ, "GRIDAPP_INSTANCE": str(instance), "PYTHONPATH": paths, "TRIAL_DSN": dsn}
        command = [*before, sys.executable, str(APPS / "run.py"), module, str(self.port), *more]
        self.log = instance / f"server-{self.port}.log"
        with self.log.open("w") as log:  # a file, for a pipe that nobody reads fills up and holds every part
            self.process = subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=log)
        self.said: list[str] = []

    def wait_until_ready(self) -> Server:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.strip())
            if line == "ready\n":
                return self
        self.process.communicate()
        raise AssertionError(f"it ended: {self.log.read_text()}")

    @contextmanager
    def open(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> Iterator[http.client.HTTPResponse]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with closing(connection):
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            with connection.getresponse() as answer:
                yield answer

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        with self.open(path, method, body, **headers) as answer:
            return Answer(answer.status, answer.headers, answer.read())

    def processes(self) -> dict[int, str]:
        """Living descendants by pid, with what they run."""
        tree = subprocess.run(["ps", "-eo", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True)
        rows = [line.split(maxsplit=3) for line in tree.stdout.splitlines()]
        found: dict[int, str] = {}
        parents = {str(self.process.pid)}
        while parents:
            children = [row for row in rows if row[1] in parents and not row[2].startswith("Z")]
            found |= {int(row[0]): row[3] for row in children}
            parents = {row[0] for row in children}
        return found

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate()
        return self.process.returncode


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not done():
        assert time.monotonic() < deadline, "it did not come about"
        pause.wait(0.05)
