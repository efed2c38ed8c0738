"""The `gridapp` command as another person's script runs it: a process of its own on a test's database."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from gridapp.cli import main
from gridapp.config import load_settings

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Its answer as JSON."""
        assert self.out, self.err
        return json.loads(self.out)


def gridapp(app: Flask, *words: str | Path, stdin: str = "", terminal: bool = False, **environment: str) -> Ran:
    """Run `gridapp` with these words on the database of an app; on a terminal, its standard error is one."""
    return gridapp_in({**_joined_to(app), **environment}, *words, stdin=stdin, terminal=terminal)


def gridapp_in(environment: dict[str, str], *words: str | Path, stdin: str = "", terminal: bool = False) -> Ran:
    """Run `gridapp` with these words and this environment besides the tests' own."""
    env = {**os.environ, "LANG": "C.UTF-8", **environment}
    command = [sys.executable, "-m", "gridapp", *map(str, words)]
    if terminal:
        return _on_terminal(command, env, stdin)
    done = subprocess.run(command, cwd=ROOT, env=env, input=stdin, capture_output=True, text=True, check=False)
    return Ran(done.returncode, done.stdout, done.stderr)


def gridapp_here(app: Flask, *words: str | Path, stdin: str = "", terminal: bool = False, **environment: str) -> Ran:
    """The same inside this process, which saves its start: for tests that call it again and again."""
    return gridapp_here_in({**_joined_to(app), **environment}, *words, stdin=stdin, terminal=terminal)


def gridapp_here_in(environment: dict[str, str], *words: str | Path, stdin: str = "", terminal: bool = False) -> Ran:
    """Run `gridapp` inside this process with these words and this environment besides the tests' own."""
    out, err = io.StringIO(), Screen() if terminal else io.StringIO()
    with (
        patch.dict(os.environ, {"LANG": "C.UTF-8", **environment}),
        patch("sys.stdin", io.StringIO(stdin)),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        _like_a_process(),
        pytest.raises(SystemExit) as ended,
    ):
        main(list(map(str, words)))
    status = ended.value.code
    assert isinstance(status, int)
    return Ran(status, out.getvalue(), err.getvalue())


class Screen(io.StringIO):
    """A terminal, as far as a bar asks."""

    def isatty(self) -> bool:
        return True


@contextlib.contextmanager
def _like_a_process() -> Iterator[None]:
    """A process reads its settings anew, and its end closes its connections: here somebody has to."""
    made: list[Any] = []
    load_settings.cache_clear()

    def connected(connection: Any, _record: object) -> None:
        made.append(connection)

    event.listen(Engine, "connect", connected)
    try:
        yield
    finally:
        event.remove(Engine, "connect", connected)
        for connection in made:
            connection.close()
        load_settings.cache_clear()


def _joined_to(app: Flask) -> dict[str, str]:
    return {
        "GRIDAPP_INSTANCE": str(app.extensions["settings"].instance),
        "GRIDAPP_DATABASE_URL": str(app.config["SQLALCHEMY_DATABASE_URI"]),
    }


def _on_terminal(command: list[str], env: dict[str, str], stdin: str) -> Ran:
    ours, theirs = os.openpty()
    shown: list[bytes] = []

    def watch() -> None:
        with contextlib.suppress(OSError):  # the last one at the other end has gone
            while part := os.read(ours, 65_536):
                shown.append(part)

    watching = threading.Thread(target=watch)
    watching.start()
    done = subprocess.run(
        command, cwd=ROOT, env=env, input=stdin, stdout=subprocess.PIPE, stderr=theirs, text=True, check=False
    )
    os.close(theirs)
    watching.join()
    os.close(ours)
    return Ran(done.returncode, done.stdout, b"".join(shown).decode())
