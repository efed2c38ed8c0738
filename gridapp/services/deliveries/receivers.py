"""Receivers as the desk keeps them: where they stand, what they are told, their secret, what became of messages."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from flask import current_app
from pydantic import AfterValidator, Field, StringConstraints
from sqlalchemy import case, func, select, text, update
from sqlalchemy.orm import joinedload

from gridapp.access import Principal
from gridapp.db import flush, session
from gridapp.errors import Problem, invalid
from gridapp.models import Delivery, DeliveryTry, Receiver
from gridapp.services import audit
from gridapp.services.deliveries import reach, signing
from gridapp.services.deliveries.messages import TYPES
from gridapp.services.drafts import CHOICE, Draft, Line, refuse
from gridapp.services.editing import differences, refuse_stale
from gridapp.services.ground.areas import area_by_code
from gridapp.services.paging import Page, page_of
from gridapp.services.scope import in_scope, the_one
from gridapp.timesource import now

OLD_SECRET_HOURS = 24
LOG = 50
SECRET = ("secret", "old_secret", "old_until")


def _known(value: str) -> str:
    if value not in TYPES:
        raise refuse("literal_error", *CHOICE)
    return value


def _address(value: str) -> str:
    try:
        reach.split(value)
    except reach.Unreachable as error:
        raise refuse("address", *error.words) from error
    return value


class ReceiverDraft(Draft):
    """What is typed of a receiver; ``area`` is the code of the area whose tasks it is told of."""

    name: Line
    url: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(_address)]
    events: Annotated[tuple[Annotated[str, AfterValidator(_known)], ...], Field(min_length=1)]
    origin: Line | None = None
    area: Line
    active: bool = False


def search(who: Principal, number: int = 1) -> Page[Receiver]:
    """Receivers whose area is in scope."""
    query = select(Receiver).options(joinedload(Receiver.scope_grid)).where(in_scope(Receiver.scope_grid_id, who))
    return page_of(query.order_by(Receiver.name, Receiver.id), number)


def waiting(receivers: list[Receiver]) -> dict[uuid.UUID, int]:
    """How many messages wait for each, those that failed among them."""
    ids = [receiver.id for receiver in receivers]
    query = select(Delivery.receiver_id, func.count()).where(
        Delivery.receiver_id.in_(ids), Delivery.state.in_(("waiting", "failed"))
    )
    return dict(session.execute(query.group_by(Delivery.receiver_id)).all())


def receiver_in_scope(who: Principal, receiver_id: uuid.UUID, *, lock: bool = False) -> Receiver:
    """The receiver.

    Raises:
        Problem: ``not_found`` where there is none, or its area is not in scope.
    """
    query = select(Receiver).where(Receiver.id == receiver_id, in_scope(Receiver.scope_grid_id, who))
    return the_one(query, Receiver, lock=lock)


def add(who: Principal, draft: ReceiverDraft) -> tuple[Receiver, str]:
    """Add a receiver.

    Returns:
        The receiver and its secret, which is never shown again.

    Raises:
        Problem: ``invalid`` by field.
    """
    secret = signing.new_secret()
    receiver = Receiver(**_columns(who, draft), secret=secret, created_at=now())
    session.add(receiver)
    flush()
    audit.note(who, "add", "receiver", receiver.id, receiver.scope_grid_id, name=receiver.name)
    return receiver, secret


def edit(who: Principal, receiver_id: uuid.UUID, version: int, draft: ReceiverDraft) -> Receiver:
    """Edit a receiver that was seen in ``version``.

    Raises:
        Problem: ``not_found``, ``changed_meanwhile``, ``invalid`` by field.
    """
    receiver = _editable(who, receiver_id, version)
    columns = _columns(who, draft)
    before = {name: getattr(receiver, name) for name in columns}
    for name, value in columns.items():
        setattr(receiver, name, value)
    changed = differences(before, columns)
    if changed:
        flush()
        audit.note(who, "edit", "receiver", receiver.id, receiver.scope_grid_id, changed=changed)
    return receiver


def renew_secret(who: Principal, receiver_id: uuid.UUID, version: int) -> tuple[Receiver, str]:
    """Give the receiver a new secret; for a day messages bear a signature of the old one, too.

    Raises:
        Problem: ``not_found``, ``changed_meanwhile``.
    """
    receiver = _editable(who, receiver_id, version)
    receiver.old_secret, receiver.old_until = receiver.secret, now() + dt.timedelta(hours=OLD_SECRET_HOURS)
    receiver.secret = signing.new_secret()
    flush()
    audit.note(who, "renew_secret", "receiver", receiver.id, receiver.scope_grid_id, name=receiver.name)
    return receiver, receiver.secret


def deliveries(receiver: Receiver, number: int) -> Page[Delivery]:
    """Messages of a receiver: those that failed and wait first, in the order in which they go, then the newest."""
    still = Delivery.state.in_(("waiting", "failed"))
    order = (case((still, 0), else_=1), case((still, Delivery.id), else_=-Delivery.id))
    return page_of(select(Delivery).where(Delivery.receiver_id == receiver.id).order_by(*order), number)


def delivery_in_scope(who: Principal, delivery_id: int) -> tuple[Receiver, Delivery]:
    """A message with its receiver.

    Raises:
        Problem: ``not_found`` where there is none, or its receiver's area is not in scope.
    """
    found = session.get(Delivery, delivery_id)
    if found is None:
        raise Problem("not_found")
    return receiver_in_scope(who, found.receiver_id), found


def tries(delivery: Delivery) -> list[DeliveryTry]:
    """The log of a message, newest first."""
    query = select(DeliveryTry).where(DeliveryTry.delivery_id == delivery.id).order_by(DeliveryTry.id.desc()).limit(LOG)
    return list(session.scalars(query))


def replay(who: Principal, delivery_id: int) -> int:
    """Send a message and everything after it again, in order and under the same ids; a stopped receiver goes on.

    Returns:
        How many messages wait now.

    Raises:
        Problem: ``not_found``.
    """
    receiver, first = delivery_in_scope(who, delivery_id)
    _go_on(who, receiver.id, "replay", first)
    wanted = (Delivery.receiver_id == receiver.id, Delivery.id >= first.id, Delivery.state != "dropped")
    again = session.execute(
        update(Delivery).where(*wanted).values(state="waiting", tries=0, next_at=now(), done_at=None)
    )
    return int(again.rowcount)  # type: ignore[attr-defined]  # a statement that changes rows has it


def skip(who: Principal, delivery_id: int) -> None:
    """Give a message up that the receiver does not take, so that those behind it go on.

    Raises:
        Problem: ``not_found``, ``conflict`` where it did not fail.
    """
    receiver, stuck = delivery_in_scope(who, delivery_id)
    if stuck.state != "failed":
        raise Problem("conflict", why=("the message did not fail", "该消息并未失败"))
    _go_on(who, receiver.id, "skip", stuck)
    stuck.state = "dropped"
    flush()


def _go_on(who: Principal, receiver_id: uuid.UUID, deed: str, message: Delivery) -> None:
    receiver = receiver_in_scope(who, receiver_id, lock=True)
    receiver.stopped_at = None
    flush()
    audit.note(
        who, deed, "receiver", receiver.id, receiver.scope_grid_id, name=receiver.name, message=message.message_id
    )


def _columns(who: Principal, draft: ReceiverDraft) -> dict[str, Any]:
    settings = current_app.extensions["settings"]
    try:
        reach.look_up(settings, draft.url)
    except reach.Unreachable as error:
        raise invalid(url=("address", *error.words)) from error
    columns = draft.model_dump(exclude={"area"})
    area = area_by_code(who, draft.area, "area")
    return {**columns, "events": list(draft.events), "scope_grid_id": area.id}


def _editable(who: Principal, receiver_id: uuid.UUID, version: int) -> Receiver:
    receiver = receiver_in_scope(who, receiver_id, lock=True)
    refuse_stale("receiver", receiver.id, receiver.version, version)
    return receiver


def origins() -> list[str]:
    """Origins of orders that were imported here, to choose from."""
    rows = session.execute(text(ORIGINS))
    return [row[0] for row in rows]


ORIGINS = """
with recursive each (origin) as (
  (select origin from task where origin is not null order by origin limit 1)
  union all
  select (select t.origin from task t where t.origin > each.origin order by t.origin limit 1) from each
  where each.origin is not null
)
select origin from each where origin is not null limit 50
"""
