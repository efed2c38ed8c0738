"""Findings of a boundary file: those of the checks, and the faults that its reader let through."""

from __future__ import annotations

from typing import Any

import geopandas as gpd

from geodata import coverage
from geodata.coverage import Finding
from geodata.crs import WGS84
from geodata.io import Note

SEEN_BY_CHECKS = frozenset({"invalid", "empty"})


def find(
    frame: gpd.GeoDataFrame,
    notes: tuple[Note, ...] = (),
    parents: gpd.GeoDataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    *,
    tolerance: float = 0.0,
    enclave: float = coverage.ENCLAVE_M,
) -> list[Finding]:
    """Everything that is wrong with a layer, in the order of ``coverage.KINDS``.

    Args:
        frame: the layer; its column ``code`` names the grids.
        notes: what its reader noticed, by position in the frame.
        parents: the level above, with ``code``.
        buildings: polygons that no border may cut.
        tolerance: metres that are forgiven.
        enclave: metres of width from which a hole is somebody else's ground.
    """
    told = [_finding(frame, note, row) for note in notes if _is_ours(note) for row in note.positions]
    found = coverage.check(frame, parents, buildings, tolerance=tolerance, enclave=enclave)
    return sorted([*told, *found], key=lambda one: (coverage.KINDS.index(one.kind), one.grids))


def _is_ours(note: Note) -> bool:
    return note.finding is not None and note.kind not in SEEN_BY_CHECKS


def _finding(frame: gpd.GeoDataFrame, note: Note, row: int) -> Finding:
    named: Any = frame["code"].iloc[row] if "code" in frame.columns else row + 1
    kind = next(kind for kind in coverage.KINDS if kind == note.finding)
    place = frame.geometry.iloc[[row]]
    return Finding(kind, (str(named),), 0.0, 0.0, place.to_crs(WGS84).iloc[0] if frame.crs else place.iloc[0])


def document(features: int, findings: list[Finding]) -> dict[str, Any]:
    """The findings as the command's page says."""
    return {"features": features, "valid": not findings, "findings": [finding.as_dict() for finding in findings]}
