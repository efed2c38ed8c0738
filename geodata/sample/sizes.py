"""How large a made-up district is: three sizes, each a handful of numbers."""

from dataclasses import dataclass
from typing import Literal

SizeName = Literal["small", "medium", "large"]


@dataclass(frozen=True)
class Size:
    """The counts that a district is laid out by.

    Attributes:
        centre: communities of each street office inside the ring road, north of the river.
        arms: the same for each of the four sectors around the ring; empty where the town has no ring.
        south: the same south of the river.
        groups: group grids in all, shared out evenly among the communities.
        grids: grids of all levels together, or None where each street block is one building grid.
        block_units: lattice units along the side of a usual street block; the finest detail of a line.
        specials: grids of malls, campuses, markets and parks, beside the group grids.
        tasks: how many tasks a district of this size usually has.
    """

    centre: tuple[int, ...]
    arms: tuple[tuple[int, ...], ...]
    south: tuple[int, ...]
    groups: int
    grids: int | None
    block_units: int
    specials: int
    tasks: int

    @property
    def communities(self) -> int:
        """All communities."""
        return sum(self.centre) + sum(map(sum, self.arms)) + sum(self.south)


BLOCKS_PER_GROUP = 8
HOUSEHOLDS_PER_GROUP = 400

SIZES: dict[SizeName, Size] = {
    "small": Size((2,), (), (1,), groups=24, grids=None, block_units=3, specials=4, tasks=240),
    "medium": Size((8,), ((5,),) * 4, (8,), groups=300, grids=None, block_units=3, specials=16, tasks=3_000),
    "large": Size(
        (15,) * 4, ((15,) * 3,) * 4, (15,) * 4, groups=2_500, grids=100_000, block_units=4, specials=80, tasks=1_000_000
    ),
}
