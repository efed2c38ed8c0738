"""Photos on disk by their SHA-256, in ``instance/photos``: written beside, synced, renamed, never whole in memory."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gridapp.errors import Problem

CHUNK = 1 << 16
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
FULL_WAIT = 60


@dataclass(frozen=True)
class Received:
    """Bytes that arrived, not yet kept."""

    path: Path
    size: int
    sha256: str


def path_of(instance: Path, sha256: str, derived: str = "") -> Path:
    """Where a photo lies; ``derived`` names a picture made of it, such as ``.thumb``."""
    return instance / "photos" / sha256[:2] / f"{sha256}{derived}"


@contextmanager
def receiving(instance: Path, stream: BinaryIO, limit: int) -> Iterator[Received]:
    """Write a stream beside; what is not kept by ``keep`` until the end is gone.

    Raises:
        Problem: ``too_large`` beyond ``limit`` bytes, ``busy`` where the disk is full.
    """
    with full_is_busy():
        folder = _folder(instance / "photos" / "incoming")
        descriptor, name = tempfile.mkstemp(dir=folder)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            size, sha256 = _copy(stream, file, limit)
        yield Received(path, size, sha256)
    finally:
        path.unlink(missing_ok=True)


def _copy(stream: BinaryIO, file: BinaryIO, limit: int) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise Problem("too_large", limit=f"{limit // 1_000_000} MB")
        digest.update(chunk)
        with full_is_busy():
            file.write(chunk)
    with full_is_busy():
        file.flush()
        os.fsync(file.fileno())
    return size, digest.hexdigest()


def keep(source: Path, target: Path) -> None:
    """Give synced bytes their name, for good: the folder is synced too."""
    with full_is_busy():
        _folder(target.parent)
        source.replace(target)
        _sync(target.parent)


def link(source: Path, target: Path) -> None:
    """Give synced bytes a second name, for good; the first one is the caller's to take away."""
    with full_is_busy():
        folder = _folder(target.parent)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".link.") as aside:
            name = Path(aside, target.name)
            os.link(source, name)
            name.replace(target)
        _sync(folder)


@contextmanager
def writing(target: Path) -> Iterator[BinaryIO]:
    """Write a file beside and give it its name when the block ends well.

    Raises:
        Problem: ``busy`` where the disk is full.
    """
    with full_is_busy():
        descriptor, name = tempfile.mkstemp(dir=_folder(target.parent))
    path = Path(name)
    try:
        with full_is_busy(), os.fdopen(descriptor, "wb") as file:
            yield file
        path.replace(target)
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def full_is_busy() -> Iterator[None]:
    """A full disk is no fault of the sender's: the phone keeps the photo and tries again."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise Problem("busy", seconds=FULL_WAIT, headers={"Retry-After": str(FULL_WAIT)}) from error


def _folder(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
