"""How strong a border a line makes: main streets before lanes, water and railways, walls where nothing else is."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray


class Rank(IntEnum):
    """What a border runs along, the best first."""

    MAIN = 0
    WATER = 1
    RAIL = 2
    SECOND = 3
    THIRD = 4
    LANE = 5
    YARD = 6
    LOCKED = 7
    WALL = 8

    @property
    def street(self) -> bool:
        """Whether people walk or drive there."""
        return self in STREETS


STREETS: Final = frozenset({Rank.MAIN, Rank.SECOND, Rank.THIRD, Rank.LANE, Rank.YARD})
CLASSES: Final[dict[Rank, str]] = {
    Rank.MAIN: "motorway trunk primary major_road highway 主干道 快速路",
    Rank.SECOND: "secondary 次干道",
    Rank.THIRD: "tertiary 支路",
    Rank.LANE: "residential unclassified living_street minor_road road motorway_link trunk_link primary_link"
    " secondary_link tertiary_link street 街 巷",
    Rank.YARD: "service pedestrian track busway",
    Rank.RAIL: "rail railway light_rail",
    Rank.WATER: "water river canal riverbank stream coastline dock",
}
RANK_OF: Final = {name: rank for rank, names in CLASSES.items() for name in names.split()}
WITHOUT: Final = frozenset(
    {"footway", "path", "steps", "cycleway", "bridleway", "corridor", "crossing", "ferry", "subway", "raceway"}
    | {"bus_guideway", "escape", "via_ferrata", "proposed", "construction", "swimming_pool", "fountain", "tram"}
)
"""Ways beside or below the streets; as borders they would only double them."""
COLUMNS: Final = ("class", "highway", "kind", "fclass", "kind_detail", "railway", "waterway", "type")
DETAIL: Final = ("kind_detail", "railway", "waterway")
NONE: Final = -1


def ranks_of(streets: gpd.GeoDataFrame) -> tuple[NDArray[np.int64], int]:
    """The rank of each line by its class, -1 for ways that make no border, and how many have no class that is known.

    The class is looked for in the columns `class`, `highway`, `kind`, `fclass`, `type`; what is not known is a lane.
    """
    named = [column for column in COLUMNS if column in streets.columns]
    main = next((column for column in named if column not in DETAIL), None)
    detail = [column for column in named if column in DETAIL]
    if main is None and not detail:
        return np.full(len(streets), Rank.LANE, dtype=np.int64), len(streets)
    words = [_words(streets, column) for column in ([main] if main else []) + detail]
    ranked = [_rank(values) for values in zip(*words, strict=True)]
    unknown = sum(rank is None for rank in ranked)
    return np.array([Rank.LANE if rank is None else rank for rank in ranked], dtype=np.int64), unknown


def _words(streets: gpd.GeoDataFrame, column: str) -> list[str]:
    return [value.strip().lower() if isinstance(value, str) else "" for value in streets[column].tolist()]


def _rank(values: tuple[str, ...]) -> int | None:
    """By the class, unless a detail says that there is no border; a detail that is known outweighs it."""
    if any(value in WITHOUT for value in values):
        return NONE
    known = [RANK_OF[value] for value in values if value in RANK_OF]
    return int(known[-1]) if known else None
