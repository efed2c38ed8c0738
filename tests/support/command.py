"""The `gridapp` command as another person's script runs it: a process of its own on a test's database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

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


def gridapp(app: Flask, *words: str | Path, stdin: str = "", **environment: str) -> Ran:
    """Run `gridapp` with these words on the database of an app."""
    settings = app.extensions["settings"]
    env = {
        **os.environ,
        "GRIDAPP_INSTANCE": str(settings.instance),
        "GRIDAPP_DATABASE_URL": str(app.config["SQLALCHEMY_DATABASE_URI"]),
        "LANG": "C.UTF-8",
        **environment,
    }
    command = [sys.executable, "-m", "gridapp", *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, env=env, input=stdin, capture_output=True, text=True, check=False)
    return Ran(done.returncode, done.stdout, done.stderr)
