"""Plans: a redraw is a set of boundary changes that holds from a time on."""

from __future__ import annotations

import datetime as dt
import uuid

from geoalchemy2 import Geometry
from geoalchemy2.elements import WKBElement
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from gridapp.models.areas import Boundary, Grid
from gridapp.models.base import Base, ClientId


class Plan(Base):
    """A redraw below ``scope_grid_id``; a draft until it is published with the time from which it holds.

    ``step`` counts the steps of the drawing that are in effect: undo lowers it, redo raises it. ``in_force_at`` says
    when open tasks were moved because the start had come, ``settled_at`` that no late report can need it any more.
    """

    __tablename__ = "plan"
    __table_args__ = (
        CheckConstraint("status in ('draft','published','discarded')", name="status"),
        CheckConstraint("(status = 'published') = (published_at is not null)", name="published_has_time"),
        CheckConstraint("(status = 'published') = (effective_from is not null)", name="published_has_start"),
    )
    id: Mapped[ClientId]
    name: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="draft")
    scope_grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"), index=True)
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[dt.datetime]
    effective_from: Mapped[dt.datetime | None]
    published_at: Mapped[dt.datetime | None]
    published_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    step: Mapped[int] = mapped_column(server_default="0")
    in_force_at: Mapped[dt.datetime | None]
    settled_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    changes: Mapped[list[PlanChange]] = relationship(cascade="all, delete-orphan", back_populates="plan")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # read by SQLAlchemy as a plain mapping


class PlanChange(Base):
    """The polygon of one grid after a step of the drawing, drawn over the boundary version ``base_boundary_id``.

    ``parent_id`` is the grid above where that is another than now: a building grid went over as a whole.
    """

    __tablename__ = "plan_change"
    __table_args__ = (UniqueConstraint("plan_id", "step", "grid_id", name="uq_plan_change_step_grid"),)
    id: Mapped[ClientId]
    plan_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    step: Mapped[int]
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("grid.id"))
    base_boundary_id: Mapped[int] = mapped_column(ForeignKey("boundary.id"))
    geom: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False))

    plan: Mapped[Plan] = relationship(back_populates="changes")
    grid: Mapped[Grid] = relationship(foreign_keys=[grid_id])
    base_boundary: Mapped[Boundary] = relationship()
