"""How much one file may ask of us, and the checks that come before its content is looked at."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geodata.errors import FileEmpty, FileMissing, FileTooLarge, NotAFile

if TYPE_CHECKING:
    from pathlib import Path

MB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bytes as they lie on the disk, bytes unpacked, members and packing ratio of an archive, features or rows, pieces.

    GeoJSON is read whole: also unpacked it may have as many bytes as on the disk, and so many pieces, for a text of
    empty objects swells to thirty times its size. Eight million vertices have as many pieces, in 200 MB.
    """

    packed: int = 200 * MB
    unpacked: int = 1024 * MB
    members: int = 1000
    ratio: int = 200
    features: int = 2_000_000
    pieces: int = 25_000_000

    def check_unpacked(self, size: int, name: str) -> None:
        """Raise FileTooLarge where `size` bytes, as a file declares them, are more than may be unpacked."""
        if size > self.unpacked:
            raise too_large(size, self.unpacked, name)


DEFAULT = Limits()


def too_large(size: int, limit: int, name: str) -> FileTooLarge:
    """The error that says `size` and `limit`, both in bytes, in megabytes."""
    return FileTooLarge(file=name, size_mb=-(-size // MB), limit_mb=limit // MB)


def check_file(path: Path, limits: Limits = DEFAULT) -> None:
    """Raise FileMissing, NotAFile, FileEmpty or FileTooLarge for what need not be opened at all."""
    try:
        found = path.stat()
    except (OSError, ValueError) as error:  # a null byte in the name is a ValueError
        raise FileMissing(file=str(path)) from error
    if not stat.S_ISREG(found.st_mode):
        raise NotAFile(file=path.name)
    if not found.st_size:
        raise FileEmpty(file=path.name)
    if found.st_size > limits.packed:
        raise too_large(found.st_size, limits.packed, path.name)
