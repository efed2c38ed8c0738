"""Word to everyone: what waits to go out, letters to persons, messages to receivers, and the log of every try."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, Text, Time, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from gridapp.models.areas import Grid
from gridapp.models.base import Base, BigId, ClientId

STATES = ("waiting", "done", "failed", "dropped")


class Outbox(Base):
    """What was committed and has not been handed on yet: written by triggers in the transaction that made it.

    ``kind`` is ``event`` (of a task), ``notice`` or ``head`` (of the chained record); ``key`` names which one.
    """

    __tablename__ = "outbox"
    id: Mapped[BigId]
    kind: Mapped[str]
    key: Mapped[str]
    at: Mapped[dt.datetime] = mapped_column(server_default=text("clock_timestamp()"))


class Contact(Base):
    """How a person wants to be told besides the screens; who has no row gets no letters.

    An address that was not confirmed gets nothing but the letter that asks. That waits from ``ask_at`` on, went out at
    ``asked_at``, and holds a link of which only the hash is kept, until ``confirm_until``.
    """

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint("letters in ('all','urgent','none')", name="letters"),
        CheckConstraint("confirmed_at is null or email is not null", name="confirmed_address"),
        Index("ix_contact_ask_at", "ask_at", postgresql_where=text("ask_at is not null")),
    )
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    email: Mapped[str | None]
    letters: Mapped[str] = mapped_column(server_default="all")
    quiet_from: Mapped[dt.time | None] = mapped_column(Time)
    quiet_until: Mapped[dt.time | None] = mapped_column(Time)
    confirmed_at: Mapped[dt.datetime | None]
    confirm_hash: Mapped[bytes | None] = mapped_column(unique=True)
    confirm_until: Mapped[dt.datetime | None]
    ask_at: Mapped[dt.datetime | None]
    ask_tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    ask_error: Mapped[str | None]
    asked_at: Mapped[dt.datetime | None]

    @property
    def state(self) -> str:
        """``none``, ``confirmed``, ``refused`` by the mail server, ``asked`` (a link is out), or ``waiting`` to be."""
        if self.email is None:
            return "none"
        if self.confirmed_at is not None:
            return "confirmed"
        if self.ask_at is None and self.ask_error is not None:
            return "refused"
        return "asked" if self.confirm_hash is not None else "waiting"


class Letter(Base):
    """An e-mail to one person about one batch of notices.

    ``parcel`` names the e-mail that it goes out with, from just before it is tried, ``holds`` the notices that are said
    in it, and ``told`` those that were said before. What comes to the batch meanwhile goes out from ``again_at`` on.
    """

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("person_id", "batch", name="uq_letter_person_id_batch"),
        CheckConstraint(f"state in {STATES}", name="state"),
        Index("ix_letter_due", "next_at", postgresql_where=text("state = 'waiting'")),
    )
    id: Mapped[BigId]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    batch: Mapped[uuid.UUID]
    state: Mapped[str] = mapped_column(server_default="waiting")
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    next_at: Mapped[dt.datetime]
    created_at: Mapped[dt.datetime]
    done_at: Mapped[dt.datetime | None]
    error: Mapped[str | None]
    parcel: Mapped[uuid.UUID | None]
    told: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    holds: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    again_at: Mapped[dt.datetime | None]


class Receiver(Base):
    """A program elsewhere that is told of events by signed webhooks, in order.

    ``stopped_at`` is set when a message could not be delivered after all tries: what follows waits behind it.
    """

    __tablename__ = "receiver"
    id: Mapped[ClientId]
    name: Mapped[str]
    url: Mapped[str]
    events: Mapped[list[str]] = mapped_column(ARRAY(Text))
    origin: Mapped[str | None]
    scope_grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"))
    secret: Mapped[str]
    old_secret: Mapped[str | None]
    old_until: Mapped[dt.datetime | None]
    active: Mapped[bool] = mapped_column(server_default="true")
    stopped_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(server_default="1")

    scope_grid: Mapped[Grid] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # read by SQLAlchemy as a plain mapping


class Delivery(Base):
    """A message to a receiver; those of one receiver go out by their ids. The body never changes."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("receiver_id", "message_id", name="uq_delivery_receiver_id_message_id"),
        CheckConstraint(f"state in {STATES}", name="state"),
        Index("ix_delivery_receiver_id_id", "receiver_id", "id"),
        Index("ix_delivery_open", "receiver_id", "id", postgresql_where=text("state in ('waiting','failed')")),
    )
    id: Mapped[BigId]
    receiver_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("receiver.id"))
    message_id: Mapped[str]
    type: Mapped[str]
    task_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("task.id"))
    body: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="waiting")
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    next_at: Mapped[dt.datetime]
    created_at: Mapped[dt.datetime]
    done_at: Mapped[dt.datetime | None]


class DeliveryTry(Base):
    """One try to deliver a message: what the receiver answered, or why it could not be reached."""

    __tablename__ = "delivery_try"
    __table_args__ = (Index("ix_delivery_try_delivery_id", "delivery_id"),)
    id: Mapped[BigId]
    delivery_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("delivery.id", ondelete="CASCADE"))
    at: Mapped[dt.datetime]
    status: Mapped[int | None]
    error: Mapped[str | None]
    took_ms: Mapped[int]
