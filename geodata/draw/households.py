"""Households of buildings: as told, or guessed from footprint and floors, and it is said which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from geodata.draw.errors import ColumnWrong

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geodata.plane import Plane

HOME_M2: Final = 110.0
"""Floor space of a home with its share of walls and stairs."""
LIVED_IN: Final = {"residential": 1.0, "mixed": 0.5, "unknown": 0.5}
"""Share of the floor space that is homes, by use; other uses have none."""
FLOORS: Final = 2.0
"""Floors of a building that does not tell."""
STOREY_M: Final = 3.0
TALLEST: Final = 163
COLUMN: Final = "households"
FLOOR_COLUMNS: Final = ("floors", "building:levels", "levels", "layers", "层数", "楼层")
HEIGHT_COLUMNS: Final = ("height", "高度")


@dataclass(frozen=True)
class Households:
    """Households of each building.

    Attributes:
        load: how many.
        estimated: rows where the number is a guess.
        floors_unknown: how many of those told no floors.
    """

    load: NDArray[np.int64]
    estimated: NDArray[np.bool_]
    floors_unknown: int

    def as_dict(self) -> dict[str, Any] | None:
        """How it was guessed, None where nothing was."""
        if not self.estimated.any():
            return None
        return {
            "buildings": int(self.estimated.sum()),
            "households": int(self.load[self.estimated].sum()),
            "m2_per_household": HOME_M2,
            "share_of_floor_space": LIVED_IN,
            "floors_unknown": self.floors_unknown,
            "floors_where_unknown": FLOORS,
        }


def households_of(buildings: gpd.GeoDataFrame, column: str | None, plane: Plane) -> Households:
    """The households of buildings by a column, `households` where none is named; guessed where it says nothing.

    Raises:
        ColumnWrong: the column named is not there, holds words or negative numbers.
    """
    named = column or (COLUMN if COLUMN in buildings.columns else None)
    told = np.full(len(buildings), np.nan) if named is None else numbers(buildings, named)
    missing = np.isnan(told)
    guessed, unknown = _guess(buildings, plane)
    load = np.where(missing, guessed, np.round(np.nan_to_num(told)))
    return Households(load.astype(np.int64), missing, int((unknown & missing).sum()))


def numbers(buildings: gpd.GeoDataFrame, column: str) -> NDArray[np.float64]:
    """A column as numbers, not a number where a row has none.

    Raises:
        ColumnWrong: it is not there, holds words or negative numbers.
    """
    names = ", ".join(str(name) for name in buildings.columns if name != buildings.geometry.name)
    if column not in buildings.columns:
        raise ColumnWrong(column=column, why="is not there", why_zh="不存在", columns=names)
    blank = buildings[column].map(lambda value: isinstance(value, str) and not value.strip()).to_numpy(dtype=bool)
    values = pd.to_numeric(buildings[column], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    words = np.isnan(values) & buildings[column].notna().to_numpy() & ~blank
    if words.any():
        first = int(np.flatnonzero(words)[0])
        why, why_zh = f"holds “{buildings[column].iloc[first]}”", f"含有“{buildings[column].iloc[first]}”"
        raise ColumnWrong(feature=first + 1, column=column, why=why, why_zh=why_zh, columns=names)
    if (values < 0).any() or np.isinf(values).any():
        first = int(np.flatnonzero((values < 0) | np.isinf(values))[0])
        why, why_zh = f"holds {values[first]:g}", f"含有 {values[first]:g}"
        raise ColumnWrong(feature=first + 1, column=column, why=why, why_zh=why_zh, columns=names)
    return np.asarray(values)


def _guess(buildings: gpd.GeoDataFrame, plane: Plane) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    footprint = shapely.area(plane.metres(buildings.geometry.to_numpy()))
    floors = _floors(buildings)
    unknown = np.isnan(floors)
    use = buildings["use"] if "use" in buildings.columns else pd.Series("unknown", index=buildings.index)
    share = use.fillna("unknown").map(lambda word: LIVED_IN.get(str(word), 0.0)).to_numpy(dtype=np.float64)
    homes = np.round(footprint, 1) * np.where(unknown, FLOORS, floors) * share / HOME_M2
    return np.floor(homes + 0.5), unknown


def _floors(buildings: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Floors by their count, else by the height; not a number where neither tells something possible."""
    floors = np.full(len(buildings), np.nan)
    for names, storey in ((FLOOR_COLUMNS, 1.0), (HEIGHT_COLUMNS, STOREY_M)):
        for name in names:
            if name in buildings.columns:
                told = pd.to_numeric(buildings[name], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
                counted = np.ceil(told) if storey == 1 else np.maximum(np.round(told / storey), 1)
                good = np.isnan(floors) & (told > 0) & (counted <= TALLEST)
                floors[good] = counted[good]
    return floors
