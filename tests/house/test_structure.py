"""The house rules that a linter does not know: lengths, one setter, one commit, one place for each decision."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from gridapp import doors

ROOT = Path(__file__).parents[2]
ROOMS = ("gridapp", "geodata", "mobile_api", "tests", "bench", "scripts")
SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts)
PROGRAM = [path for path in SOURCES if path.relative_to(ROOT).parts[0] in ("gridapp", "geodata", "mobile_api")]
LONGEST_FILE = 300
LONGEST_FUNCTION = 50


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def places(pattern: str, *, allowed: tuple[str, ...]) -> list[str]:
    """Lines of the program that match, apart from the rooms where they belong."""
    found = re.compile(pattern)
    return [
        f"{name(path)}:{number}"
        for path in PROGRAM
        if not name(path).startswith(allowed)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if found.search(line)
    ]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_is_longer_than_a_person_reads() -> None:
    long = {name(p): n for p in SOURCES if (n := len(p.read_text().splitlines())) > LONGEST_FILE}
    assert long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {f"{name(p)}:{f}": n for p in SOURCES for f, n in functions(p) if n > LONGEST_FUNCTION}
    assert long == {}


def assigned(path: Path) -> Iterator[str]:
    """Attributes that a file assigns."""
    for node in ast.walk(ast.parse(path.read_text())):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        yield from (target.attr for target in targets if isinstance(target, ast.Attribute))


def test_only_the_one_setter_moves_a_stage() -> None:
    assert [name(p) for p in PROGRAM if {"stage", "outcome"} & set(assigned(p))] == []
    assert places(r"setattr\(task", allowed=("gridapp/services/tasking/tasks.py",)) == []


def test_only_one_place_commits() -> None:
    assert places(r"session\.commit\(|\.commit\(\)", allowed=("gridapp/db.py",)) == []


def numbers(path: Path) -> set[int]:
    return {
        n.value for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Constant) and type(n.value) is int
    }


def test_only_one_room_knows_folium_and_only_one_knows_projections_by_number() -> None:
    assert places(r"^\s*(import|from) folium", allowed=("gridapp/web/maps.py",)) == []
    projected = {3857, *range(4490, 4555), *range(32601, 32661)}
    assert [name(p) for p in PROGRAM if projected & numbers(p) and name(p) != "geodata/crs.py"] == []


def test_nothing_is_left_for_later() -> None:
    later = re.compile(
        "|".join((r"\bTO" + r"DO\b", r"\bFIX" + r"ME\b", r"@pytest\.mark\.xfail", r"raise NotImpl" + "emented"))
    )
    assert [name(p) for p in SOURCES if later.search(p.read_text())] == []


def test_no_address_of_another_host_is_needed_when_running() -> None:
    pattern = re.compile(
        r"https?://[^\s\"'<>]*(cdn|unpkg|jsdelivr|googleapis|cdnjs|openstreetmap\.org|tile\.)", re.IGNORECASE
    )
    shown = [p for room in ("gridapp", "templates", "mobile_api") for p in (ROOT / room).rglob("*") if p.is_file()]
    texts = [p for p in shown if p.suffix in (".py", ".html", ".js", ".css") and "vendor" not in p.parts]
    assert [name(p) for p in texts if pattern.search(p.read_text())] == []


def test_an_endpoint_that_nobody_thought_about_does_not_start() -> None:
    app = Flask("half")
    app.add_url_rule("/open", "open", lambda: "open")
    with pytest.raises(RuntimeError, match="open"):
        doors.check_closed(app)
