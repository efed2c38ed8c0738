"""Zip archives from strangers: looked through by their table of contents before anything is unpacked."""

from __future__ import annotations

import os
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from geodata.errors import FileBroken, UnsafeArchive
from geodata.io.limits import DEFAULT, MB, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

WANTED = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg", ".geojson", ".json", ".gpkg", ".kml", ".parquet"})
SMALL = 20 * MB  # below it a high ratio is harmless: tables of blanks pack well
ENCRYPTED, UTF8_NAME = 0x1, 0x800
LONGEST = 200
END, END_LENGTH, LONGEST_COMMENT = b"PK\x05\x06", 22, 65535
LOCATOR, LOCATOR_LENGTH = b"PK\x06\x07", 20  # of ZIP64, which a layer does not need
ENTRY = 1000  # bytes of an entry with a long name
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)


def check_archive(path: Path, limits: Limits = DEFAULT) -> None:
    """Raise UnsafeArchive, FileTooLarge or FileBroken by the table of contents alone."""
    _check_contents_size(path, limits)
    with _opened(path) as archive:
        members = archive.infolist()
        if len(members) > limits.members:
            raise _unsafe(path, f"it holds {len(members)} files", f"包含 {len(members)} 个文件")
        for member in members:
            _check_member(path, member, limits)
        limits.check_unpacked(sum(member.file_size for member in members), path.name)


@contextmanager
def unpacked(path: Path, limits: Limits = DEFAULT) -> Iterator[list[Path]]:
    """The parts of layers in a checked archive, in a temporary folder that is removed afterwards."""
    check_archive(path, limits)
    with tempfile.TemporaryDirectory(prefix="layer-") as folder, _opened(path) as archive:
        yield [part for member in archive.infolist() if (part := _extracted(path, archive, member, Path(folder)))]


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except BROKEN as error:
        raise FileBroken(file=path.name, format="ZIP", why=error) from error
    with archive:
        yield archive


def _check_contents_size(path: Path, limits: Limits) -> None:
    """Refuse a table of contents that would fill the memory when it is read whole, as zipfile does."""
    with path.open("rb") as file:
        file.seek(-min(path.stat().st_size, END_LENGTH + LONGEST_COMMENT), os.SEEK_END)
        tail = file.read()
    end = tail.rfind(END)
    if end < 0 or len(tail) - end < END_LENGTH:
        raise FileBroken(file=path.name, format="ZIP", why="it is cut off at the end", why_zh="文件末尾不完整")
    (size,) = struct.unpack_from("<I", tail, end + 12)
    if tail[max(end - LOCATOR_LENGTH, 0) :].startswith(LOCATOR) or size > limits.members * ENTRY:
        raise _unsafe(path, "its table of contents is too large", "目录过大")


def _unsafe(path: Path, why: str, why_zh: str) -> UnsafeArchive:
    return UnsafeArchive(file=path.name, why=why, why_zh=why_zh)


def _check_member(path: Path, member: zipfile.ZipInfo, limits: Limits) -> None:
    name = _name(member)
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if ".." in parts or name.startswith(("/", "\\")) or ":" in name or "\0" in member.orig_filename:
        raise _unsafe(path, f"“{name}” would leave its folder", f"“{name}”会写到目录之外")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise _unsafe(path, f"“{name}” is a link", f"“{name}”是链接")
    if member.flag_bits & ENCRYPTED:
        raise _unsafe(path, "it is protected by a password", "已设密码")
    if member.file_size > SMALL and member.file_size > limits.ratio * max(member.compress_size, 1):
        size = member.file_size // MB
        raise _unsafe(path, f"“{name}” would swell to {size} MB", f"“{name}”解压后将膨胀到 {size} MB")


def _name(member: zipfile.ZipInfo) -> str:
    """The name as it was meant: without the UTF-8 flag, Windows in China writes GBK."""
    if member.flag_bits & UTF8_NAME:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return member.filename


def _extracted(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> Path | None:
    name = PurePosixPath(_name(member).replace("\\", "/"))
    if member.is_dir() or name.suffix.lower() not in WANTED or name.parts[0] == "__MACOSX":
        return None
    inside = folder / f"{zlib.crc32(str(name.parent).encode()):08x}"
    inside.mkdir(exist_ok=True)
    target = inside / (name.stem.encode()[:LONGEST].decode(errors="ignore") + name.suffix.lower())
    try:
        with archive.open(member) as source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy, MB)  # zipfile gives no more bytes than the entry declares
    except (*BROKEN, RuntimeError) as error:
        raise FileBroken(file=path.name, format="ZIP", why=error) from error
    return target
