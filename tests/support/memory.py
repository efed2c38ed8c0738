"""A process of its own that reads what strangers send, and how much memory each reading took it at its peak.

``python -m tests.support.memory`` takes a list of ``[kind, what]`` in JSON on its standard input. The system's own
figure for a child, ``ru_maxrss``, is of no use: pytest's memory counts as its until it became another program.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

MB = 1024 * 1024
ROOT = Path(__file__).parents[2]


def peaks(readings: list[list[Any]], **environment: str) -> list[dict[str, Any]]:
    """What each reading ended with (``told``) and by how many MB its peak lay above what was there before (``mb``)."""
    command = [sys.executable, "-m", "tests.support.memory"]
    env = {**os.environ, "LANG": "C.UTF-8", **environment}
    done = subprocess.run(
        command, cwd=ROOT, env=env, input=json.dumps(readings), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


def _kilobytes(name: str) -> int:
    return next(
        int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name)
    )


def _measured(kind: str, what: Any) -> dict[str, Any]:
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = _kilobytes("VmRSS")
    told = READERS[kind](what)
    return {"told": told, "mb": (_kilobytes("VmHWM") - before) // 1024}


def _command(words: list[str]) -> str:
    """A command: its status and what it says of an error."""
    from click.testing import CliRunner  # noqa: PLC0415  # what one reading needs is no other's memory

    from gridapp.cli import main  # noqa: PLC0415

    ran = CliRunner().invoke(main, words)
    return f"{ran.exit_code} {ran.stderr.strip()}"


def _photo(path: str) -> str:
    """A photo as it is looked at when it came whole: the code of its problem."""
    from gridapp.config import read_settings  # noqa: PLC0415
    from gridapp.errors import Problem  # noqa: PLC0415
    from gridapp.services.pictures import photos  # noqa: PLC0415

    try:
        return photos.examine(Path(path), read_settings(instance=Path(path).parent)).mime
    except Problem as problem:
        return problem.code


def _body(given: dict[str, Any]) -> str:
    """The body of a call that everybody may make: the code of its problem."""
    from gridapp.app import create_app  # noqa: PLC0415
    from gridapp.config import read_settings  # noqa: PLC0415

    path = Path(given["path"])
    app = create_app(read_settings(instance=path.parent), url="postgresql://nobody@127.0.0.1:1/none")
    with path.open("rb") as stream:
        answer = app.test_client().post(
            "/api/v1/auth/token",
            input_stream=stream,
            content_length=path.stat().st_size,
            headers={"Content-Type": "application/json", **given["headers"]},
        )
    return str(answer.get_json()["code"])


def _filled(size: int) -> str:
    """So many bytes, all of them touched."""
    return str(len(b"x" * size))


READERS: dict[str, Callable[[Any], str]] = {
    "gridapp": _command,
    "photo": _photo,
    "body": _body,
    "filled": _filled,
}


if __name__ == "__main__":
    sys.stdout.write(json.dumps([_measured(kind, what) for kind, what in json.load(sys.stdin)]) + "\n")
