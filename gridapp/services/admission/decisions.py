"""Deciding: an item is admitted or not for an area from a day on; what was decided stays on record."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Literal

from flask import current_app

from gridapp.access import Principal
from gridapp.config import Settings
from gridapp.db import flush, session
from gridapp.errors import invalid
from gridapp.models import Admission, Grid
from gridapp.services import audit
from gridapp.services.admission import turns
from gridapp.services.drafts import Day, Draft, Line, Reason
from gridapp.services.editions import categories
from gridapp.services.ground.areas import area_by_code
from gridapp.timesource import now


class Ruled(Draft):
    """What an administrator decides of an item without an application; ``area`` is a code, ``until`` the last day."""

    item: Line
    area: Line
    verdict: Literal["admit", "revoke"]
    begins: Day
    until: Day | None = None
    words: Reason


def rule_item(who: Principal, draft: Ruled) -> Admission:
    """Admit an item for an area, or revoke its admission, from a day on.

    Raises:
        Problem: ``invalid`` by field.
    """
    area = area_by_code(who, draft.area, "area")
    admitted = draft.verdict == "admit"
    return record(who, draft.item, area, admitted=admitted, begins=draft.begins, until=draft.until, words=draft.words)


def record(
    who: Principal,
    item: str,
    area: Grid,
    *,
    admitted: bool,
    begins: dt.date,
    until: dt.date | None,
    words: str,
    application_id: uuid.UUID | None = None,
) -> Admission:
    """Put a decision on record.

    Raises:
        Problem: ``invalid`` for an unknown item or a day that is past.
    """
    categories.facts(item)
    start, end = _from(begins), _after(until)
    if end is not None and end <= start:
        raise invalid(until=("too_early", "The last day is before the first.", "截止日期早于生效日期。"))
    decision = Admission(
        id=uuid.uuid4(),
        category_code=item,
        grid_id=area.id,
        admitted=admitted,
        valid_from=start,
        valid_until=end,
        application_id=application_id,
        decided_by=who.person_id,
        decided_at=now(),
        words=words,
    )
    session.add(decision)
    flush()
    turns.show()
    deed = "admit" if admitted else "revoke_admission"
    audit.note(who, deed, "admission", decision.id, area.id, item=item, begins=begins.isoformat())
    return decision


def _zone() -> dt.tzinfo:
    settings: Settings = current_app.extensions["settings"]
    return settings.timezone


def _from(day: dt.date) -> dt.datetime:
    """The beginning of a day; today begins now.

    Raises:
        Problem: ``invalid`` for a day that is past: what was assigned before stays as it was.
    """
    at, zone = now(), _zone()
    today = at.astimezone(zone).date()
    if day < today:
        raise invalid(begins=("too_early", "Choose today or a later day.", "请选择今天或之后的日期。"))
    return at if day == today else dt.datetime.combine(day, dt.time(), zone)


def _after(day: dt.date | None) -> dt.datetime | None:
    """The end of a last day."""
    return None if day is None else dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), _zone())
