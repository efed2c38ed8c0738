"""The pages and their marked parts: what stands between two marks is made, the rest is written by hand."""

import re
from collections.abc import Callable
from pathlib import Path

from scripts.docs import model, tables

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

PARTS: dict[str, Callable[[], str]] = {
    "settings": tables.settings,
    "commands": tables.commands,
    "floors": tables.floors,
    "server": tables.server,
    "stages": tables.stages,
    "permissions": tables.permissions,
    "calls": tables.calls,
    "model": model.overview,
    "columns": model.columns,
}

_PART = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- /made -->)", re.DOTALL)


def filled(text: str) -> str:
    """The page with every marked part made anew.

    Raises:
        KeyError: a mark names a part that there is not.
    """
    return _PART.sub(lambda found: f"{found[1]}{PARTS[found[2]]()}\n{found[3]}", text)


def parts_of(text: str) -> list[str]:
    """Names of the marked parts of a page."""
    return [found[2] for found in _PART.finditer(text)]
