"""Areas: a grid is an identity, its boundary a version in time; streets and buildings are the base data below."""

from __future__ import annotations

import datetime as dt
import enum
import uuid

from geoalchemy2 import Geometry
from geoalchemy2.elements import WKBElement
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import ARRAY, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from gridapp.models.base import Base, BigId


class Level(enum.StrEnum):
    """Levels of the tree from the top down; a missing level is left out of the chain."""

    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    GROUP = "group"
    BUILDING = "building"


LEVELS: tuple[str, ...] = tuple(level.value for level in Level)


class Grid(Base):
    """An area with a code that is never used again; ``path`` holds the ids from the root down to itself."""

    __tablename__ = "grid"
    __table_args__ = (
        CheckConstraint(f"level in {LEVELS}", name="level"),
        CheckConstraint("kind in ('normal','special')", name="kind"),
        CheckConstraint("households is null or households >= 0", name="households"),
        CheckConstraint("cardinality(path) = 0 or path[cardinality(path)] = id", name="path_ends_in_itself"),
        Index("ix_grid_path", "path", postgresql_using="gin"),
        Index("ix_grid_parent_id", "parent_id"),
        Index("ix_grid_level", "level"),
    )
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str | None]
    level: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default="normal")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("grid.id"))
    path: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'::bigint[]"))
    households: Mapped[int | None]
    created_at: Mapped[dt.datetime]
    retired_at: Mapped[dt.datetime | None]

    parent: Mapped[Grid | None] = relationship(remote_side="Grid.id")


class Boundary(Base):
    """A version of a grid's boundary: polygon in EPSG:4326 with the time range in which it holds, ``[from, until)``.

    ``level`` and ``code`` repeat the grid's so that the point look-up reads one table.
    """

    __tablename__ = "boundary"
    __table_args__ = (
        ExcludeConstraint(("grid_id", "="), ("during", "&&"), name="ex_boundary_one_at_a_time", using="gist"),
        CheckConstraint("not isempty(during)", name="during_not_empty"),
        CheckConstraint("not ST_IsEmpty(geom)", name="geom_not_empty"),
        CheckConstraint("ST_IsValid(geom)", name="geom_valid"),
        *(
            Index(
                f"ix_boundary_geom_{level}",
                "geom",
                postgresql_using="gist",
                postgresql_where=text(f"level = '{level}'"),
            )
            for level in LEVELS
        ),
        Index("ix_boundary_grid_id", "grid_id"),
    )
    id: Mapped[BigId]
    grid_id: Mapped[int] = mapped_column(ForeignKey("grid.id"))
    code: Mapped[str]
    level: Mapped[str]
    geom: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False))
    during: Mapped[Range[dt.datetime]] = mapped_column(TSTZRANGE)
    area_m2: Mapped[float]
    plan_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("plan.id"))

    grid: Mapped[Grid] = relationship()


class Street(Base):
    """A street of the base data, a line in EPSG:4326."""

    __tablename__ = "street"
    __table_args__ = (Index("ix_street_geom", "geom", postgresql_using="gist"),)
    id: Mapped[BigId]
    source: Mapped[str]
    source_id: Mapped[str | None]
    kind: Mapped[str]
    name: Mapped[str | None]
    oneway: Mapped[bool] = mapped_column(server_default="false")
    rank: Mapped[int] = mapped_column(SmallInteger, server_default="5")
    geom: Mapped[WKBElement] = mapped_column(Geometry("GEOMETRY", srid=4326, spatial_index=False))


class Building(Base):
    """A building of the base data, a polygon in EPSG:4326; water and parks stand in ``Street``'s sister ``Surface``."""

    __tablename__ = "building"
    __table_args__ = (Index("ix_building_geom", "geom", postgresql_using="gist"),)
    id: Mapped[BigId]
    source: Mapped[str]
    source_id: Mapped[str | None]
    name: Mapped[str | None]
    use: Mapped[str | None]
    floors: Mapped[int | None]
    households: Mapped[int | None]
    geom: Mapped[WKBElement] = mapped_column(Geometry("GEOMETRY", srid=4326, spatial_index=False))


class Surface(Base):
    """Water, parks and the like, polygons in EPSG:4326, drawn below streets and buildings."""

    __tablename__ = "surface"
    __table_args__ = (Index("ix_surface_geom", "geom", postgresql_using="gist"),)
    id: Mapped[BigId]
    source: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str | None]
    geom: Mapped[WKBElement] = mapped_column(Geometry("GEOMETRY", srid=4326, spatial_index=False))


def path_of(parent: Grid | None, own: int) -> list[int]:
    """Path of a grid below ``parent``: the ids from the root down to ``own``."""
    return [*(parent.path if parent else []), own]
