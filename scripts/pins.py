"""Writes requirements.txt, -kit.txt, -test.txt and -bench.txt: what setup.cfg asks for, and what that needs.

Versions are those that are installed here.

Run it with the project's own Python after adding or renewing a library, then run the tests.
"""

import configparser
import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
BUILD = ["setuptools"]


def closure(wanted: list[str]) -> dict[str, str]:
    """Name and version of every installed package that `wanted` leads to, by normalized name."""
    pins: dict[str, str] = {}
    todo = [(Requirement(line), "") for line in wanted]
    while todo:
        requirement, extra = todo.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        try:
            found = distribution(requirement.name)
        except PackageNotFoundError:
            raise SystemExit(f"{requirement.name} is not installed here: install it first") from None
        name = normalized(found.metadata["Name"])
        new_extras = {"", *requirement.extras} if name not in pins else requirement.extras
        pins[name] = found.version
        todo += [(Requirement(line), extra) for extra in new_extras for line in found.requires or []]
    return pins


def normalized(name: str) -> str:
    """The name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def write(file: str, head: str, pins: dict[str, str]) -> None:
    """One pin a line, sorted."""
    lines = [f"{name}=={version}" for name, version in sorted(pins.items())]
    (ROOT / file).write_text("\n".join([head, *lines, ""]))


def main() -> None:
    """The files; each holds only what those before it do not."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    runtime = closure(setup["options"]["install_requires"].split("\n")[1:])
    tests = closure([*setup["options.extras_require"]["test"].split("\n")[1:], *BUILD])
    write("requirements.txt", "# Pinned by scripts/pins.py for Python 3.11; runtime.", runtime)
    kit = closure(setup["options.extras_require"]["kit"].split("\n")[1:])
    write("requirements-kit.txt", "# Pinned by scripts/pins.py; geodata and the commands on files alone.", kit)
    more = {name: version for name, version in tests.items() if name not in runtime}
    write("requirements-test.txt", "# Pinned by scripts/pins.py; tests and building.\n-r requirements.txt", more)
    try:
        peers = closure(setup["options.extras_require"]["bench"].split("\n")[1:])
    except SystemExit as missing:
        print(f"requirements-bench.txt stays as it is: {missing}")  # noqa: T201  # only who measures has them
        return
    only = {name: version for name, version in peers.items() if name not in {**runtime, **tests}}
    head = "# Pinned by scripts/pins.py; what drawings are measured against.\n-r requirements-test.txt"
    write("requirements-bench.txt", head, only)


main()
