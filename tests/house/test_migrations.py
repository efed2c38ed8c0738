"""Migrations are named by their dates and lie in the order in which they run; each can be taken back."""

from __future__ import annotations

import re
from pathlib import Path

from alembic.script import Script, ScriptDirectory

FOLDER = Path(__file__).parents[2] / "gridapp" / "migrations"
NAME = re.compile(r"\A(\d{8}_\d{4})_[a-z0-9_]+\.py\Z")


def in_order() -> list[Script]:
    """From the first to the newest."""
    return list(ScriptDirectory(str(FOLDER)).walk_revisions())[::-1]


def test_names_are_dated_and_in_the_order_of_the_revisions() -> None:
    names = [Path(one.path).name for one in in_order()]
    assert [name for name in names if not NAME.match(name)] == []
    assert names == sorted(names)
    assert names == sorted(path.name for path in (FOLDER / "versions").glob("*.py"))


def test_there_is_one_line_without_branches() -> None:
    directory = ScriptDirectory(str(FOLDER))
    assert len(directory.get_heads()) == 1
    assert [one.down_revision for one in in_order()] == [None, *(one.revision for one in in_order()[:-1])]


def test_each_says_what_it_is_for_and_can_be_taken_back() -> None:
    for one in in_order():
        assert one.doc, one.path
        assert callable(one.module.upgrade), one.path
        assert callable(one.module.downgrade), one.path
