"""The catalogue, and grids: which hold a point, and mine for the offline map."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response
from pydantic import Field

from gridapp.doors import principal
from gridapp.services.editions import catalogue
from gridapp.services.ground import basemap, locate, own_grid
from gridapp.services.moments import Moment
from gridapp.services.reporting.report_rules import Location, wgs84
from mobile_api.answers import answer, conditional
from mobile_api.calls import IF_NONE_MATCH, UNCHANGED, Answer, call
from mobile_api.schemas import Crs, Lat, Lon, Query
from mobile_api.shapes.areas import BaseMap, CatalogueDocument, FeatureCollection, Located


class LocateQuery(Query):
    """A point and a time."""

    lon: Lon
    lat: Lat
    crs: Crs = "wgs84"
    accuracy: Annotated[float, Field(ge=0, le=1_000_000)] = 0.0
    at: Moment | None = None


@call(
    "GET",
    "/catalogue",
    permission="catalogue.read",
    answers={200: Answer("The edition in force", CatalogueDocument, headers=("ETag",)), 304: UNCHANGED},
    problems=("not_found",),
    reads_headers=IF_NONE_MATCH,
)
def read_catalogue() -> Response:
    """Read the catalogue: what can be reported, and what each class asks for."""
    document = catalogue.document(catalogue.current(), principal())
    return conditional(document.body, document.etag)


@call(
    "GET",
    "/locate",
    permission="area.read",
    query=LocateQuery,
    answers={200: Answer("The grids, from the top down", Located)},
)
def locate_point(query: LocateQuery) -> Response:
    """Tell which grids hold a point; outside everything, the nearest one."""
    lon, lat = wgs84(Location(lon=query.lon, lat=query.lat, crs=query.crs, accuracy=None))
    return answer(located_document(locate.locate(principal(), lon, lat, accuracy=query.accuracy, at=query.at)))


def located_document(found: locate.Located) -> dict[str, Any]:
    """What was found as JSON members."""
    return {
        "chain": found.chain,
        "candidates": found.candidates,
        "nearest": found.nearest,
        "distance_m": found.nearest["distance_m"] if found.nearest else None,
    }


@call(
    "GET",
    "/grids/mine",
    permission="area.read",
    answers={200: Answer("Own grid, children, neighbours", FeatureCollection, headers=("ETag",)), 304: UNCHANGED},
    reads_headers=IF_NONE_MATCH,
)
def my_grids() -> Response:
    """Read my grid, its children and its neighbours, for the offline map."""
    return conditional(own_grid.mine(principal()))


@call(
    "GET",
    "/basemap/mine",
    permission="area.read",
    answers={200: Answer("Streets, buildings, surfaces", BaseMap, headers=("ETag",)), 304: UNCHANGED},
    reads_headers=IF_NONE_MATCH,
)
def my_base_map() -> Response:
    """Read the streets and buildings of my grid and 200 m around, for the offline map."""
    return conditional(basemap.mine(principal()))
