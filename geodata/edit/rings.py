"""What a planner did to an outline, read from its vertices: some moved, some added, some taken away."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from geodata.edit.change import Shape

    Point = tuple[float, float]
    Ring = list[Point]


class Chain(NamedTuple):
    """A stretch of an outline between two vertices that stayed, as it was and as it is now, both ends included."""

    was: tuple[Point, ...]
    now: tuple[Point, ...]


def rings_of(shape: shapely.Polygon) -> list[Ring]:
    """The rings of a polygon, not closed, outer one first, counter-clockwise, holes clockwise."""
    turned = shapely.orient_polygons(shape)
    return [[(float(x), float(y)) for x, y in shapely.get_coordinates(ring)[:-1]] for ring in shapely.get_rings(turned)]


def parts_of(shape: Shape) -> list[list[Ring]]:
    """The rings of each part."""
    return [rings_of(part) for part in shapely.get_parts(shape)]


def shape_of(parts: list[list[Ring]]) -> Shape:
    """The shape of parts, each an outer ring and its holes."""
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in parts]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def chains_between(was: shapely.Polygon, now: shapely.Polygon) -> list[Chain] | None:
    """The stretches in which two outlines differ; None where they have too little in common to tell."""
    before, after = rings_of(was), rings_of(now)
    if len(before) != len(after):
        return None
    chains: list[Chain] = []
    for old, new in zip(before, after, strict=True):
        found = _ring_chains(old, new)
        if found is None:
            return None
        chains += found
    return chains


def _ring_chains(old: Ring, new: Ring) -> list[Chain] | None:
    common = set(old) & set(new)
    start = next((place for place, point in enumerate(old) if point in common), None)
    if start is None:
        return None
    old = old[start:] + old[: start + 1]
    there = new.index(old[0])
    new = new[there:] + new[: there + 1]
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [
        Chain(tuple(old[i - 1 : j + 1]), tuple(new[k - 1 : m + 1]))
        for step, i, j, k, m in steps
        if step != "equal" and i > 0 and j < len(old)
    ]


def follow(shapes: Mapping[str, Shape], chains: Iterable[Chain]) -> dict[str, Shape] | None:
    """The shapes with every vertex of the chains moved in all of them; None where a corner of several would be lost."""
    parts = {code: parts_of(shape) for code, shape in shapes.items()}
    rings = [part for several in parts.values() for part in several]
    for chain in chains:
        if len(chain.was) == len(chain.now):
            _move(rings, dict(zip(chain.was, chain.now, strict=True)))
        elif not _redraw(rings, chain):
            return None
    return {code: shape_of(several) for code, several in parts.items()}


def _move(polygons: list[list[Ring]], moves: dict[Point, Point]) -> None:
    for rings in polygons:
        rings[:] = [[moves.get(point, point) for point in ring] for ring in rings]


def _redraw(polygons: list[list[Ring]], chain: Chain) -> bool:
    """Replace a whole stretch where it stands; False where a vertex in it belongs to somebody who has not all of it."""
    inner = set(chain.was[1:-1])
    for rings in polygons:
        for place, ring in enumerate(rings):
            drawn = _replaced(ring, chain.was, chain.now) or _replaced(ring, chain.was[::-1], chain.now[::-1])
            if drawn is not None:
                rings[place] = drawn
            elif inner & set(ring):
                return False
    return True


def _replaced(ring: Ring, was: tuple[Point, ...], now: tuple[Point, ...]) -> Ring | None:
    if was[0] not in ring:
        return None
    start = ring.index(was[0])
    turned = ring[start:] + ring[:start]
    if len(was) > len(turned) + 1 or tuple((turned + turned[:1])[: len(was)]) != was:
        return None
    closed = turned[len(was) :] if len(was) <= len(turned) else []
    return [*now, *closed] if len(was) <= len(turned) else list(now[:-1])
