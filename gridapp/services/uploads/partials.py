"""Parts of photos on disk, in ``instance/photos/partial``: one file a person and photo, whose size is the offset.

What lies in the file has arrived, whatever was killed meanwhile; the announced length is in its name. Parts go in
under a lock that is held for one write only, at the place where the sender says that they belong: two senders of the
same photo cannot mix their bytes, and one who was cut off holds up nobody.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gridapp.errors import Problem
from gridapp.services.pictures.photo_files import full_is_busy
from gridapp.timesource import now

PAUSE_SECONDS = 0.01
MOST_PAUSES = 100
INCOMING_DAYS = 1


@dataclass(frozen=True)
class Partial:
    """A photo of which a part is here.

    Attributes:
        path: its file.
        length: bytes that it will have.
    """

    path: Path
    length: int

    @property
    def offset(self) -> int:
        """Bytes that are here."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def drop(self) -> None:
        """Forget it."""
        self.path.unlink(missing_ok=True)


def find(instance: Path, person: uuid.UUID, sha256: str) -> Partial | None:
    """What is here of a photo from this person."""
    found = [Partial(path, int(path.name.partition("-")[2])) for path in _files(instance, person, sha256)]
    return max(found, key=lambda partial: partial.offset, default=None)


def begin(instance: Path, person: uuid.UUID, sha256: str, length: int) -> Partial:
    """An empty one; what was here under another length is dropped.

    Raises:
        Problem: ``busy`` where the disk is full.
    """
    folder = _folder(instance, person)
    path = folder / f"{sha256}-{length}"
    for other in _files(instance, person, sha256):
        if other != path:
            other.unlink(missing_ok=True)
    with full_is_busy():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    return Partial(path, length)


def wrong_offset(offset: int) -> Problem:
    """The sender is told where to go on."""
    return Problem("wrong_offset", offset=offset, headers={"Upload-Offset": str(offset)})


class Writer:
    """Writes at the end of a partial photo, in as many steps as the wire brings."""

    def __init__(self, partial: Partial, descriptor: int) -> None:
        self._partial = partial
        self._descriptor = descriptor

    def write(self, chunk: bytes, position: int) -> None:
        """Append bytes that belong at ``position``.

        Raises:
            Problem: ``wrong_offset`` where somebody else was faster, ``busy`` where the disk is full; what did find
                room is kept, and the file's size says how much that is.
        """
        with self._locked():
            if os.fstat(self._descriptor).st_size != position or not self._is_there():
                raise wrong_offset(self._partial.offset)
            rest = memoryview(chunk)
            while rest:
                with full_is_busy():
                    rest = rest[os.write(self._descriptor, rest) :]

    def _is_there(self) -> bool:
        """Whether the name still leads to this very file."""
        try:
            return self._partial.path.stat().st_ino == os.fstat(self._descriptor).st_ino
        except FileNotFoundError:
            return False

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Among processes and within one; waiting lets a gevent process serve others."""
        for _ in range(MOST_PAUSES):
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(PAUSE_SECONDS)
        else:
            raise Problem("busy", seconds=1, headers={"Retry-After": "1"})
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)


@contextmanager
def appending(partial: Partial) -> Iterator[Writer]:
    """A writer; what it wrote is on disk when the block ends, however it ends."""
    try:
        descriptor = os.open(partial.path, os.O_WRONLY | os.O_APPEND)
    except FileNotFoundError:
        raise wrong_offset(0) from None
    try:
        yield Writer(partial, descriptor)
    finally:
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def clear(instance: Path, days: int) -> int:
    """Drop parts that nobody went on with for so many days, and what killed processes left of photos in one go.

    Returns:
        How many files went.
    """
    photos = instance / "photos"
    old = _older(photos.glob("partial/*/*"), days) + _older(photos.glob("incoming/*"), INCOMING_DAYS)
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _older(paths: Iterator[Path], days: int) -> list[Path]:
    before = (now() - dt.timedelta(days=days)).timestamp()
    found = []
    for path in paths:
        try:
            if path.stat().st_mtime < before:
                found.append(path)
        except FileNotFoundError:  # finished meanwhile
            continue
    return found


def _folder(instance: Path, person: uuid.UUID) -> Path:
    return instance / "photos" / "partial" / str(person)


def _files(instance: Path, person: uuid.UUID, sha256: str) -> list[Path]:
    return list(_folder(instance, person).glob(f"{sha256}-*"))
