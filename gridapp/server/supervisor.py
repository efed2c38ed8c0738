"""Starts the server's processes, starts again what ends, and ends them all together."""

import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STOPPING = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
GRACE_SECONDS = 10
SOON_SECONDS = 5
LONGEST_PAUSE_SECONDS = 30
QUIET_SECONDS = 15


class ServerError(Exception):
    """The server cannot run; the text names the cause and the remedy."""


@dataclass
class Child:
    """One process, with its descendants, that is to run as long as the server runs."""

    name: str
    command: Sequence[str]
    ready: Callable[[], bool] = lambda: True
    socket: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0
    due: float = 0
    failures: int = 0
    was_ready: bool = False

    def start(self, environment: Mapping[str, str]) -> None:
        """In a session of its own, so that ^C comes through us alone; it ends also where we are killed."""
        if self.socket:
            self.socket.unlink(missing_ok=True)  # a killed process leaves it, and none can bind it again
        words = ["setpriv", "--pdeathsig", "TERM", "--", *self.command]
        self.process = subprocess.Popen(words, env=dict(environment), stdin=subprocess.DEVNULL, start_new_session=True)
        self.started, self.due = time.monotonic(), 0

    def plan_again(self) -> None:
        """Says from when on it may be started again."""
        lasted = time.monotonic() - self.started
        self.failures = self.failures + 1 if lasted < SOON_SECONDS else 0
        self.due = time.monotonic() + min(2**self.failures - 1, LONGEST_PAUSE_SECONDS)

    def ended(self) -> int | None:
        """Its exit status, None while it runs."""
        return self.process.poll() if self.process else None

    def signal(self, number: int) -> None:
        """To the whole session: also where the first process is gone and left others."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


@dataclass
class Supervisor:
    """Runs children in their order, each after the one before is ready."""

    children: list[Child]
    environment: Mapping[str, str]
    say: Callable[[str], None]
    quiet_seconds: float = QUIET_SECONDS
    _wake: socket.socket = field(init=False)

    def run(self, ready: Callable[[], None]) -> None:
        """Until SIGTERM, SIGINT or SIGHUP; `ready` is called once when all are.

        Raises:
            ServerError: a process ends before it was ever ready.
        """
        before = self._hear()
        try:
            for child in self.children:
                child.start(self.environment)
                if self._wait_for(child):
                    return
            ready()
            while not self._stopped(timeout=1):
                self._start_again()
        finally:
            self._end()
            signal.set_wakeup_fd(-1)
            self._wake.close()
            self._written.close()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _hear(self) -> dict[signal.Signals, Any]:
        """Signals become bytes in a socket, which may be waited for without a race."""
        self._wake, written = socket.socketpair()
        written.setblocking(False)
        self._written = written
        signal.set_wakeup_fd(written.fileno(), warn_on_full_buffer=False)
        return {number: signal.signal(number, lambda *_: None) for number in (*STOPPING, signal.SIGCHLD)}

    def _stopped(self, timeout: float) -> bool:
        heard, _, _ = select.select([self._wake], [], [], timeout)
        return bool(heard) and any(number in STOPPING for number in self._wake.recv(4096))

    def _wait_for(self, child: Child) -> bool:
        """Until the child is ready; true where the server was stopped meanwhile. A long wait is told."""
        told = time.monotonic()
        while not child.ready():
            if time.monotonic() - told > self.quiet_seconds:
                told = time.monotonic()
                self.say(f"{child.name} runs but does not answer yet (its words are above); ^C ends the waiting.")
            if self._stopped(timeout=0.05):
                return True
            self._start_again()
        child.was_ready = True
        return False

    def _start_again(self) -> None:
        """At once what lasted a while; what ends soon again and again waits longer each time."""
        for child in self.children:
            status = child.ended()
            if status is None:
                continue
            if not child.due:
                if not child.was_ready:
                    raise ServerError(f"{child.name} ends right after its start (status {status}): its words are above")
                child.plan_again()
                self.say(f"{child.name} ended (status {status}) and is started again.")
            if time.monotonic() >= child.due:
                child.signal(signal.SIGKILL)  # what a killed process left behind would hold its port
                child.start(self.environment)

    def _end(self) -> None:
        """Asks in the reverse order, so that no request meets a closed door, then insists."""
        for child in reversed(self.children):
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self.children:
            if child.process:
                with suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0, deadline - time.monotonic()))
                child.signal(signal.SIGKILL)
                child.process.wait()
