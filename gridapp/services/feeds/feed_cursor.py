"""Cursors of the feed: opaque to phones, signed, because what they say of a reader's former scope is believed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import uuid
from dataclasses import dataclass

import orjson
from flask import current_app

from gridapp.access import Principal
from gridapp.errors import Problem, invalid

PARTS = 5
MAC = 15
_SNAPSHOT = re.compile(r"\A[0-9]{1,20}:[0-9]{1,20}:[0-9,]{0,4000}\Z")


@dataclass(frozen=True)
class Cursor:
    """Where a reader stands.

    Attributes:
        epoch: the log's epoch; another one means that the log was replaced, as by a restore.
        scope: the reader, with the areas, posts and unit by which things are theirs; see ``Mark``.
        seen: snapshot up to which all is known.
        until: snapshot that a page in progress was cut from, or None.
        last: last row of that page, or the place in a pass over what is there or no longer seen.
    """

    epoch: str
    scope: str
    seen: str
    until: str | None = None
    last: str | None = None

    def encode(self) -> str:
        """Opaque text."""
        parts = orjson.dumps([self.epoch, self.scope, self.seen, self.until, self.last])
        return f"{_text(parts)}.{_text(_mac(parts))}"


@dataclass(frozen=True)
class Mark:
    """By what things are a reader's: whose eyes, which areas, which posts and which unit."""

    person: str
    areas: tuple[int, ...]
    posts: tuple[uuid.UUID, ...]
    unit: uuid.UUID | None

    @classmethod
    def of(cls, who: Principal) -> Mark:
        """Of a person as they are signed in now."""
        areas, posts = tuple(sorted(set(who.scope_ids))), tuple(sorted(who.post_ids))
        return cls(f"{who.person_id}/{who.role}", areas, posts, who.unit_id)

    @classmethod
    def read(cls, text: str) -> Mark:
        """From a cursor, whose signature was checked."""
        person, areas, posts, unit = text.split("|")
        return cls(
            person,
            tuple(map(int, filter(None, areas.split(",")))),
            tuple(map(uuid.UUID, filter(None, posts.split(",")))),
            uuid.UUID(unit) if unit else None,
        )

    def encode(self) -> str:
        """As a cursor keeps it."""
        areas, posts = ",".join(map(str, self.areas)), ",".join(map(str, self.posts))
        return f"{self.person}|{areas}|{posts}|{self.unit or ''}"


def not_ours() -> Problem:
    """What is sent is no cursor."""
    return invalid(since=("unknown", "Send the cursor as it was answered, or none.", "请原样发送游标，或不发送。"))


def decode(text: str) -> Cursor:
    """Read a cursor.

    Raises:
        Problem: ``invalid`` where it is none of ours; ``cursor_too_old`` where another key has signed it, or none.
    """
    body, _, mac = text.partition(".")
    parts = _bytes(body)
    try:
        told = orjson.loads(parts)
    except ValueError as error:
        raise not_ours() from error
    if not isinstance(told, list) or len(told) != PARTS or not all(p is None or isinstance(p, str) for p in told):
        raise not_ours()
    cursor = Cursor(*told)
    if any(snapshot is not None and not _SNAPSHOT.match(snapshot) for snapshot in (cursor.seen, cursor.until)):
        raise not_ours()
    if not hmac.compare_digest(_mac(parts), _bytes(mac)):
        raise Problem("cursor_too_old")
    return cursor


def _mac(parts: bytes) -> bytes:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, b"feed cursor 2 " + parts, hashlib.sha256).digest()[:MAC]


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
    except (ValueError, binascii.Error) as error:
        raise not_ours() from error
