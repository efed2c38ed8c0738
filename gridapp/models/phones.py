"""What only phones bring: alarms, codes to sign in by, keys of what lies on them, stops of the day, hand-overs."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from gridapp.models.areas import Grid
from gridapp.models.base import Base, ClientId
from gridapp.models.people import Person


class Alarm(Base):
    """A call for help; ``grid_id`` is the person's own area, by which it is in somebody's scope. Never deleted."""

    __tablename__ = "alarm"
    __table_args__ = (
        Index("ix_alarm_grid_id", "grid_id"),
        Index("ix_alarm_waiting", "at", postgresql_where=text("acknowledged_at is null")),
        CheckConstraint("(acknowledged_at is null) = (acknowledged_by is null)", name="acknowledged"),
        CheckConstraint("(lon is null) = (lat is null)", name="place"),
    )
    id: Mapped[ClientId]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"))
    at: Mapped[dt.datetime]
    device_at: Mapped[dt.datetime | None]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    accuracy: Mapped[float | None]
    mock: Mapped[bool] = mapped_column(server_default="false")
    note: Mapped[str | None]
    content_hash: Mapped[bytes]
    acknowledged_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    acknowledged_at: Mapped[dt.datetime | None]
    answer: Mapped[str | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    acknowledger: Mapped[Person | None] = relationship(foreign_keys=[acknowledged_by])
    grid: Mapped[Grid] = relationship()


class SignInCode(Base):
    """A code shown at the desk, by which a phone signs in once and soon; only its hash is kept."""

    __tablename__ = "sign_in_code"
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    made_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class DataKey(Base):
    """The server's part of the key that seals what lies on a person's phone; without ``salt`` it is gone for good.

    Each phone has its own by ``device_id``, which it makes itself; programs that name none share one of their person.
    """

    __tablename__ = "data_key"
    __table_args__ = (
        Index(
            "uq_data_key_alive",
            "person_id",
            "device_id",
            unique=True,
            postgresql_where=text("destroyed_at is null"),
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("(salt is null) = (destroyed_at is not null)", name="destroyed"),
    )
    id: Mapped[ClientId]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    device_id: Mapped[uuid.UUID | None]
    salt: Mapped[bytes | None]
    made_at: Mapped[dt.datetime]
    destroyed_at: Mapped[dt.datetime | None]


class Stop(Base):
    """A visit or a patrol point of a grid: on one day, or, where ``day`` is empty, on each."""

    __tablename__ = "stop"
    __table_args__ = (
        Index("ix_stop_grid_id_day", "grid_id", "day"),
        CheckConstraint("kind in ('visit','patrol')", name="kind"),
        CheckConstraint("(lon is null) = (lat is null)", name="place"),
    )
    id: Mapped[ClientId]
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"))
    kind: Mapped[str]
    name: Mapped[str]
    note: Mapped[str | None]
    address: Mapped[str | None]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    day: Mapped[dt.date | None]
    made_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[dt.datetime]
    retired_at: Mapped[dt.datetime | None]

    grid: Mapped[Grid] = relationship()


class StopDone(Base):
    """A stop that somebody was at on a day; the id is the phone's, so that sending again is harmless."""

    __tablename__ = "stop_done"
    __table_args__ = (Index("uq_stop_done_stop_id_day", "stop_id", "day", unique=True),)
    id: Mapped[ClientId]
    stop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stop.id"))
    day: Mapped[dt.date]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    at: Mapped[dt.datetime]
    device_at: Mapped[dt.datetime]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    accuracy: Mapped[float | None]
    note: Mapped[str | None]

    person: Mapped[Person] = relationship()


class HandOver(Base):
    """A person new in a post has read the list of what came with it."""

    __tablename__ = "hand_over"
    post_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("post.id"), primary_key=True)
    confirmed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[dt.datetime]
    tasks: Mapped[int] = mapped_column(BigInteger)
