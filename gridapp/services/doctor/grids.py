"""The grids: coordinates in one system, and children that tile their parents."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
from sqlalchemy import func, select, text

from geodata.coverage import Finding
from gridapp.config import Settings
from gridapp.db import session
from gridapp.models import LEVELS, Boundary
from gridapp.services.doctor.finding import Trouble
from gridapp.services.ground import grid_findings, grid_layers
from gridapp.timesource import now

MOST = 20_000
"""Grids of a level that are looked at; beyond it the first parents that hold so many are."""
NAMED = 10
WGS84 = 4326


def srid(_settings: Settings) -> Iterator[Trouble]:
    """Every geometry is in EPSG:4326."""
    query = text("select f_table_name, f_geometry_column, srid from geometry_columns where f_table_schema = 'public'")
    for table, column, found in session.execute(query):
        if found != WGS84:
            yield Trouble(
                f"{table}.{column} is in EPSG:{found}, not 4326.", f"{table}.{column} 的坐标系为 {found}，应为 4326。"
            )


def topology(_settings: Settings) -> Iterator[Trouble]:
    """Current boundaries of each level tile the level above, without overlaps and gaps."""
    at = now()
    for level in LEVELS:
        held = func.now() if at is None else at
        if not session.scalar(
            select(Boundary.id).where(Boundary.level == level, Boundary.during.contains(held)).limit(1)
        ):
            continue
        frame = grid_layers.at(at, level)
        parents = grid_layers.above(at, level)
        frame, parents = _bounded(frame, parents)
        yield from _told(level, grid_findings.find(frame, (), parents if len(parents) else None))


def _bounded(frame: gpd.GeoDataFrame, parents: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Only grids below the parents that are looked at, and only parents that have any."""
    parents = parents[parents["code"].isin(frame["parent"])]
    if len(frame) <= MOST:
        return frame, parents
    counts = frame["parent"].value_counts().reindex(parents["code"]).cumsum()
    parents = parents[parents["code"].isin(counts[counts <= MOST].index)]
    return frame[frame["parent"].isin(parents["code"])], parents


def _told(level: str, findings: list[Finding]) -> Iterator[Trouble]:
    """One sentence for each kind."""
    for kind in dict.fromkeys(finding.kind for finding in findings):
        codes = sorted({code for finding in findings if finding.kind == kind for code in finding.grids})
        count = sum(finding.kind == kind for finding in findings)
        named = ", ".join(codes[:NAMED]) + (" …" if len(codes) > NAMED else "")
        yield Trouble(
            f"{count} x {kind} among the grids of level {level} ({named}): redraw them.",
            f"{level} 级网格存在 {count} 处 {kind}（{named}），请调整边界。",
            {"level": level, "kind": kind, "count": count, "grids": codes[:100]},
        )
