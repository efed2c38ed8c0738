"""Grids, the catalogue and maps."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from mobile_api.shapes.base import Names, Shape


class Area(Shape):
    """A grid or an area above it."""

    id: int
    level: Literal["district", "street", "community", "group", "building"]
    code: str
    name: str
    name_en: str | None
    kind: str


class Near(Shape):
    """A grid beside a point."""

    id: int
    level: str
    code: str
    name: str
    name_en: str | None
    distance_m: float


class Located(Shape):
    """Which grids hold a point."""

    chain: list[Area]
    candidates: list[Near]
    nearest: Near | None
    distance_m: float | None


class FeatureCollection(BaseModel):
    """A GeoJSON FeatureCollection; ``properties.part`` is own, child or neighbour."""

    type: Literal["FeatureCollection"]
    features: list[dict[str, Any]]


class BaseMap(BaseModel):
    """A GeoJSON FeatureCollection; ``properties.layer`` is surface, street or building.

    ``complete`` is false where only the part nearest to the own grid is shown.
    """

    type: Literal["FeatureCollection"]
    complete: bool
    features: list[dict[str, Any]]


class CategoryNode(BaseModel):
    """A class of matters with what reporting it asks; leaves can be reported."""

    model_config = ConfigDict(extra="allow")
    code: str
    name: Names
    children: list[CategoryNode]


class CatalogueDocument(Shape):
    """An edition of the catalogue."""

    version: str
    standard: str
    categories: list[CategoryNode]
    duties: list[dict[str, Any]]
    reasons: dict[str, list[dict[str, Any]]]
