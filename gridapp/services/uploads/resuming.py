"""Sending a photo in parts: where to go on, the next part, and the end of it, when the whole is looked at and kept.

No transaction is open while bytes arrive: the database is asked before the first and told after the last. What arrived
whole but was not kept, because the server was killed or its disk was full, is kept when the phone asks where it stands.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gridapp.access import Principal
from gridapp.config import Settings
from gridapp.db import after_commit
from gridapp.errors import Problem, invalid
from gridapp.services.pictures import photo_files, photos
from gridapp.services.uploads import partials
from gridapp.services.uploads.aside import aside
from gridapp.services.uploads.partials import Partial, wrong_offset

CHUNK = 1 << 14
"""Bytes read at once; as many may be lost of those that arrived when a wire is cut."""


@dataclass(frozen=True)
class State:
    """How much of a photo is here, and how much there is."""

    offset: int
    length: int


@dataclass(frozen=True)
class Part:
    """What a sender says about a part: where it belongs, its bytes (None: until it ends), and the whole's length."""

    offset: int
    size: int | None
    length: int | None


def state(who: Principal, settings: Settings, sha256: str) -> State:
    """How much of a photo is here for this person.

    Raises:
        Problem: ``not_found`` where nothing is.
    """
    photos.check_name(sha256)
    partial = _find(who, settings, sha256)
    size = photos.size_of(who, sha256)  # after the part was looked for, which goes when the whole is here
    if size is not None:
        return State(size, size)
    if partial is None:
        raise Problem("not_found")
    found = State(partial.offset, partial.length)
    if found.offset == found.length:
        try:
            _keep(who, settings, sha256, partial)
        except Problem as problem:
            if problem.code == "busy":
                raise
            raise Problem("not_found") from problem
    return found


def append(who: Principal, settings: Settings, sha256: str, part: Part, stream: BinaryIO) -> int:
    """Take the next part of a photo; with the last one it is looked at and kept.

    Returns:
        The new offset.

    Raises:
        Problem: ``wrong_offset`` (the header says the right one), ``too_large``, ``invalid`` or ``wrong_type`` for what
            is no picture, ``checksum_differs``, both of which drop what was sent, or ``busy`` where the disk is full.
    """
    photos.check_name(sha256)
    partial = _find(who, settings, sha256)
    size = photos.size_of(who, sha256)
    if size is not None:
        if part.offset != size:
            raise wrong_offset(size)
        return size
    partial = _going_on(who, settings, sha256, part, partial)
    if part.size is not None and part.offset + part.size > partial.length:
        raise Problem("too_large", limit=f"{partial.length} B")
    offset = _receive(partial, part.offset, stream)
    if offset == partial.length:
        _keep(who, settings, sha256, partial)
    return offset


def _find(who: Principal, settings: Settings, sha256: str) -> Partial | None:
    return partials.find(settings.instance, _person(who), sha256)


def _person(who: Principal) -> uuid.UUID:
    if who.person_id is None:
        raise Problem("not_found")
    return who.person_id


def _going_on(who: Principal, settings: Settings, sha256: str, part: Part, partial: Partial | None) -> Partial:
    """The partial photo that the part belongs to, or a new one at its first."""
    if partial is not None and part.length not in (None, partial.length):
        partial = None
    present = partial.offset if partial else 0
    if part.offset != present:
        raise wrong_offset(present)
    if partial is not None:
        return partial
    if part.length is None:
        words = ("required", "Say the length of the whole with the first part.", "首个分段须注明总长度。")
        raise invalid(**{"Upload-Length": words})
    if part.length > settings.photo_max_bytes:
        raise Problem("too_large", limit=f"{settings.photo_max_bytes // 1_000_000} MB")
    return partials.begin(settings.instance, _person(who), sha256, part.length)


def _receive(partial: Partial, offset: int, stream: BinaryIO) -> int:
    """Write what comes as it comes: where the wire is cut, all before it is here."""
    with partials.appending(partial) as writer:
        while offset < partial.length:
            chunk = _read(stream, min(CHUNK, partial.length - offset))
            if not chunk:
                break
            writer.write(chunk, offset)
            offset += len(chunk)
    return offset


def _read(stream: BinaryIO, size: int) -> bytes:
    try:
        return stream.read(size)
    except OSError as error:  # the server's own word for a client that is gone
        raise Problem("bad_request", why=("it broke off", "连接中断")) from error


def _keep(who: Principal, settings: Settings, sha256: str, partial: Partial) -> None:
    """Look at the whole and keep it; what is no picture, or another one, is dropped.

    The part stays until the commit, so that a server that is killed in between has lost nothing.
    """
    try:
        facts = aside(lambda: _judge(partial.path, sha256, settings))
        photo_files.link(partial.path, photo_files.path_of(settings.instance, sha256))
    except FileNotFoundError:  # another request of the same phone was faster
        if photos.size_of(who, sha256) is None:
            raise wrong_offset(0) from None
        return
    except Problem as problem:
        if problem.code != "busy":
            partial.drop()
        raise
    photos.record(who, sha256, facts)
    after_commit(partial.drop)


def _judge(path: Path, sha256: str, settings: Settings) -> photos.Facts:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != sha256:
        raise Problem("checksum_differs")
    return photos.examine(path, settings)
