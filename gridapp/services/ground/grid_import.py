"""Boundaries of a level from a file: checked against what is there, numbered, mended, stored as versions in time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import func, select

from geodata import codes as numbering
from geodata.coverage import Finding
from geodata.io import Layer
from geodata.nesting import larger_part
from gridapp.db import session
from gridapp.models import LEVELS, Grid
from gridapp.services.bulk import take_time, wire
from gridapp.services.ground import grid_findings, grid_layers, grid_load, grid_rows
from gridapp.services.ground.grid_rows import Columns, GridRow
from gridapp.services.orders.import_faults import refused

PHASES = 3


@dataclass(frozen=True)
class Imported:
    """What became of a file.

    Attributes:
        features: how many it holds.
        stored: whether anything was stored; not where findings stopped it.
        created: new grids.
        changed: grids that have a new boundary from the time on.
        unchanged: grids that were there with this very boundary.
        left_out: features without an area, whose finding was accepted.
        mended: codes of the grids whose rings crossed and were made valid.
        notes: what the reader mended, as (English, Chinese).
        findings: what is wrong, the accepted kinds among it.
    """

    features: int
    stored: bool = False
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    left_out: int = 0
    mended: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    findings: list[Finding] = field(default_factory=list)

    def refused_kinds(self, accepted: frozenset[str]) -> list[str]:
        """Kinds of findings that were not accepted."""
        return sorted({finding.kind for finding in self.findings} - accepted)


@dataclass(frozen=True)
class _Drawing:
    """A file in the making: its frame with ``code``, the shapes to store, the position of each one's parent."""

    frame: gpd.GeoDataFrame
    shapes: NDArray[np.object_]
    mended: NDArray[np.bool_]
    blank: NDArray[np.bool_]
    parents: gpd.GeoDataFrame
    home: NDArray[np.int64]


def import_grids(
    layer: Layer,
    file: str,
    level: str,
    columns: Columns,
    since: dt.datetime,
    accepted: frozenset[str] = frozenset(),
    *,
    moved: Callable[[int], object] = lambda _phases: None,
) -> Imported:
    """Store the grids of a file in the running transaction, unless there are findings of kinds that are not accepted.

    Args:
        layer: the file as it was read.
        file: its name, for what is wrong with it.
        level: one of ``LEVELS``.
        columns: which columns say what; without a code grids are numbered by rule below the parent that holds the
            larger part of them, which is the parent also where no column names one.
        since: from when the boundaries hold; a grid that is there keeps its earlier versions.
        accepted: kinds of findings that do not stop it.
        moved: told after each of ``PHASES``.

    Raises:
        ImportRefused: a column that is missing, a code that is blank or twice, a parent that is not there.
        Problem: codes or times that collide with the grids there are.
    """
    if not len(layer.frame):
        hint = ("Export it again from where it comes.", "请从来源系统重新导出。")
        raise refused(("there are no features", "没有要素"), hint, file=file)
    grid_rows.check_columns(layer.frame, columns, file)
    with wire() as connection:
        take_time(connection)
    drawing = _named(_placed(layer, level, columns, since, file), columns, file)
    moved(1)
    result = _looked_at(layer, drawing, level, since)
    moved(1)
    if result.refused_kinds(accepted):
        return result
    stored = grid_load.load(_rows(drawing, columns, file), level, since, parents_named=columns.parent is not None)
    moved(1)
    return replace(
        result,
        stored=True,
        created=stored.created,
        changed=stored.changed,
        unchanged=stored.unchanged,
        left_out=int(drawing.blank.sum()),
    )


def _placed(layer: Layer, level: str, columns: Columns, since: dt.datetime, file: str) -> _Drawing:
    shapes, mended, blank = grid_rows.polygons(layer.frame)
    if columns.parent is None:
        parents = grid_layers.above(since, level)
        home = larger_part(shapes, np.asarray(parents.geometry.to_numpy(), dtype=object))
    else:
        parents, home = _named_parents(layer.frame, columns.parent, level, since, file)
    return _Drawing(layer.frame, shapes, mended, blank, parents, home)


def _named_parents(
    frame: gpd.GeoDataFrame, column: str, level: str, since: dt.datetime, file: str
) -> tuple[gpd.GeoDataFrame, NDArray[np.int64]]:
    """The areas above, and for each feature the position of the one that its column names, -1 where it names none."""
    layers = [grid_layers.at_or_after(since, upper) for upper in LEVELS[: LEVELS.index(level)]]
    above = gpd.GeoDataFrame(pd.concat(layers, ignore_index=True)) if layers else grid_layers.above(since, level)
    place = {code: position for position, code in enumerate(above["code"])}
    wanted = grid_rows.texts(frame, column)
    for feature, code in enumerate(wanted, start=1):
        if code and code not in place:
            why = (f"there is no area with the code {code} above this level", f"上级没有编码为 {code} 的区域")
            hint = ("Import the level above first, or leave out --parent.", "请先导入上级区域，或不使用 --parent。")
            raise refused(why, hint, file=file, feature=feature)
    return above, np.array([place.get(code, -1) for code in wanted], dtype=np.int64)


def _named(drawing: _Drawing, columns: Columns, file: str) -> _Drawing:
    """With a code for every grid: of the file, or by rule."""
    by_rule = columns.code is None
    named = _numbered(drawing, file) if by_rule else grid_rows.codes(drawing.frame, columns.code or "", file)
    return replace(drawing, frame=drawing.frame.assign(code=named))


def _numbered(drawing: _Drawing, file: str) -> list[str]:
    """New codes below each parent, west to east, then north to south; never one that was used before."""
    lost = np.flatnonzero((drawing.home < 0) & ~drawing.blank)
    if len(lost):
        why = ("no area above holds it, so it cannot be numbered", "没有上级区域包含它，无法编号")
        hint = (
            "Import the level above first, or name the codes with --code.",
            "请先导入上级区域，或用 --code 指定编码。",
        )
        raise refused(why, hint, file=file, feature=int(lost[0]) + 1)
    named = [f"-{row + 1}" for row in range(len(drawing.home))]
    for parent in np.unique(drawing.home[~drawing.blank]).tolist():
        rows = np.flatnonzero((drawing.home == parent) & ~drawing.blank)
        code = str(drawing.parents["code"].iloc[parent])
        used = session.scalars(select(Grid.code).where(func.starts_with(Grid.code, code))).all()
        for row, made in zip(rows.tolist(), numbering.number(code, drawing.shapes[rows], used), strict=True):
            named[row] = made
    return named


def _looked_at(layer: Layer, drawing: _Drawing, level: str, since: dt.datetime) -> Imported:
    notes = tuple((note.message("en"), note.message("zh")) for note in layer.notes)
    mended = tuple(drawing.frame["code"][drawing.mended & ~drawing.blank])
    findings = _findings(layer, drawing, level, since)
    return Imported(len(drawing.frame), mended=mended, notes=notes, findings=findings)


def _findings(layer: Layer, drawing: _Drawing, level: str, since: dt.datetime) -> list[Finding]:
    """Of the level as it would be: the file and the grids beside them that it does not name, below the same parents."""
    touched = drawing.parents.iloc[np.unique(drawing.home[drawing.home >= 0])]
    beside = grid_layers.at_or_after(since, level)
    mine = set(drawing.frame["code"])
    own = ~beside["code"].isin(mine)
    stay = beside[own & beside["parent"].isin(touched["code"])] if len(touched) else beside[own]
    whole = gpd.GeoDataFrame(
        {"code": [*drawing.frame["code"], *stay["code"]]},
        geometry=[*drawing.frame.geometry, *stay.geometry],
        crs=drawing.frame.crs,
    )
    found = grid_findings.find(whole, layer.faults, touched if len(touched) else None)
    concerned = mine | set(touched["code"])
    return [finding for finding in found if not finding.grids or concerned & set(finding.grids)]


def _rows(drawing: _Drawing, columns: Columns, file: str) -> list[GridRow]:
    frame = drawing.frame
    named = frame["code"].tolist()
    parent = [int(drawing.parents["id"].iloc[home]) if home >= 0 else None for home in drawing.home.tolist()]
    members: list[tuple[Any, ...]] = list(
        zip(
            named,
            grid_rows.names(frame, columns.name, named),
            [name or None for name in grid_rows.texts(frame, grid_rows.NAME_EN)],
            grid_rows.kinds(frame),
            grid_rows.households(frame, columns.households, file),
            parent,
            drawing.shapes.tolist(),
            strict=True,
        )
    )
    return [GridRow(row + 1, *member) for row, member in enumerate(members) if not drawing.blank[row]]
