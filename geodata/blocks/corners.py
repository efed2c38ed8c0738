"""No needles: pieces with a corner too sharp for a border, or too thin to be ground, go together with a neighbour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geodata.blocks.edges import Edges, edges_of, lengths
from geodata.blocks.walls import joined

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHARP: Final = 0.02618592156918691
"""The tangent of 1.5 degrees.

A corner below this angle would be a spike of whatever grid got it; a check finds them below 1 degree."""
THIN_M: Final = 0.3
"""Pieces narrower than this are no ground of their own."""
DEGREE_M: Final = 111_195.0
ROUNDS: Final = 12


def blunt(
    pieces: NDArray[Any], label: NDArray[np.int64], firm: NDArray[np.bool_]
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """A tiling without needles.

    If no piece has a sharp corner, no union of pieces has one either.

    Args:
        pieces: polygons in degrees with common vertices.
        label: what each belongs to; a piece that goes to a neighbour takes its label.
        firm: pieces whose label wins, such as those of a building.

    Returns:
        Fewer pieces, and the label of each.
    """
    for _ in range(ROUNDS):
        edges = edges_of(pieces)
        weight = _weight(pieces, firm)
        one, other = _partners(pieces, edges, firm, weight)
        if not len(one):
            break
        pieces, label, firm = _together(pieces, label, firm, weight, joined(len(pieces), one, other))
    return pieces, label


def _weight(pieces: NDArray[Any], firm: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Whose label wins when pieces go together."""
    return np.asarray(np.round(shapely.area(pieces) * DEGREE_M**2, 3) + firm * 1e12)


def _partners(
    pieces: NDArray[Any], edges: Edges, firm: NDArray[np.bool_], weight: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Needles, and the piece that each goes to: the lightest beside the sharp corner, the longest beside a thin one."""
    run = edges.end - edges.start
    first, second = edges.twin, edges.twin[edges.following]
    sharp = np.flatnonzero(sharp_after(edges) & (np.maximum(first, second) >= 0))
    heavy = np.append(weight, np.inf)
    partner = np.where(heavy[first[sharp]] <= heavy[second[sharp]], first[sharp], second[sharp])
    one, other = edges.owner[sharp], partner
    thin = np.flatnonzero(_thin(pieces) & ~firm)
    if len(thin):
        near, longest = _longest(edges, run, len(pieces))
        has = np.isin(thin, near)
        place = np.searchsorted(near, thin[has])
        one, other = np.append(one, thin[has]), np.append(other, longest[place])
    return one, other


def sharp_after(edges: Edges) -> NDArray[np.bool_]:
    """Whether the corner at the end of each edge is too sharp."""
    run = edges.end - edges.start
    back, ahead = -run, run[edges.following]
    across = np.abs(back[:, 0] * ahead[:, 1] - back[:, 1] * ahead[:, 0])
    along = back[:, 0] * ahead[:, 0] + back[:, 1] * ahead[:, 1]
    return np.asarray((along > 0) & (across < SHARP * along))


def _thin(pieces: NDArray[Any]) -> NDArray[np.bool_]:
    """Narrower than ground can be, by area and outline."""
    return np.asarray(2 * shapely.area(pieces) < THIN_M / DEGREE_M * shapely.length(pieces) / 2)


def _longest(edges: Edges, run: NDArray[np.float64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every piece that has a neighbour, and the neighbour with which it shares most."""
    inner = edges.twin >= 0
    pair = edges.owner[inner] * count + edges.twin[inner]
    names, place = np.unique(pair, return_inverse=True)
    shared = np.round(np.bincount(place, lengths(run[inner])), 12)
    order = np.lexsort((names % count, -shared, names // count))
    near, first = np.unique((names // count)[order], return_index=True)
    return near, (names % count)[order][first]


def _together(
    pieces: NDArray[Any],
    label: NDArray[np.int64],
    firm: NDArray[np.bool_],
    weight: NDArray[np.float64],
    group: NDArray[np.int64],
) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.bool_]]:
    """One piece a group, with the label of its weightiest member."""
    order = np.lexsort((-weight, group))
    names, starts = np.unique(group[order], return_index=True)
    lead = order[starts]
    merged = pieces[lead].copy()
    sizes = np.diff(np.append(starts, len(order)))
    for place in np.flatnonzero(sizes > 1).tolist():
        members = order[starts[place] : starts[place] + sizes[place]]
        merged[place] = shapely.coverage_union_all(pieces[members])
    strong = np.bincount(np.searchsorted(names, group), firm, len(names)) > 0
    return merged, label[lead], strong


def dissolved(pieces: NDArray[Any], label: NDArray[np.int64]) -> NDArray[Any]:
    """One polygon for each connected part of each label, by label."""
    order = np.argsort(label, kind="stable")
    starts = np.unique(label[order], return_index=True)[1]
    merged = [
        shapely.coverage_union_all(pieces[part]) if len(part) > 1 else pieces[part[0]]
        for part in np.split(order, starts[1:])
    ]
    return np.asarray(shapely.get_parts(np.array(merged, dtype=object)))
