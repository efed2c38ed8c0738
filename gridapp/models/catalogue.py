"""The catalogue as rows: every edition stays, so that a task keeps the words and limits under which it was filed."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from gridapp.models.base import Base


class CatalogueEdition(Base):
    """One edition of the catalogue; the newest ``published_at`` is in force.

    ``base`` is the edition of the program over which a district's own ``settings`` are laid, None for that one itself;
    ``settings`` are by code of category, as ``gridapp.services.editions.own`` reads them.
    """

    __tablename__ = "catalogue_edition"
    version: Mapped[str] = mapped_column(primary_key=True)
    standard: Mapped[str]
    content_hash: Mapped[str] = mapped_column(unique=True)
    published_at: Mapped[dt.datetime]
    base: Mapped[str | None] = mapped_column(ForeignKey("catalogue_edition.version"))
    settings: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    published_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))


class Category(Base):
    """A class of matters or components within an edition; leaves can be reported."""

    __tablename__ = "category"
    __table_args__ = (
        ForeignKeyConstraint(["edition", "parent_code"], ["category.edition", "category.code"]),
        Index("ix_category_parent", "edition", "parent_code"),
        CheckConstraint("sample_share between 0 and 1", name="sample_share"),
    )
    edition: Mapped[str] = mapped_column(ForeignKey("catalogue_edition.version"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    parent_code: Mapped[str | None]
    ordinal: Mapped[int]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    photos_before: Mapped[int] = mapped_column(server_default="0")
    photos_after: Mapped[int] = mapped_column(server_default="0")
    self_handle: Mapped[bool] = mapped_column(server_default="false")
    admitted: Mapped[bool] = mapped_column(server_default="false")
    sample_share: Mapped[float] = mapped_column(server_default="0.1")
    similar_radius_m: Mapped[float] = mapped_column(server_default="50")
    similar_hours: Mapped[float] = mapped_column(server_default="72")
    accuracy_m: Mapped[float] = mapped_column(server_default="50")
    fields: Mapped[list[dict[str, Any]]]
    severities: Mapped[list[dict[str, Any]]]
    stop_notice_zh: Mapped[str | None]
    stop_notice_en: Mapped[str | None]


class FilingCondition(Base):
    """A filing condition of a category with its class, unit and limits."""

    __tablename__ = "filing_condition"
    __table_args__ = (
        ForeignKeyConstraint(["edition", "category_code"], ["category.edition", "category.code"]),
        CheckConstraint("task_class in ('immediate','committed','joint')", name="task_class"),
        Index("ix_filing_condition_category", "edition", "category_code"),
    )
    edition: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    category_code: Mapped[str]
    ordinal: Mapped[int]
    text_zh: Mapped[str]
    text_en: Mapped[str]
    task_class: Mapped[str]
    unit_code: Mapped[str | None]
    answer_amount: Mapped[int]
    answer_unit: Mapped[str]
    handle_amount: Mapped[int]
    handle_unit: Mapped[str]


class Duty(Base):
    """One of the duties of a full-scope grid worker."""

    __tablename__ = "duty"
    edition: Mapped[str] = mapped_column(ForeignKey("catalogue_edition.version"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]


class Reason(Base):
    """A typed reason of an action."""

    __tablename__ = "reason"
    edition: Mapped[str] = mapped_column(ForeignKey("catalogue_edition.version"), primary_key=True)
    action: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    ordinal: Mapped[int]
    name_zh: Mapped[str]
    name_en: Mapped[str]
