"""The plan of a made-up town on its lattice: which rectangle is which grid, and which cut which street."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final, Literal, NamedTuple

import numpy as np

from geodata.sample.names import Name
from geodata.sample.partition import Cut, Rect, Split, pinwheel, split
from geodata.sample.sizes import BLOCKS_PER_GROUP, Size

StreetKind = Literal["primary", "secondary", "tertiary", "residential"]
Use = Literal["residential", "mall", "campus", "market", "park", "bank"]


class StreetLine(NamedTuple):
    """A street of the plan; most get their names later."""

    kind: StreetKind
    cut: Cut
    name: Name | None = None
    bridge: bool = False


SPECIALS: Final[tuple[Use, ...]] = ("market", "park", "campus", "mall")
BANK: Final = 2
"""Lattice units from the middle of the river to its quay."""
NARROW: Final = 1.016
"""Blocks too narrow for their share of building grids take fewer; the others make up for them."""
QUAYS: Final = (Name("滨江南路", "Riverside Road South"), Name("滨江北路", "Riverside Road North"))
RING: Final = tuple(
    Name(f"{zh}环大道", f"{en} Ring Avenue")
    for zh, en in zip("西北东南", ("West", "North", "East", "South"), strict=True)
)


@dataclass(frozen=True)
class Node:
    """A rectangle of the plan with what it was cut into."""

    rect: Rect
    use: Use = "residential"
    children: tuple["Node", ...] = ()


@dataclass
class Plan:
    """The tree district > street > community > group > block > building grid, and its street lines."""

    units: tuple[int, int]
    river: int
    focus: tuple[float, float]
    district: Node = Node(Rect(0, 0, 1, 1))
    streets: list[StreetLine] = field(default_factory=list)

    def open(self, kind: StreetKind, cuts: Sequence[Cut], names: Sequence[Name | None] = ()) -> None:
        """Make streets of cuts."""
        self.streets += [StreetLine(kind, cut, name) for cut, name in zip_longest(cuts, names)]


def lay_out(size: Size, rng: np.random.Generator) -> Plan:
    """Plan a town: the river first, the ring around the old town, then ever smaller parts."""
    area = (size.groups * BLOCKS_PER_GROUP + size.specials * 5) * size.block_units**2
    width = round(np.sqrt(area * 1.2))
    height = round(area / width)
    river = round(height * sum(size.south) / size.communities)
    plan = Plan((width, height), river, (0.5, (1 + river / height) / 2))
    north = _north(plan, Rect(0, river, width, height), size, rng)
    south = _sector(plan, Rect(0, 0, width, river), size.south, rng)
    plan.open("primary", [Cut(True, river + side, 0, width) for side in (-BANK, BANK)], QUAYS)
    plan.open("secondary", _outskirts(width, height, river))
    offices = [*north, *south]
    budget = _Budget(size, rng)
    plan.district = Node(Rect(0, 0, width, height), children=tuple(_office(plan, *o, budget) for o in offices))
    bridges = list(_bridges(plan))
    plan.streets = [street for street in (_off_river(s, river) for s in plan.streets) if street.cut.lo < street.cut.hi]
    plan.streets += bridges
    return plan


def _north(plan: Plan, rect: Rect, size: Size, rng: np.random.Generator) -> list[tuple[Rect, int]]:
    if not size.arms:
        return _sector(plan, rect, size.centre, rng)
    wheel = pinwheel(rect, float(np.sqrt(sum(size.centre) / (size.communities - sum(size.south)))))
    plan.open("primary", wheel.cuts, RING)
    return [
        office
        for part, counts in zip(wheel.parts, (size.centre, *size.arms), strict=True)
        for office in _sector(plan, part, counts, rng)
    ]


def _sector(plan: Plan, rect: Rect, counts: Sequence[int], rng: np.random.Generator) -> list[tuple[Rect, int]]:
    """Street offices of a sector, each with its number of communities."""
    done = split(rect, counts, rng)
    plan.open("primary", done.cuts)
    return list(zip(done.parts, counts, strict=True))


def _outskirts(width: int, height: int, river: int) -> list[Cut]:
    sides = [Cut(False, x, lo, hi) for x in (0, width) for lo, hi in ((0, river), (river, height))]
    return [Cut(True, 0, 0, width), Cut(True, height, 0, width), *sides]


def _off_river(street: StreetLine, river: int) -> StreetLine:
    """A street that came to the middle of the river ends on its quay."""
    cut = street.cut
    if cut.horizontal:
        return street
    lo = river + BANK if cut.lo == river else cut.lo
    hi = river - BANK if cut.hi == river else cut.hi
    return street._replace(cut=cut._replace(lo=lo, hi=hi))


def _bridges(plan: Plan) -> Iterator[StreetLine]:
    """Bridges where big streets come to the river, the biggest first, none too near to another."""
    taken = [0, plan.units[0]]
    apart = plan.units[0] / 8
    for kind in ("primary", "secondary", "tertiary"):
        for street in plan.streets:
            at_river = not street.cut.horizontal and plan.river in (street.cut.lo, street.cut.hi)
            if street.kind == kind and at_river and min(abs(street.cut.at - x) for x in taken) >= apart:
                taken.append(street.cut.at)
                yield StreetLine(kind, Cut(False, street.cut.at, plan.river - BANK, plan.river + BANK), bridge=True)


class _Budget:
    """What is still to be shared out among the communities: groups, special grids, building grids."""

    def __init__(self, size: Size, rng: np.random.Generator) -> None:
        self.rng = rng
        base, more = divmod(size.groups, size.communities)
        self.groups = rng.permutation([base + (i < more) for i in range(size.communities)]).tolist()
        self.specials: list[list[Use]] = [[] for _ in range(size.communities)]
        for i, place in enumerate(rng.permutation(np.arange(size.specials) % size.communities)):
            self.specials[place].append(SPECIALS[i % len(SPECIALS)])
        self.cells = 1.0
        if size.grids is not None:
            above = 1 + sum(map(len, (size.centre, *size.arms, size.south))) + size.communities
            leaves = size.grids - above - size.groups - size.specials
            self.cells = leaves * NARROW / (size.groups * (BLOCKS_PER_GROUP + 0.1))

    def community(self) -> tuple[int, list[Use]]:
        """Groups and special grids of the next community."""
        return self.groups.pop(), self.specials.pop()


def _office(plan: Plan, rect: Rect, communities: int, budget: _Budget) -> Node:
    contents = [budget.community() for _ in range(communities)]
    done = split(rect, [groups + 0.7 * len(specials) for groups, specials in contents], budget.rng)
    plan.open("secondary", done.cuts)
    return Node(
        rect,
        children=tuple(_community(plan, part, *c, budget) for part, c in zip(done.parts, contents, strict=True)),
    )


def _community(plan: Plan, rect: Rect, groups: int, specials: list[Use], budget: _Budget) -> Node:
    rng = budget.rng
    lived_in: list[Use] = ["residential"] * groups
    together = lived_in + specials
    uses = [together[i] for i in rng.permutation(len(together))]
    weights = [rng.uniform(0.85, 1.15) if use == "residential" else 0.7 for use in uses]
    done = split(rect, weights, rng)
    plan.open("tertiary", done.cuts)
    return Node(rect, children=tuple(_group(plan, p, use, budget) for p, use in zip(done.parts, uses, strict=True)))


def _group(plan: Plan, rect: Rect, use: Use, budget: _Budget) -> Node:
    """A group grid and its blocks; where it comes to the river, the bank is a block of its own."""
    dry, bank = _ashore(rect, plan.river)
    count = BLOCKS_PER_GROUP if use == "residential" else 2
    done = split(dry, budget.rng.uniform(0.7, 1.3, min(count, dry.units // 2)).tolist(), budget.rng)
    plan.open("residential", done.cuts)
    blocks = [_block(part, use, budget) for part in done.parts]
    return Node(rect, use, tuple(blocks + [Node(strip, "bank", (Node(strip, "bank"),)) for strip in bank]))


def _ashore(rect: Rect, river: int) -> tuple[Rect, list[Rect]]:
    if rect.y0 == river:
        return rect._replace(y0=river + BANK), [rect._replace(y1=river + BANK)]
    if rect.y1 == river:
        return rect._replace(y1=river - BANK), [rect._replace(y0=river - BANK)]
    return rect, []


def _block(rect: Rect, use: Use, budget: _Budget) -> Node:
    wanted = int(budget.cells + budget.rng.uniform()) if use == "residential" else 1
    cells: Split = split(rect, [1.0] * max(1, min(wanted, rect.units // 2)), budget.rng)
    return Node(rect, use, tuple(Node(part, use) for part in cells.parts))
