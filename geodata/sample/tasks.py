"""Seeds of tasks: where, what, when and how far each has come; whoever fills a database plays the steps in between."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata import crs
from geodata.sample.district import SampleDistrict
from geodata.sample.grids import Ints, apportion
from geodata.sample.lattice import Floats
from geodata.sample.sizes import SIZES
from geodata.sample.words import describe, notes

Source = Literal["worker", "resident", "hotline", "chief"]


class CategoryWeight(NamedTuple):
    """A category of the catalogue and how often it is reported, in any unit."""

    code: str
    name: str
    weight: float = 1.0


class Fate(NamedTuple):
    """Where a task stands at the end, and the share of tasks that stand there."""

    stage: Literal["report", "assign", "handle", "feedback", "review"]
    outcome: Literal["resolved", "dismissed", "merged", "withdrawn"] | None
    share: float


FATES: Final = (
    Fate("report", None, 0.08),
    Fate("assign", None, 0.07),
    Fate("handle", None, 0.12),
    Fate("feedback", None, 0.06),
    Fate("review", "resolved", 0.58),
    Fate("report", "dismissed", 0.04),
    Fate("report", "merged", 0.02),
    Fate("assign", "merged", 0.01),
    Fate("report", "withdrawn", 0.02),
)
SOURCES: Final[dict[Source, float]] = {"worker": 0.62, "resident": 0.18, "hotline": 0.12, "chief": 0.08}
BY_UNIT: Final = 0.22
"""Share of assigned tasks that go to a unit."""
OPEN_HOURS: Final = 20
NEAR_EDGE: Final = (0.03, 0.1)


def make_tasks(
    district: SampleDistrict,
    categories: Sequence[CategoryWeight],
    now: datetime,
    *,
    count: int | None = None,
    weeks: float = 6,
) -> gpd.GeoDataFrame:
    """Tasks of the last weeks, oldest first; their places lie surely inside the grids they name.

    Columns: id (UUID text), category, description, address, source, reporter and assignee (usernames, None for
    residents and for what is not assigned), grid (code of the group), building (code of the building grid), reported_at
    (UTC), stage, outcome (None while open), pace (share of its time limit that the handling took or has taken, above 1
    when late), note (of the feedback, None before it), geometry (a point in degrees).

    Args:
        district: where they happen.
        categories: what is reported, with weights.
        now: aware time, the end of the weeks.
        count: how many; by default what is usual for the size of the district.
        weeks: how far back they go.
    """
    many = SIZES[district.size].tasks if count is None else count
    rng = np.random.default_rng([district.seed, many, 1])
    cell = _cells(district, many, rng)
    fate = rng.permutation(np.repeat(np.arange(len(FATES)), apportion(many, np.array([f.share for f in FATES]))))
    kind = rng.choice(len(categories), many, p=_shares([category.weight for category in categories]))
    table = pd.DataFrame({"reported_at": _times(fate, now, weeks, rng)})
    table["category"] = np.array([category.code for category in categories], dtype=object)[kind]
    _say(table, district, cell, [categories[i].name for i in kind.tolist()], rng)
    _place(table, district, cell)
    _people(table, district, rng)
    _run(table, fate, rng)
    points = _points(district, cell, rng)
    frame = gpd.GeoDataFrame(table, geometry=shapely.points(points), crs=crs.WGS84)
    frame = frame.sort_values("reported_at", kind="stable", ignore_index=True)
    frame.insert(0, "id", [str(uuid.UUID(bytes=rng.bytes(16), version=4)) for _ in range(many)])
    return frame


def _shares(weights: Sequence[float] | Floats) -> Floats:
    array = np.asarray(weights, dtype=float)
    return np.asarray(array / array.sum())


def _cells(district: SampleDistrict, many: int, rng: np.random.Generator) -> Ints:
    """Building grids, those with more households more often; nobody reports from the middle of the river."""
    drawing = district.drawing
    uses = np.array([node.use for node in drawing.cells.nodes])
    weight = np.where(uses == "residential", drawing.households, np.where(uses == "bank", 0, 40))
    return rng.choice(len(weight), many, p=_shares(weight))


def _points(district: SampleDistrict, cell: Ints, rng: np.random.Generator) -> Floats:
    """Two in three along the street side of their grid, the others between its houses."""
    many = len(cell)
    place = rng.uniform(0.12, 0.88, (many, 2))
    edge = rng.uniform(*NEAR_EDGE, many)
    edge = np.where(rng.random(many) < 0.5, edge, 1 - edge)  # noqa: PLR2004 - either side
    side = rng.integers(0, 3, many)
    place[side < 2, side[side < 2]] = edge[side < 2]  # noqa: PLR2004 - 0 and 1 are axes, 2 is neither
    rects = np.array([node.rect for node in district.drawing.cells.nodes], dtype=float)[cell]
    at = rects[:, :2] + place * (rects[:, 2:] - rects[:, :2])
    return district.lattice.at(at[:, 0], at[:, 1])


def _times(fate: Ints, now: datetime, weeks: float, rng: np.random.Generator) -> pd.DatetimeIndex:
    """Open ones are younger; what has gone farther was reported earlier."""
    many = len(fate)
    closed = np.array([f.outcome is not None for f in FATES])[fate]
    far = np.array(
        [{"report": 0.15, "assign": 0.5, "handle": 1.5, "feedback": 2, "review": 0}[f.stage] for f in FATES]
    )[fate]
    hours = np.where(closed, rng.uniform(8, weeks * 168, many), rng.exponential(far * OPEN_HOURS) + 0.1)
    hours = np.minimum(hours, weeks * 168)
    seconds = np.round(hours * 3600).astype("timedelta64[s]")
    return pd.DatetimeIndex(pd.Timestamp(now).tz_convert("UTC").floor("s") - pd.to_timedelta(seconds))


def _say(table: pd.DataFrame, district: SampleDistrict, cell: Ints, names: list[str], rng: np.random.Generator) -> None:
    streets = district.streets["name"].to_numpy()
    middles = shapely.centroid(district.drawing.cells.shapes)
    nearest = shapely.STRtree(district.streets.geometry.to_numpy()).nearest(middles)
    blocks = district.drawing.block_of_cell[cell].tolist()
    here = streets[nearest][cell].tolist()
    places = [district.drawing.compounds[block].zh for block in blocks]
    table["description"] = describe(names, here, places, rng)
    numbers = rng.integers(1, 200, len(cell)).tolist()
    table["address"] = [f"{s}{number}号（{p}）" for s, number, p in zip(here, numbers, places, strict=True)]


def _place(table: pd.DataFrame, district: SampleDistrict, cell: Ints) -> None:
    building = np.array(district.drawing.cells.codes, dtype=object)[cell]
    table["grid"] = [code[:15] for code in building.tolist()]
    table["building"] = building


def _people(table: pd.DataFrame, district: SampleDistrict, rng: np.random.Generator) -> None:
    """Who reported, and who would have it once it is assigned."""
    many = len(table)
    workers = {person.post: person.username for person in district.with_role("worker")}
    chiefs = {person.post: person.username for person in district.with_role("chief")}
    here = [workers.get(code) for code in table["grid"]]
    by: dict[str, list[str | None]] = {"worker": here, "chief": [chiefs[code[:12]] for code in table["grid"]]}
    drawn = rng.choice(list(SOURCES), many, p=_shares(list(SOURCES.values()))).tolist()
    source = ["chief" if s == "worker" and worker is None else s for s, worker in zip(drawn, here, strict=True)]
    table["source"] = source
    table["reporter"] = _texts([by[kind][i] if kind in by else None for i, kind in enumerate(source)])
    units = [person.username for person in district.with_role("handler")]
    unit = rng.integers(len(units), size=many).tolist()
    to_unit = (rng.random(many) < BY_UNIT).tolist()
    rows = zip(unit, to_unit, here, strict=True)
    table["assignee"] = _texts([units[u] if far or worker is None else worker for u, far, worker in rows])


def _run(table: pd.DataFrame, fate: Ints, rng: np.random.Generator) -> None:
    """How far each has come and how quickly; what was never assigned has no assignee."""
    many = len(table)
    stage = np.array([f.stage for f in FATES], dtype=object)[fate]
    table["stage"] = stage
    table["outcome"] = _texts([FATES[i].outcome for i in fate.tolist()])
    table.loc[stage == "report", "assignee"] = None
    table["pace"] = np.round(rng.lognormal(-0.6, 0.5, many), 3)
    done = np.isin(stage, ["feedback", "review"]).tolist()
    table["note"] = _texts([note if fed_back else None for note, fed_back in zip(notes(many, rng), done, strict=True)])


def _texts(values: Sequence[str | None]) -> "pd.Series[Any]":
    """A column in which nothing stays None, where pandas would make it a number that is not one."""
    return pd.Series(values, dtype=object)
