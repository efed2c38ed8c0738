"""The integrity of the record: events chained by hashes, and what a photo says of itself."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, LargeBinary, SmallInteger, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.orm import Mapped, mapped_column

from gridapp.models.base import Base


class Unsealed(Base):
    """An event that was committed and waits to be sealed."""

    __tablename__ = "unsealed"
    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)


class Seal(Base):
    """A link of the chain: the digests of some events, and a head over them and the head before; append-only."""

    __tablename__ = "seal"
    __table_args__ = (
        CheckConstraint("cardinality(events) = cardinality(digests)", name="as_many_digests"),
        Index("ix_seal_day", "day"),
    )
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    day: Mapped[dt.date] = mapped_column(Date)
    at: Mapped[dt.datetime]
    method: Mapped[int] = mapped_column(SmallInteger)
    events: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(UUID(as_uuid=True)))
    digests: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary))
    head: Mapped[bytes]


class DayHead(Base):
    """The last head of a day that is over, as it was told to those who hold it elsewhere."""

    __tablename__ = "day_head"
    day: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    head: Mapped[bytes]
    at: Mapped[dt.datetime]
    mailed_at: Mapped[dt.datetime | None]


class PhotoFact(Base):
    """What a picture says of itself: a hash of how it looks, and when and where its camera says that it was taken.

    ``look`` is empty for films, damaged pictures and those that show too little to be told apart; its quarters are
    indexed, because two looks that differ in at most three bits agree in one of them.
    """

    __tablename__ = "photo_fact"
    __table_args__ = (*(Index(f"ix_photo_fact_look_{n}", text(f"((look >> {16 * n}) & 65535)")) for n in range(4)),)
    sha256: Mapped[str] = mapped_column(ForeignKey("photo.sha256"), primary_key=True)
    look: Mapped[int | None] = mapped_column(BigInteger)
    taken_at: Mapped[dt.datetime | None]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
