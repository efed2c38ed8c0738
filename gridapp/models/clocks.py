"""What runs by itself: due steps, calendars, leave, how the jobs are doing, and what they make."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from gridapp.clocks import Step
from gridapp.models.base import Base, BigId, ClientId
from gridapp.models.people import Person, Post

STEPS: tuple[str, ...] = tuple(step.value for step in Step)


class ClockStep(Base):
    """Something that a task's clock does by itself, once: ``since`` names the countdown, ``due_at`` its true time.

    ``result`` says what came of it: ``done``, ``overtaken`` by a later step, or ``nobody`` who could take the task.
    """

    __tablename__ = "clock_step"
    __table_args__ = (
        UniqueConstraint("task_id", "step", "since", name="uq_clock_step_once"),
        CheckConstraint(f"step in {STEPS}", name="step"),
        CheckConstraint("(done_at is null) = (result is null)", name="result"),
        Index(
            "ix_clock_step_waiting",
            text("coalesce(try_at, due_at)"),
            postgresql_where=text("done_at is null and parked_at is null"),
        ),
        Index("ix_clock_step_parked", "parked_at", postgresql_where=text("parked_at is not null")),
    )
    id: Mapped[BigId]
    task_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("task.id"))
    step: Mapped[str]
    since: Mapped[int]
    due_at: Mapped[dt.datetime]
    done_at: Mapped[dt.datetime | None]
    result: Mapped[str | None]
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    try_at: Mapped[dt.datetime | None]
    failure: Mapped[str | None]
    parked_at: Mapped[dt.datetime | None]


class CalendarEdition(Base):
    """A working calendar as it was when a limit was frozen, named by the digest of what it says; never changed."""

    __tablename__ = "calendar_edition"
    code: Mapped[str] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]]
    made_at: Mapped[dt.datetime]


class CalendarDay(Base):
    """A day of which the administrator says whether it works, over what the library says."""

    __tablename__ = "calendar_day"
    day: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    works: Mapped[bool]
    name: Mapped[str]


class CalendarYear(Base):
    """A year whose holidays the library lacks and whose days the administrator says are complete."""

    __tablename__ = "calendar_year"
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    declared_at: Mapped[dt.datetime]


class Leave(Base):
    """Somebody is away from their post during ``[from, until)``; the deputy's post, where there is one, covers it."""

    __tablename__ = "leave"
    __table_args__ = (
        ExcludeConstraint(("post_id", "="), ("during", "&&"), name="ex_leave_one_at_a_time", using="gist"),
        CheckConstraint("not isempty(during) and not upper_inf(during) and not lower_inf(during)", name="during"),
    )
    id: Mapped[ClientId]
    post_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("post.id"))
    during: Mapped[Range[dt.datetime]] = mapped_column(TSTZRANGE)
    deputy_post_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("post.id"))
    made_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))

    post: Mapped[Post] = relationship(foreign_keys=[post_id])
    deputy_post: Mapped[Post | None] = relationship(foreign_keys=[deputy_post_id])


class JobState(Base):
    """How a periodic job is doing: when it last ran through, and what went wrong since."""

    __tablename__ = "job_state"
    name: Mapped[str] = mapped_column(primary_key=True)
    succeeded_at: Mapped[dt.datetime | None]
    took_ms: Mapped[int | None]
    failed_at: Mapped[dt.datetime | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    failure: Mapped[str | None]


class ExportOrder(Base):
    """A file that somebody asked for and a job makes: who, of what, and where it lies in the instance."""

    __tablename__ = "export_order"
    __table_args__ = (
        Index("ix_export_order_person_id", "person_id", "asked_at"),
        Index("ix_export_order_waiting", "asked_at", postgresql_where=text("made_at is null and failed_at is null")),
    )
    id: Mapped[ClientId]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    form: Mapped[str]
    params: Mapped[dict[str, Any]]
    asked_at: Mapped[dt.datetime]
    made_at: Mapped[dt.datetime | None]
    rows: Mapped[int | None]
    size: Mapped[int | None]
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    failed_at: Mapped[dt.datetime | None]
    failure: Mapped[str | None]
    dropped_at: Mapped[dt.datetime | None]

    person: Mapped[Person] = relationship()
