"""Which grid a smaller one belongs to: the one that holds the larger part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray


def larger_part(children: NDArray[np.object_], parents: NDArray[np.object_]) -> NDArray[np.int64]:
    """For each valid polygon the position of the parent that holds the larger part of it, -1 where none holds any.

    On equal parts the first parent wins, so that the answer does not depend on the machine.
    """
    home = np.full(len(children), -1, dtype=np.int64)
    shapely.prepare(parents)
    whole, holder = shapely.STRtree(parents).query(children, "covered_by")
    home[whole[::-1]] = holder[::-1]
    rest = np.flatnonzero(home < 0)
    child, parent = shapely.STRtree(parents).query(children[rest], "intersects")
    shared = shapely.area(shapely.intersection(children[rest[child]], parents[parent]))
    order = np.lexsort((-parent, shared))
    best = order[shared[order] > 0]
    home[rest[child[best]]] = parent[best]
    return home
