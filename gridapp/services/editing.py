"""What every edit at a desk shares: versions seen, and what an edit changed."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from flask import current_app

from gridapp.errors import Problem
from gridapp.services import audit


def refuse_stale(kind: str, subject: object, version: int, seen: int) -> None:
    """Refuse an edit of something that somebody else changed since it was seen.

    Raises:
        Problem: ``changed_meanwhile``, naming who and when where that is on record.
    """
    if version == seen:
        return
    name, at = audit.last_change(kind, subject)
    raise Problem(
        "changed_meanwhile",
        who=name or ("Somebody", "其他人"),
        action=("edit", "修改"),
        when=local_time(at) if at else ("just now", "刚才"),
    )


def local_time(at: dt.datetime) -> str:
    """A time as people at the desk read it."""
    return at.astimezone(current_app.extensions["settings"].timezone).strftime("%Y-%m-%d %H:%M")


def differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """Old and new value of what differs, as the audit list keeps them."""
    return {name: [_plain(old), _plain(after[name])] for name, old in before.items() if old != after[name]}


def _plain(value: object) -> object:
    return str(value) if isinstance(value, uuid.UUID) else value
