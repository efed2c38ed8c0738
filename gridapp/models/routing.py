"""Who a task goes to by itself: routing rules, categories that go straight to the worker, who answers at each level."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Time, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from gridapp.models.areas import LEVELS, Grid
from gridapp.models.base import Base, ClientId
from gridapp.models.people import Post, Unit

TARGETS = ("worker", "chief", "unit", "post")
HOURS = ("any", "working", "outside")
ANSWERERS = ("worker", "chief", "unit", "nobody")


class RoutingRule(Base):
    """Category x area x time to a post or a unit; of the rules that match, the last in order wins.

    ``condition_code`` is the filing condition under which it assigns; the report's own, else the first, where None.
    """

    __tablename__ = "routing_rule"
    __table_args__ = (
        CheckConstraint(f"target in {TARGETS}", name="target"),
        CheckConstraint(f"hours in {HOURS}", name="hours"),
        CheckConstraint("(target = 'unit') = (unit_id is not null)", name="unit"),
        CheckConstraint("(target = 'post') = (post_id is not null)", name="post"),
        CheckConstraint("(from_time is null) = (until_time is null)", name="times"),
        Index("ix_routing_rule_ordinal", "ordinal"),
    )
    id: Mapped[ClientId]
    ordinal: Mapped[int]
    name: Mapped[str]
    category_code: Mapped[str | None]
    condition_code: Mapped[str | None]
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"))
    hours: Mapped[str] = mapped_column(server_default="any")
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), server_default=text("'{}'::smallint[]"))
    from_time: Mapped[dt.time | None] = mapped_column(Time)
    until_time: Mapped[dt.time | None] = mapped_column(Time)
    target: Mapped[str]
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("unit.id"))
    post_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("post.id"))
    enabled: Mapped[bool] = mapped_column(server_default="true")
    version: Mapped[int] = mapped_column(server_default="1")

    grid: Mapped[Grid] = relationship()
    unit: Mapped[Unit | None] = relationship()
    post: Mapped[Post | None] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # read by SQLAlchemy as a plain mapping


class CategoryRouting(Base):
    """A category whose reports go straight to the worker of the grid where no rule says otherwise."""

    __tablename__ = "category_routing"
    category_code: Mapped[str] = mapped_column(primary_key=True)
    to_worker: Mapped[bool]


class ChainLink(Base):
    """Who answers at a level of the escalation chain below an area; where nothing is said, the default of the house."""

    __tablename__ = "chain_link"
    __table_args__ = (
        UniqueConstraint("grid_id", "level", name="uq_chain_link_level"),
        CheckConstraint(f"level in {LEVELS}", name="level"),
        CheckConstraint(f"answerer in {ANSWERERS}", name="answerer"),
        CheckConstraint("unit_id is null or answerer = 'unit'", name="unit"),
    )
    id: Mapped[ClientId]
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"))
    level: Mapped[str]
    answerer: Mapped[str]
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("unit.id"))

    grid: Mapped[Grid] = relationship()
    unit: Mapped[Unit | None] = relationship()
