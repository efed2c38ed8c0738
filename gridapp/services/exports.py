"""Exports that take long: asked for on a page, made by a job, fetched by whoever asked, dropped after some days."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select

from gridapp.access import Principal
from gridapp.config import Settings
from gridapp.db import flush, session
from gridapp.errors import Problem, invalid
from gridapp.models import ExportOrder, Grid
from gridapp.services import audit
from gridapp.services.drafts import Day, Draft, Line
from gridapp.services.ground.areas import area_by_code
from gridapp.services.orders import task_export
from gridapp.services.scope import in_scope
from gridapp.services.staff.posts import midnight
from gridapp.timesource import now

SHOWN = 50
TRIES = 3


class ExportDraft(Draft):
    """What is asked for: tasks reported from a day on until another, below an area of the scope, in a form."""

    area: Line
    since: Day | None = None
    until: Day | None = None
    form: Literal["csv", "xlsx", "gpkg"] = "xlsx"


def ask(who: Principal, draft: ExportDraft, zone: ZoneInfo) -> ExportOrder:
    """Ask for an export.

    Raises:
        Problem: ``invalid`` by field.
    """
    area = area_by_code(who, draft.area, "area")
    if draft.since and draft.until and draft.until < draft.since:
        raise invalid(until=("too_early", "The end lies before the beginning.", "结束日期早于开始日期。"))
    until = midnight(draft.until + dt.timedelta(days=1), zone).isoformat() if draft.until else None
    since = midnight(draft.since, zone).isoformat() if draft.since else None
    params = {"area": area.code, "since": since, "until": until}
    order = ExportOrder(person_id=who.person_id, form=draft.form, params=params, asked_at=now())
    session.add(order)
    flush()
    audit.note(who, "export", "task", order.id, area.id, code=area.code)
    return order


def own(who: Principal) -> list[ExportOrder]:
    """What a person asked for, the latest first."""
    query = select(ExportOrder).where(ExportOrder.person_id == who.person_id)
    return list(session.scalars(query.order_by(ExportOrder.asked_at.desc(), ExportOrder.id).limit(SHOWN)))


def file_of(who: Principal, order_id: uuid.UUID) -> tuple[ExportOrder, Path]:
    """The file of an own export whose area is still in scope.

    Raises:
        Problem: ``not_found`` where there is none, or not yet, or not any more.
    """
    order = session.get(ExportOrder, order_id)
    if order is None or order.person_id != who.person_id or order.made_at is None or order.dropped_at is not None:
        raise Problem("not_found")
    seen = select(Grid.id).where(Grid.code == order.params["area"], in_scope(Grid.id, who))
    path = _path(order)
    if session.scalar(seen) is None or not path.is_file():
        raise Problem("not_found")
    return order, path


def next_waiting() -> uuid.UUID | None:
    """Lock the export that was asked for first, among those that nobody else is at."""
    waiting = select(ExportOrder.id).where(ExportOrder.made_at.is_(None), ExportOrder.failed_at.is_(None))
    return session.scalar(waiting.order_by(ExportOrder.asked_at).limit(1).with_for_update(skip_locked=True))


def make(order_id: uuid.UUID) -> None:
    """Write the file of an export; renamed into place, so that nobody fetches half of it.

    Raises:
        Problem: where its area is not there any more.
        CannotWrite: where the disk refuses.
    """
    order = session.get_one(ExportOrder, order_id)
    path = _path(order)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}")
    beside = beside.with_suffix(path.suffix)
    rows = task_export.export(beside, _time(order.params["since"]), _time(order.params["until"]), order.params["area"])
    beside.replace(path)
    order.made_at, order.rows, order.size, order.failure = now(), rows, path.stat().st_size, None
    flush()


def failed(order_id: uuid.UUID, words: str) -> None:
    """Note that making an export failed; after some tries it is given up."""
    order = session.get_one(ExportOrder, order_id, populate_existing=True)
    order.tries += 1
    order.failure = words[:500]
    order.failed_at = now() if order.tries >= TRIES else None
    flush()


def prune(before: dt.datetime) -> int:
    """Drop the files of exports that were made before a time; how many."""
    old = select(ExportOrder).where(ExportOrder.made_at < before, ExportOrder.dropped_at.is_(None))
    orders = session.scalars(old.with_for_update(skip_locked=True)).all()
    for order in orders:
        _path(order).unlink(missing_ok=True)
        order.dropped_at = now()
    flush()
    return len(orders)


def _path(order: ExportOrder) -> Path:
    settings: Settings = current_app.extensions["settings"]
    return settings.instance / "exports" / f"{order.id}.{order.form}"


def _time(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
