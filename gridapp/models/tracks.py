"""Where workers were: raw positions partitioned by day, and the last one of each person."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import REAL, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from gridapp.models.base import Base


class Position(Base):
    """A fix in WGS 84: degrees, metres, m/s, degrees from north, battery in per cent; one a person and instant."""

    __tablename__ = "position"
    __table_args__ = {"postgresql_partition_by": "RANGE (at)"}  # noqa: RUF012  # read by SQLAlchemy as a plain mapping
    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(primary_key=True)
    lon: Mapped[float]
    lat: Mapped[float]
    accuracy: Mapped[float | None] = mapped_column(REAL)
    speed: Mapped[float | None] = mapped_column(REAL)
    heading: Mapped[float | None] = mapped_column(REAL)
    battery: Mapped[int | None] = mapped_column(SmallInteger)
    mock: Mapped[bool] = mapped_column(server_default="false")
    received_at: Mapped[dt.datetime]


class LastPosition(Base):
    """The newest fix of each person, one row, for the live map."""

    __tablename__ = "last_position"
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    at: Mapped[dt.datetime]
    lon: Mapped[float]
    lat: Mapped[float]
    accuracy: Mapped[float | None] = mapped_column(REAL)
    battery: Mapped[int | None] = mapped_column(SmallInteger)
    mock: Mapped[bool] = mapped_column(server_default="false")
