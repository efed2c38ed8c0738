"""The documents and the code say the same."""

from __future__ import annotations

import configparser
import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from gridapp.access import ROLES
from gridapp.app import create_app
from gridapp.cli import ROOMS
from gridapp.config import PREFIX, Settings, read_settings
from gridapp.models import Base
from gridapp.workflow import RULES, STAGES
from mobile_api import CALLS
from mobile_api.openapi import document, path_of
from scripts.docs.pages import PAGES, PARTS, filled, parts_of

ROOT = Path(__file__).parents[2]
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text() for page in PAGES}
README, ARCHITECTURE = TEXTS["README.md"], TEXTS["docs/architecture.md"]
ALL = "\n".join(TEXTS.values())
SETTINGS = {PREFIX + name.upper() for name in Settings.model_fields}
OF_TESTS = {"GRIDAPP_SHARED_DATA", "GRIDAPP_TEST_INSTANCE", "GRIDAPP_NAME"}
MEASURE = re.compile(r"\d[\d,.]* ?(?:/s\b|ms\b|requests a second|a second\b|MB/s\b)")


def rows_of(text: str, part: str) -> list[list[str]]:
    """Cells of the table in a marked part, without its head."""
    made = text.partition(f"<!-- made: {part} -->")[2].partition("<!-- /made -->")[0]
    lines = [line for line in made.splitlines() if line.startswith("|")]
    return [[cell.strip(" `") for cell in line.strip("|").split(" | ")] for line in lines[2:]]


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_made_from_the_code_is_fresh(name: str) -> None:
    assert TEXTS[name] == filled(TEXTS[name]), "run: make docs"


def test_every_part_stands_somewhere() -> None:
    assert {part for text in TEXTS.values() for part in parts_of(text)} == set(PARTS)


def test_the_readme_has_every_setting_and_no_other() -> None:
    assert {row[0] for row in rows_of(README, "settings")} == SETTINGS
    assert set(re.findall(r"\bGRIDAPP_[A-Z_]+\b", ALL)) <= SETTINGS | OF_TESTS
    assert all(field.description for field in Settings.model_fields.values())


def test_the_architecture_has_every_action_stage_and_role() -> None:
    rows = rows_of(ARCHITECTURE, "stages")
    assert [row[0] for row in rows] == [rule.action for rule in RULES]
    assert {word for row in rows for cell in row[2:4] for word in re.findall(r"\w+", cell)} >= set(STAGES)
    assert all(role in ARCHITECTURE for role in ROLES)


def commands(room: str) -> Iterator[tuple[str, click.Command]]:
    """The command of a room, and those below it."""
    command: click.Command = importlib.import_module(f"gridapp.cli.{room}").command
    yield f"gridapp {room}", command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield f"gridapp {room} {name}", below


@pytest.mark.parametrize("room", ROOMS)
def test_the_readme_names_every_command_with_those_below_it(room: str) -> None:
    [told] = [row[0] for row in rows_of(README, "commands") if row[0].split("`")[0] == f"gridapp {room}"]
    below = {name.split()[-1] for name, _ in commands(room)}
    assert set(re.findall(r"\w+", told)) == {"gridapp", room} | below
    promised = set(re.findall(r"[a-z]+", ROOMS[room].partition(": ")[2])) - {"and"}
    assert promised <= below


def test_no_document_names_a_command_that_there_is_not() -> None:
    told = set(re.findall(r"(?:^|`)gridapp (\w+)(?: (\w+))?", ALL, re.MULTILINE))
    assert {room for room, _ in told} <= set(ROOMS)
    groups = {room: dict(commands(room)) for room, name in told if name}
    below = [f"gridapp {room} {name}" for room, name in told if name and len(groups[room]) > 1]
    assert [name for name in below if name not in groups[name.split(" ")[1]]] == []


def test_every_call_is_described_and_named() -> None:
    named = {row[0] for row in rows_of(TEXTS["docs/mobile-api.md"], "calls")}
    assert named == {f"{one.method} {one.rule}" for one in CALLS}
    described = document()["paths"]
    assert [one.name for one in CALLS if one.method.lower() not in described.get(path_of(one), {})] == []


def test_every_table_is_in_the_data_model() -> None:
    assert set(re.findall(r"^### `(\w+)`$", TEXTS["docs/data-model.md"], re.MULTILINE)) == set(Base.metadata.tables)


def test_every_library_has_its_reason() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    asked = setup["options"]["install_requires"] + setup["options.extras_require"]["test"]
    names = [re.split(r"[\[<>=~! ]", line)[0] for line in asked.split("\n") if line]
    vendored = json.loads((ROOT / "gridapp" / "static" / "vendor" / "manifest.json").read_text())
    names += [entry["name"] for entry in vendored]
    reasons = plain(TEXTS["docs/dependencies.md"].partition("## Left out")[0])
    assert [name for name in names if not re.search(rf"(?<![\w-]){re.escape(plain(name))}(?![\w-])", reasons)] == []


def plain(words: str) -> str:
    """As package indexes compare names."""
    return words.lower().replace("_", "-")


def test_links_and_pictures_lead_somewhere() -> None:
    dead = []
    for name, text in TEXTS.items():
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)|src=\"([^\"]+)\"", text):
            path = "".join(target)
            if not path.startswith("http") and not ((ROOT / name).parent / path).exists():
                dead.append(f"{name}: {path}")
    assert dead == []


def test_files_and_targets_that_are_named_exist() -> None:
    paths = re.findall(r"`((?:gridapp|geodata|mobile_api|tests|scripts|bench|docs|templates)/[\w./-]+)`", ALL)
    assert [path for path in paths if not (ROOT / path).exists()] == []
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", ALL, re.MULTILINE)) <= set(targets)


def test_pages_that_are_named_are_addresses_of_the_program(tmp_path: Path) -> None:
    addresses = create_app(read_settings(instance=tmp_path)).url_map.bind("localhost")
    named = set(re.findall(r"`(/[a-z][\w/.-]*)`", ALL)) - {"/root", "/tmp", "/api/v1"}  # noqa: S108  # no pages
    calls = {call.removeprefix("/api/v1") for call in document()["paths"]}
    assert sorted(page for page in named - calls if not addresses.test(page)) == []


def rooms() -> Iterator[str]:
    """Folders with code at the top and one below."""
    for top in ("gridapp", "geodata"):
        folders = sorted(path for path in (ROOT / top).iterdir() if path.is_dir() and not path.name.startswith("_"))
        yield from (f"{top}/{path.name}" for path in folders if any(path.iterdir()))
    yield from ("mobile_api", "templates", "tests", "bench", "scripts")


def test_every_folder_has_its_line() -> None:
    lines = re.findall(r"^\| `([\w/]+)` \|", ARCHITECTURE, re.MULTILINE)
    assert sorted(set(rooms()) - set(lines)) == []
    assert [folder for folder in lines if "/" in folder and not (ROOT / folder).is_dir()] == []


def test_figures_stand_only_where_it_is_said_how_they_were_measured() -> None:
    before, rest = TEXTS["docs/measurements.md"].split("<!-- measured -->")
    figures, after = rest.split("<!-- /measured -->")
    assert "`make bench`" in figures
    assert "|" not in figures or re.search(r"^Measured on .+", figures, re.MULTILINE)
    assert MEASURE.findall(before + after + README) == []
