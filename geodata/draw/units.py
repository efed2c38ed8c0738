"""Units: the smallest pieces of ground that are never divided, each with the buildings that stand on it.

A unit is a street block, or in a block with many households the ground around one building. Borders that would cut a
building go around it: what of a building lies beyond a line is given to the side that holds most of it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geodata import blocks as base

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geodata.plane import Plane

MOST_INSIDE: Final = 0.5
"""A building belongs to the ground when at least this share of it lies inside."""


@dataclass(frozen=True)
class Units:
    """A tiling of the ground.

    Attributes:
        shapes: polygons in degrees with common vertices.
        unit_of: the unit of each building, -1 where it stands outside the ground.
        across: rows of buildings that the outline of the ground itself cuts.
        overlapping: how many buildings overlap another one and go with it.
        block_of: the street block that each unit is part of, numbered.
    """

    shapes: NDArray[Any]
    unit_of: NDArray[np.int64]
    across: NDArray[np.int64]
    overlapping: int
    block_of: NDArray[np.int64]


@dataclass(frozen=True)
class _Homes:
    """Street blocks, the block that holds the larger part of each building (-1 none), and who stands in none whole."""

    blocks: NDArray[Any]
    home: NDArray[np.int64]
    cut: NDArray[np.bool_]


@dataclass(frozen=True)
class _Bodies:
    """Buildings that borders may come near: their rows, one polygon each, and the lump of each, named by its place."""

    rows: NDArray[np.int64]
    shapes: NDArray[Any]
    lump: NDArray[np.int64]


def make_units(
    within: shapely.Geometry,
    lines: base.Lines,
    buildings: NDArray[Any],
    load: NDArray[Any],
    split_over: float,
    plane: Plane,
    around: shapely.Geometry | None = None,
) -> Units:
    """Divide ground into units.

    Args:
        within: polygons in degrees.
        lines: streets, water and railways in degrees.
        buildings: valid polygons in degrees.
        load: what each building counts.
        split_over: a block that counts more is divided between its buildings.
        plane: metres for distances.
        around: blocks that touch this are divided whatever they count.
    """
    with ThreadPoolExecutor(1) as pool:  # shapely lets other threads work meanwhile
        lumps = pool.submit(base.lumps, base.bodies_of(buildings))
        homes = _homes(base.faces(lines.shapes, within), buildings)
        lump = lumps.result()
    stands = homes.home >= 0
    counted = np.bincount(homes.home[stands], load[stands], len(homes.blocks))
    housed = np.bincount(homes.home[stands], minlength=len(homes.blocks))
    near = np.zeros(len(housed), dtype=bool) if around is None else shapely.intersects(around, homes.blocks)
    fine = ((counted > split_over) | near) & (housed > 1)
    wanted = np.bincount(lump, stands & (homes.cut | fine[homes.home]), len(lump)) > 0
    drawn = np.flatnonzero(stands & wanted[lump])
    across = np.flatnonzero(stands & homes.cut)
    if len(across):
        across = across[shapely.intersects(shapely.boundary(within), buildings[across])]
    if len(drawn):
        bodies = base.bodies_of(buildings[drawn])
        shapes = _refined(within, lines, homes, _Bodies(drawn, bodies, _renamed(lump[drawn])), fine, plane)
    else:
        labels = np.arange(len(homes.blocks))
        shapes, label = base.blunt(homes.blocks, labels, np.zeros(len(labels), dtype=bool))
        shapes = base.dissolved(shapes, label)
    shapes = base.pinned(shapes, within)
    overlapping = int((np.bincount(lump, minlength=len(lump))[lump] > 1).sum())
    block_of = shapely.STRtree(homes.blocks).query_nearest(shapely.point_on_surface(shapes), all_matches=False)[1]
    return Units(shapes, _standing(shapes, buildings, stands), across, overlapping, block_of)


def _homes(blocks: NDArray[Any], buildings: NDArray[Any]) -> _Homes:
    home = np.full(len(buildings), -1)
    shapely.prepare(blocks)
    tree = shapely.STRtree(blocks)
    whole, holder = tree.query(buildings, "covered_by")
    home[whole[::-1]] = holder[::-1]
    rest = np.flatnonzero(home < 0)
    row, block = tree.query(buildings[rest], "intersects")
    shared = shapely.area(shapely.intersection(buildings[rest[row]], blocks[block]))
    share = np.round(shared / np.maximum(shapely.area(buildings[rest[row]]), np.finfo(float).tiny), 6)
    order = np.lexsort((-block, share))
    best = order[share[order] > 0]
    home[rest[row[best]]] = block[best]
    inside = np.bincount(row, share, len(rest))
    home[rest[inside < MOST_INSIDE]] = -1
    cut = np.zeros(len(buildings), dtype=bool)
    cut[rest] = True
    return _Homes(blocks, home, cut)


def _renamed(lump: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lumps named by the place of their first member among these."""
    _, first, place = np.unique(lump, return_index=True, return_inverse=True)
    return np.asarray(first[place])


def _refined(
    within: shapely.Geometry,
    lines: base.Lines,
    homes: _Homes,
    drawn: _Bodies,
    fine: NDArray[np.bool_],
    plane: Plane,
) -> NDArray[Any]:
    """Units where blocks are divided between buildings, or borders go around them."""
    bodies, lump = drawn.shapes, drawn.lump
    home = _home_of_lumps(homes.home[drawn.rows], lump, bodies)
    ground, owner = _walls(homes.blocks, bodies, lump, home, fine, plane)
    crossed = np.zeros(len(bodies), dtype=bool)
    crossed[shapely.STRtree(lines.shapes).query(bodies, "intersects")[0]] = True
    outlined = _outlined(bodies, lump, crossed | homes.cut[drawn.rows], ground, owner)
    outlines = shapely.get_parts(shapely.boundary(np.append(bodies[outlined], ground)))
    atoms, label = base.finer(np.append(lines.shapes, outlines), homes.blocks, within)
    places = shapely.point_on_surface(atoms)
    _walled(label, places, len(homes.blocks), fine, ground, owner)
    body = _standing_in(places, bodies[outlined], lump[outlined])
    inside = body >= 0
    label[inside] = np.where(fine[home[body[inside]]], len(homes.blocks) + body[inside], home[body[inside]])
    atoms, label, firm = _whole_bodies(atoms, label, inside, body)
    atoms, label = base.blunt(atoms, label, firm)
    return base.dissolved(atoms, label)


def _home_of_lumps(home: NDArray[np.int64], lump: NDArray[np.int64], bodies: NDArray[Any]) -> NDArray[np.int64]:
    """For each building the block of the largest member of its lump."""
    order = np.lexsort((-np.round(shapely.area(bodies), 12), lump))
    names, first = np.unique(lump[order], return_index=True)
    return np.asarray(home[order[first]][np.searchsorted(names, lump)])


def _walls(
    blocks: NDArray[Any],
    bodies: NDArray[Any],
    lump: NDArray[np.int64],
    home: NDArray[np.int64],
    fine: NDArray[np.bool_],
    plane: Plane,
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The ground around each lump in the blocks to be divided, and whose it is."""
    members = np.flatnonzero(fine[home])
    order = members[np.argsort(home[members], kind="stable")]
    starts = np.unique(home[order], return_index=True)[1]
    if not len(order):
        return np.array([], dtype=object), np.array([], dtype=np.int64)
    with ThreadPoolExecutor(2) as pool:  # shapely lets other threads work meanwhile
        found = list(
            pool.map(
                lambda part: base.cells(blocks[home[part[0]]], bodies[part], lump[part], plane),
                np.split(order, starts[1:]),
            )
        )
    return np.concatenate([shapes for shapes, _ in found]), np.concatenate([names for _, names in found])


def _outlined(
    bodies: NDArray[Any],
    lump: NDArray[np.int64],
    cut: NDArray[np.bool_],
    ground: NDArray[Any],
    owner: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Rows of buildings that a street or a wall would cut."""
    place = np.full(len(bodies), -1)
    order = np.argsort(owner)
    if len(owner):
        at = np.clip(np.searchsorted(owner[order], lump), 0, len(owner) - 1)
        place = np.where(owner[order][at] == lump, order[at], -1)
    walled = np.flatnonzero(place >= 0)
    free = np.zeros(len(bodies), dtype=bool)
    free[walled] = shapely.covers(ground[place[walled]], bodies[walled])
    alone = np.bincount(lump, minlength=len(bodies))[lump] == 1
    one_by_one = cut | ((place >= 0) & ~(free & alone))
    return np.flatnonzero(np.bincount(lump, one_by_one, len(bodies))[lump] > 0)


def _walled(
    label: NDArray[np.int64],
    places: NDArray[Any],
    blocks: int,
    fine: NDArray[np.bool_],
    ground: NDArray[Any],
    owner: NDArray[np.int64],
) -> None:
    """Labels of atoms become those of lumps, numbered after the blocks, where the ground around one is."""
    if len(ground):
        place, cell = shapely.STRtree(ground).query(places, "intersects")
        mine = fine[label[place]]
        label[place[mine][::-1]] = blocks + owner[cell[mine]][::-1]


def _standing_in(places: NDArray[Any], bodies: NDArray[Any], lump: NDArray[np.int64]) -> NDArray[np.int64]:
    """The lump whose building an atom at each of these places is part of, -1 for open ground."""
    found = np.full(len(places), -1)
    if len(bodies):
        place, body = shapely.STRtree(bodies).query(places, "intersects")
        order = np.lexsort((-body, place))
        found[place[order]] = lump[body[order]]
    return found


def _whole_bodies(
    atoms: NDArray[Any], label: NDArray[np.int64], firm: NDArray[np.bool_], body: NDArray[np.int64]
) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.bool_]]:
    """Atoms with those of a lump in one piece."""
    open_ground = np.flatnonzero(body < 0)
    built = np.flatnonzero(body >= 0)
    if not len(built):
        return atoms, label, firm
    whole = base.dissolved(atoms[built], body[built])
    order = np.argsort(body[built], kind="stable")
    names, first = np.unique(body[built][order], return_index=True)
    places = shapely.point_on_surface(whole)
    part, piece = shapely.STRtree(atoms[built]).query(places, "intersects")
    mine = np.zeros(len(whole), dtype=np.int64)
    mine[part[::-1]] = body[built][piece[::-1]]
    labels = label[built][order[first]][np.searchsorted(names, mine)]
    return (
        np.append(atoms[open_ground], whole),
        np.append(label[open_ground], labels),
        np.append(firm[open_ground], np.ones(len(whole), dtype=bool)),
    )


def _standing(shapes: NDArray[Any], buildings: NDArray[Any], stands: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The unit that each building stands in."""
    unit_of = np.full(len(buildings), -1)
    rows = np.flatnonzero(stands)
    places = shapely.point_on_surface(buildings[rows])
    tree = shapely.STRtree(shapes)
    place, unit = tree.query(places, "intersects")
    unit_of[rows[place[::-1]]] = unit[::-1]
    lost = rows[unit_of[rows] < 0]
    if len(lost):
        unit_of[lost] = tree.query_nearest(shapely.point_on_surface(buildings[lost]), all_matches=False)[1]
    return unit_of
