"""Tasks: the row is what the append-only events add up to; the database refuses a row that is not."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from geoalchemy2 import Geometry
from geoalchemy2.elements import WKBElement
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Sequence,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column, relationship

from gridapp.models.areas import Boundary, Grid
from gridapp.models.base import XID8, Base, BigId, ClientId
from gridapp.models.joint import Assist
from gridapp.models.people import Person, Post, Unit
from gridapp.workflow import CHECKS, OUTCOMES, SOURCES, STAGES

TASK_NUMBER = Sequence("task_number_seq", metadata=Base.metadata)


class Task(Base):
    """A task as it stands now; ``version`` is the number of its last event.

    ``grid_id`` is the grid responsible now: the deepest one that holds the place, or, where ``located`` is false, the
    area whose queue the task waits in. ``boundary_id`` is the boundary version in force when it was reported.
    ``clock`` is the present holder's limit, frozen at assignment. ``returned_at`` stands until the desk has
    acknowledged the return; ``declined_count`` is how often units said that it is not theirs; ``first_unit_id`` is the
    unit that answers for it until another unit accepts it (首接负责): the first that it was given to, then each that
    accepted it.
    ``check_of`` is the task that this one looks at on the spot, where it is a check.
    """

    __tablename__ = "task"
    __table_args__ = (
        ForeignKeyConstraint(["edition", "category_code"], ["category.edition", "category.code"]),
        ForeignKeyConstraint(["edition", "condition_code"], ["filing_condition.edition", "filing_condition.code"]),
        UniqueConstraint("origin", "origin_number", name="uq_task_origin_number"),
        CheckConstraint(f"stage in {STAGES}", name="stage"),
        CheckConstraint(f"outcome is null or outcome in {OUTCOMES}", name="outcome"),
        CheckConstraint(f"source in {SOURCES}", name="source"),
        CheckConstraint("outcome is distinct from 'resolved' or stage = 'review'", name="resolved_in_review"),
        CheckConstraint("stage <> 'review' or outcome = 'resolved'", name="review_is_resolved"),
        CheckConstraint("(outcome = 'merged') is not true or master_id is not null", name="merged_has_master"),
        CheckConstraint("master_id is distinct from id", name="not_its_own_master"),
        CheckConstraint("num_nonnulls(assignee_post_id, assignee_unit_id) <= 1", name="one_assignee"),
        CheckConstraint("geom is not null or address is not null", name="has_place"),
        CheckConstraint("score_speed between 1 and 5 and score_quality between 1 and 5", name="scores"),
        Index("ix_task_geom", "geom", postgresql_using="gist"),
        Index("ix_task_grid_id_stage", "grid_id", "stage"),
        Index("ix_task_open", "grid_id", "stage", postgresql_where=text("outcome is null")),
        Index(
            "ix_task_urgency",
            text("(outcome is not null)"),
            text("coalesce(due_at, least(reported_at, received_at))"),
            "id",
        ),
        Index("ix_task_assignee_post_id", "assignee_post_id", postgresql_where=text("assignee_post_id is not null")),
        Index("ix_task_assignee_unit_id", "assignee_unit_id", postgresql_where=text("assignee_unit_id is not null")),
        Index("ix_task_master_id", "master_id", postgresql_where=text("master_id is not null")),
        CheckConstraint("(check_of is null) = (check_kind is null)", name="check_of"),
        CheckConstraint(f"check_kind is null or check_kind in {CHECKS}", name="check_kind"),
        Index("ix_task_check_of", "check_of", postgresql_where=text("check_of is not null")),
        Index(
            "ux_task_open_check",
            "check_of",
            unique=True,
            postgresql_where=text("check_of is not null and outcome is null"),
        ),
        Index(
            "ix_task_open_matter",
            "category_code",
            "geom",
            postgresql_using="gist",
            postgresql_where=text("outcome is null and check_of is null"),
        ),
    )
    id: Mapped[ClientId]
    number: Mapped[int] = mapped_column(BigInteger, TASK_NUMBER, server_default=TASK_NUMBER.next_value(), unique=True)
    version: Mapped[int]
    stage: Mapped[str]
    outcome: Mapped[str | None]
    source: Mapped[str]
    origin: Mapped[str | None]
    origin_number: Mapped[str | None]
    origin_status: Mapped[str | None]
    edition: Mapped[str]
    category_code: Mapped[str]
    condition_code: Mapped[str | None]
    description: Mapped[str]
    severity: Mapped[str | None]
    fields: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    geom: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    raw_x: Mapped[float | None]
    raw_y: Mapped[float | None]
    raw_crs: Mapped[str | None]
    accuracy: Mapped[float | None]
    mock: Mapped[bool] = mapped_column(server_default="false")
    address: Mapped[str | None]
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"))
    boundary_id: Mapped[int | None] = mapped_column(ForeignKey("boundary.id"))
    located: Mapped[bool]
    nearest_grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid.id"))
    nearest_m: Mapped[float | None]
    reporter_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    duplicate_of: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("task.id"))
    master_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("task.id"))
    self_handled: Mapped[bool] = mapped_column(server_default="false")
    assignee_post_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("post.id"))
    assignee_unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("unit.id"))
    task_class: Mapped[str | None]
    assigned_at: Mapped[dt.datetime | None]
    answer_due_at: Mapped[dt.datetime | None]
    due_at: Mapped[dt.datetime | None]
    yellow_at: Mapped[dt.datetime | None]
    clock: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    accepted_at: Mapped[dt.datetime | None]
    asked_due_at: Mapped[dt.datetime | None]
    asked_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    held_at: Mapped[dt.datetime | None]
    review_on: Mapped[dt.date | None] = mapped_column(Date)
    returned_at: Mapped[dt.datetime | None]
    return_count: Mapped[int | None] = mapped_column(SmallInteger)
    declined_count: Mapped[int | None] = mapped_column(SmallInteger)
    first_unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("unit.id"))
    handlers: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(UUID(as_uuid=True)), server_default=text("'{}'::uuid[]"))
    fed_back_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    fed_back_at: Mapped[dt.datetime | None]
    rework_count: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    urge_count: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    score_speed: Mapped[int | None] = mapped_column(SmallInteger)
    score_quality: Mapped[int | None] = mapped_column(SmallInteger)
    satisfied: Mapped[str | None]
    reported_at: Mapped[dt.datetime]
    received_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]
    check_of: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("task.id"))
    check_kind: Mapped[str | None]
    check_result: Mapped[str | None]

    grid: Mapped[Grid] = relationship(foreign_keys=[grid_id])
    nearest_grid: Mapped[Grid | None] = relationship(foreign_keys=[nearest_grid_id])
    boundary: Mapped[Boundary | None] = relationship()
    reporter: Mapped[Person | None] = relationship(foreign_keys=[reporter_id])
    assignee_post: Mapped[Post | None] = relationship(foreign_keys=[assignee_post_id])
    assignee_unit: Mapped[Unit | None] = relationship(foreign_keys=[assignee_unit_id])
    events: Mapped[list[TaskEvent]] = relationship(order_by="TaskEvent.seq", viewonly=True)
    assists: Mapped[list[Assist]] = relationship(order_by="Assist.asked_at", viewonly=True)
    checks: Mapped[list[Task]] = relationship(foreign_keys=[check_of], order_by="Task.number", viewonly=True)

    @property
    def open(self) -> bool:
        """Whether nothing has ended it yet."""
        return self.outcome is None

    @property
    def asked_units(self) -> list[uuid.UUID]:
        """Units that were asked to assist and have not answered yet."""
        return [part.unit_id for part in self.assists if part.outcome is None and part.accepted_at is None]

    @property
    def assisting_units(self) -> list[uuid.UUID]:
        """Units that accepted to assist and are not done yet."""
        return [part.unit_id for part in self.assists if part.outcome is None and part.accepted_at is not None]

    @property
    def being_checked(self) -> bool:
        """Whether somebody is on the way to look at it."""
        return any(check.open for check in self.checks)


class TaskEvent(Base):
    """One thing that happened to a task; ``changes`` holds the columns of the task row that it set.

    ``facts`` is what the phone said beside: how far off its clock is, how good its position was, how photos were taken.
    """

    __tablename__ = "task_event"
    __table_args__ = (
        UniqueConstraint("task_id", "seq", name="uq_task_event_task_id_seq"),
        Index("ix_task_event_at", "at"),
    )
    id: Mapped[ClientId]
    task_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("task.id", deferrable=True, initially="DEFERRED"))
    seq: Mapped[int]
    action: Mapped[str]
    actor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    actor_kind: Mapped[str]
    at: Mapped[dt.datetime]
    device_at: Mapped[dt.datetime | None]
    geom: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    mock: Mapped[bool] = mapped_column(server_default="false")
    from_stage: Mapped[str | None]
    to_stage: Mapped[str]
    note: Mapped[str | None]
    reason: Mapped[str | None]
    content_hash: Mapped[bytes | None]
    facts: Mapped[dict[str, Any] | None]
    changes: Mapped[dict[str, Any]]

    actor: Mapped[Person | None] = relationship()


class TaskPhoto(Base):
    """A photo that a report or an action names; its bytes may arrive later, so there is no foreign key to ``Photo``."""

    __tablename__ = "task_photo"
    __table_args__ = (
        Index("ix_task_photo_sha256", "sha256"),
        CheckConstraint("phase in ('before','after')", name="phase"),
    )
    task_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("task.id"), primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("task_event.id"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    sha256: Mapped[str]
    phase: Mapped[str]


class Photo(Base):
    """A photo or video whose bytes are whole on disk under its SHA-256."""

    __tablename__ = "photo"
    __table_args__ = (CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    mime: Mapped[str]
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    received_at: Mapped[dt.datetime]


class PhotoUpload(Base):
    """Who uploaded a photo whole; others see it only through a task that carries it."""

    __tablename__ = "photo_upload"
    sha256: Mapped[str] = mapped_column(ForeignKey("photo.sha256"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    at: Mapped[dt.datetime]


class Change(Base):
    """The log behind the feed, written by triggers; ``xid`` lets readers take exactly what was committed since."""

    __tablename__ = "change"
    __table_args__ = (Index("ix_change_xid", "xid"),)
    id: Mapped[BigId]
    xid: Mapped[str] = mapped_column(XID8, server_default=text("pg_current_xact_id()"))
    kind: Mapped[str]
    key: Mapped[str]
    grid_id: Mapped[int | None] = mapped_column(BigInteger)
    old_grid_id: Mapped[int | None] = mapped_column(BigInteger)
    old_holder_id: Mapped[uuid.UUID | None]
    person_id: Mapped[uuid.UUID | None]
    at: Mapped[dt.datetime] = mapped_column(server_default=text("clock_timestamp()"))


class FeedState(Base):
    """One row: the epoch of the log, new after a restore, and the oldest transaction whose changes are still kept."""

    __tablename__ = "feed_state"
    one: Mapped[bool] = mapped_column(primary_key=True, server_default="true")
    epoch: Mapped[uuid.UUID] = mapped_column(server_default=text("gen_random_uuid()"))
    horizon: Mapped[str] = mapped_column(XID8, server_default=text("'0'::xid8"))
