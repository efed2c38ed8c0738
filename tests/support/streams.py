"""An open stream of server-sent events, read in a thread of its own so that a test can wait for what it expects."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Queue
from typing import Any
from unittest.mock import patch

import orjson
from flask.testing import FlaskClient

from gridapp.web import live

PATIENCE_SECONDS = 90.0
SHORT_BEAT_SECONDS = 0.5


@dataclass(frozen=True)
class Heard:
    """One event."""

    name: str
    data: Any
    cursor: str


@dataclass
class Ear:
    """Listens until it is closed."""

    heard: Queue[Heard] = field(default_factory=Queue)
    cursor: str = ""
    closed: threading.Event = field(default_factory=threading.Event)

    def wait_for(self, fits: Callable[[Heard], bool]) -> Heard:
        """The next event that fits; others are passed over."""
        while True:
            event = self.heard.get(timeout=PATIENCE_SECONDS)
            self.cursor = event.cursor or self.cursor
            if fits(event):
                return event

    def wait_for_task(self, task_id: str, op: str = "upsert") -> Heard:
        """The next event that says so of this task."""
        return self.wait_for(lambda event: {"op": op, "kind": "task", "id": task_id} in (event.data or []))

    def passed_before(self, fits: Callable[[Heard], bool]) -> list[Heard]:
        """Everything heard until an event fits."""
        passed: list[Heard] = []
        while True:
            passed.append(self.wait_for(lambda _event: True))
            if fits(passed[-1]):
                return passed[:-1]


@contextmanager
def listening(client: FlaskClient, **given: Any) -> Iterator[Ear]:
    """Open ``/live`` and wait until it speaks: often, for a stream that is closed ends with what it says next."""
    ear = Ear()
    reader = threading.Thread(target=_read, args=(client, given, ear))
    with patch.object(live, "BEAT_SECONDS", SHORT_BEAT_SECONDS):
        reader.start()
        try:
            yield ear
        finally:
            ear.closed.set()
            reader.join()


def _read(client: FlaskClient, given: dict[str, Any], ear: Ear) -> None:
    answer = client.get("/live", buffered=False, **given)
    try:
        for chunk in answer.iter_encoded():
            for block in chunk.decode().split("\n\n"):
                lines = dict(line.split(": ", 1) for line in block.splitlines())
                if "event" in lines:
                    ear.heard.put(Heard(lines["event"], orjson.loads(lines["data"]), lines.get("id", "")))
            if ear.closed.is_set():
                return
    finally:
        answer.close()
