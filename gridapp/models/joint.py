"""Joint work on a task, and the admission of items for grid workers."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from gridapp.models.areas import Grid
from gridapp.models.base import Base, ClientId
from gridapp.models.people import Person, Unit


class Assist(Base):
    """A unit's part in a joint task (协办), with its own clock and result.

    The row is what the ``assist`` members of the task's events add up to; the database refuses a row that is not.
    ``clock`` is its limit with its calendar, frozen when it was asked; ``since`` in it is the number of that event. A
    part that went one level up because it was late ends as ``escalated``, and the unit above has a part of its own.
    """

    __tablename__ = "assist"
    __table_args__ = (
        CheckConstraint("outcome is null or outcome in ('done','declined','released','escalated')", name="outcome"),
        CheckConstraint("(outcome is null) = (ended_at is null)", name="ended"),
        Index("ix_assist_task_id", "task_id"),
        Index("ix_assist_unit_id", "unit_id"),
        Index("ux_assist_open", "task_id", "unit_id", unique=True, postgresql_where=text("outcome is null")),
    )
    id: Mapped[ClientId]
    task_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("task.id"))
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unit.id"))
    asked_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[dt.datetime]
    words: Mapped[str]
    answer_due_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    yellow_at: Mapped[dt.datetime | None]
    clock: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    accepted_at: Mapped[dt.datetime | None]
    accepted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[str | None]
    result: Mapped[str | None]
    ended_at: Mapped[dt.datetime | None]
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))

    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])


class AdmissionApplication(Base):
    """A unit's application that an item of the catalogue be admitted for the grid workers of an area (准入申请)."""

    __tablename__ = "admission_application"
    __table_args__ = (
        CheckConstraint("state in ('open','admitted','refused','withdrawn')", name="state"),
        Index("ix_admission_application_category_code", "category_code"),
        Index(
            "ux_admission_application_open",
            "category_code",
            "grid_id",
            "unit_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
    )
    id: Mapped[ClientId]
    category_code: Mapped[str]
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unit.id"))
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"))
    applied_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    applied_at: Mapped[dt.datetime]
    words: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="open")
    decided_at: Mapped[dt.datetime | None]
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default="1")

    unit: Mapped[Unit] = relationship()
    grid: Mapped[Grid] = relationship()
    applicant: Mapped[Person] = relationship(foreign_keys=[applied_by])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # read by SQLAlchemy as a plain mapping


class Admission(Base):
    """A decision on an item for an area: admitted or not in ``[valid_from, valid_until)``; never rewritten.

    Of the decisions that hold for a place and time the one of the deepest area counts, of these the latest.
    """

    __tablename__ = "admission"
    __table_args__ = (
        CheckConstraint("valid_until is null or valid_until > valid_from", name="dates"),
        Index("ix_admission_category_code", "category_code"),
    )
    id: Mapped[ClientId]
    category_code: Mapped[str]
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"))
    admitted: Mapped[bool]
    valid_from: Mapped[dt.datetime]
    valid_until: Mapped[dt.datetime | None]
    application_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("admission_application.id"))
    decided_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[dt.datetime]
    words: Mapped[str]

    grid: Mapped[Grid] = relationship()
    decider: Mapped[Person] = relationship()
