"""People: units, persons with a role and a scope, posts in grids, tokens, and what is logged of them."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from typing import Any

from geoalchemy2 import Geometry
from geoalchemy2.elements import WKBElement
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from gridapp.models.areas import Grid
from gridapp.models.base import Base, BigId, ClientId


class Role(enum.StrEnum):
    """Who somebody is; residents have no account."""

    WORKER = "worker"
    CHIEF = "chief"
    DISPATCHER = "dispatcher"
    REVIEWER = "reviewer"
    HANDLER = "handler"
    PLANNER = "planner"
    ADMIN = "admin"
    AUDITOR = "auditor"


ROLES: tuple[str, ...] = tuple(role.value for role in Role)


class Unit(Base):
    """A responsible unit: a department of the district or a street office; ``grid_id`` is the area it works for."""

    __tablename__ = "unit"
    __table_args__ = (CheckConstraint("level in ('district','street','community')", name="level"),)
    id: Mapped[ClientId]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str | None]
    level: Mapped[str]
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid.id"))
    calendar: Mapped[dict[str, Any] | None]
    version: Mapped[int] = mapped_column(server_default="1")
    retired_at: Mapped[dt.datetime | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # read by SQLAlchemy as a plain mapping


class Person(Base):
    """A person with one role and one scope: ``scope_grid_id`` and everything under it."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint(f"role in {ROLES}", name="role"),
        CheckConstraint("username = lower(username) and username <> ''", name="username"),
        CheckConstraint("role <> 'handler' or unit_id is not null or retired_at is not null", name="handler_has_unit"),
        CheckConstraint("language in ('zh_CN','en')", name="language"),
    )
    id: Mapped[ClientId]
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    scope_grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"), index=True)
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("unit.id"), index=True)
    phone: Mapped[str | None]
    titles: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'::text[]"))
    password_hash: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="zh_CN")
    created_at: Mapped[dt.datetime]
    retired_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    scope_grid: Mapped[Grid] = relationship()
    unit: Mapped[Unit | None] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # read by SQLAlchemy as a plain mapping


class Post(Base):
    """A person in a grid during ``[from, until)``; a deputy covers leave and is outside the exclusions."""

    __tablename__ = "post"
    __table_args__ = (
        ExcludeConstraint(
            ("grid_id", "="),
            ("during", "&&"),
            name="ex_post_one_worker_a_grid",
            using="gist",
            where=text("kind = 'worker' and not deputy"),
        ),
        ExcludeConstraint(
            ("person_id", "="),
            ("during", "&&"),
            name="ex_post_one_grid_a_worker",
            using="gist",
            where=text("kind = 'worker' and not deputy"),
        ),
        CheckConstraint("kind in ('worker','chief')", name="kind"),
        CheckConstraint("not isempty(during)", name="during_not_empty"),
        Index("ix_post_person_id", "person_id"),
        Index("ix_post_grid_id", "grid_id"),
    )
    id: Mapped[ClientId]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"))
    kind: Mapped[str]
    deputy: Mapped[bool] = mapped_column(server_default="false")
    during: Mapped[Range[dt.datetime]] = mapped_column(TSTZRANGE)
    version: Mapped[int] = mapped_column(server_default="1")

    person: Mapped[Person] = relationship()
    grid: Mapped[Grid] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # read by SQLAlchemy as a plain mapping


class Token(Base):
    """A signed-in device or browser; only the hash of its secret is kept. A phone names itself by ``device_id``."""

    __tablename__ = "token"
    __table_args__ = (
        Index("ix_token_person_id", "person_id"),
        CheckConstraint("kind in ('device','browser')", name="kind"),
    )
    id: Mapped[ClientId]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    secret_hash: Mapped[bytes] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(server_default="device")
    device: Mapped[str]
    device_id: Mapped[uuid.UUID | None]
    created_at: Mapped[dt.datetime]
    last_used_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]
    lost_at: Mapped[dt.datetime | None]

    person: Mapped[Person] = relationship()


class SignInFailure(Base):
    """A wrong password, kept durable: five within fifteen minutes lock the name."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index("ix_sign_in_failure_username_at", "username", "at"),)
    id: Mapped[BigId]
    username: Mapped[str]
    at: Mapped[dt.datetime]


class RateWindow(Base):
    """Requests of a key in its present minute and second; unlogged, since after a crash counting may start anew."""

    __tablename__ = "rate_window"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012  # read by SQLAlchemy as a plain mapping
    key: Mapped[str] = mapped_column(primary_key=True)
    minute: Mapped[int] = mapped_column(BigInteger)
    minute_hits: Mapped[int]
    second: Mapped[int] = mapped_column(BigInteger)
    second_hits: Mapped[int]


class Shift(Base):
    """On duty during ``[from, until)``; open while the person is on duty."""

    __tablename__ = "shift"
    __table_args__ = (
        ExcludeConstraint(("person_id", "="), ("during", "&&"), name="ex_shift_one_at_a_time", using="gist"),
        CheckConstraint("not isempty(during)", name="during_not_empty"),
    )
    id: Mapped[ClientId]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    during: Mapped[Range[dt.datetime]] = mapped_column(TSTZRANGE)
    on_geom: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    off_geom: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))


class AuditEntry(Base):
    """Who read or changed what besides tasks: personal data shown, persons and posts edited, exports."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_at", "at"), Index("ix_audit_entry_subject_id", "subject_id"))
    id: Mapped[BigId]
    at: Mapped[dt.datetime]
    actor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))


class Notice(Base):
    """A word to one person about a task, shown on screens and in the phone's feed.

    Notices of one kind to one person from one transaction are one message: all but the first name that as ``head_id``.
    ``overtaken_at`` says that what it asks for has been done or passed on before anybody read it.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_person_id_id", "person_id", "id"),
        Index("ix_notice_task_id", "task_id"),
        Index("ix_notice_batch", "batch"),
        Index("ix_notice_unread", "person_id", postgresql_where=text("read_at is null and overtaken_at is null")),
        Index("ix_notice_head_id", "head_id", postgresql_where=text("head_id is not null")),
    )
    id: Mapped[BigId]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    task_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("task.id"))
    kind: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    at: Mapped[dt.datetime]
    read_at: Mapped[dt.datetime | None]
    overtaken_at: Mapped[dt.datetime | None]
    batch: Mapped[uuid.UUID] = mapped_column(server_default=text("gen_random_uuid()"))
    head_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("notice.id"))
