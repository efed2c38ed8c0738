"""Compiles `gridapp/translations/<room>/<language>/LC_MESSAGES/messages.po`; a `.mo` is written beside and renamed."""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_all(rooms: Path) -> int:
    """Compiles what changed since it was last compiled; returns how many files that were.

    Raises:
        ValueError: a translation does not fit its message; the text names file and line.
    """
    stale = [file for file in sorted(rooms.glob("*/*/LC_MESSAGES/messages.po")) if _is_stale(file)]
    for file in stale:
        _compile(file)
    return len(stale)


def _is_stale(file: Path) -> bool:
    compiled = file.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < file.stat().st_mtime


def _compile(file: Path) -> None:
    with file.open("rb") as source:
        catalogue = read_po(source, locale=file.parents[1].name, abort_invalid=True)
    for message, faults in catalogue.check():
        raise ValueError(f"{file}:{message.lineno}: {faults[0]}")
    beside = file.with_suffix(".mo.new")
    with beside.open("wb") as target:
        write_mo(target, catalogue)
    beside.rename(file.with_suffix(".mo"))


if __name__ == "__main__":
    rooms = Path(__file__).parents[1] / "gridapp" / "translations"
    sys.stdout.write(f"{compile_all(rooms)} translations compiled\n")
