"""MP4 films: the boxes of the file are walked, not its pictures; metadata is taken out without moving a byte.

ISO/IEC 14496-12: a box is a length, a type and its content. Places and makers stand in ``udta``, ``meta`` and ``uuid``
boxes, of the film or of a track; renamed to ``free`` they mean nothing, and every offset stays right.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

BRANDS = frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"3gp4", b"3gp5"})
TELLING = frozenset({b"udta", b"meta", b"uuid"})
NESTED = frozenset({b"moov", b"trak"})
MOST_BOXES = 10_000
SHORT, LONG = 8, 16


@dataclass(frozen=True)
class Box:
    """A box by its type, where it begins, where its content begins and where it ends."""

    kind: bytes
    start: int
    content: int
    end: int


def is_film(path: Path) -> bool:
    """Whether the boxes fill the file and name a film with its index."""
    with path.open("rb") as file:
        kinds = [box.kind for box in _boxes(file, 0, path.stat().st_size)]
    return b"moov" in kinds and b"mdat" in kinds and b"" not in kinds


def without_metadata(source: Path, target: BinaryIO) -> None:
    """Copy a film without what it says about place and device."""
    with source.open("rb") as file:
        shutil.copyfileobj(file, target)
        size = file.tell()
        for start in list(_telling(file, 0, size)):
            target.seek(start + 4)
            target.write(b"free")


def _telling(file: BinaryIO, start: int, end: int) -> Iterator[int]:
    for box in _boxes(file, start, end):
        if box.kind in TELLING:
            yield box.start
        elif box.kind in NESTED:
            yield from _telling(file, box.content, box.end)


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """Boxes one after the other; ends early where a length cannot be, with a last box of no type."""
    for _ in range(MOST_BOXES):
        if start >= end:
            return
        box = _box(file, start, end)
        if box is None:
            break
        yield box
        start = box.end
    yield Box(b"", start, start, end)


def _box(file: BinaryIO, start: int, end: int) -> Box | None:
    file.seek(start)
    head = file.read(LONG)
    if len(head) < SHORT:
        return None
    length, content = int.from_bytes(head[:4]), SHORT
    if length == 1:
        length, content = int.from_bytes(head[8:16]), LONG
    length = length or end - start
    if length < content or start + length > end:
        return None
    return Box(head[4:8], start, start + content, start + length)
