"""The level below follows: after grids were reshaped, their children tile them again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata.edit.change import Edit, changes, shapes_of
from geodata.edit.rings import chains_between, follow
from geodata.faces import Faces, hand_over

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.edit.change import Shape
    from geodata.edit.rings import Chain


@dataclass(frozen=True, eq=False)
class Family:
    """An edit of parents carried on to their children.

    Attributes:
        parents: the edit of the parents, with the vertices in which borders of children now meet theirs.
        children: the edit of the children.
        moved: children that went over as a whole, each with the code of its new parent; their shapes may be unchanged.
    """

    parents: Edit
    children: Edit
    moved: dict[str, str]


def reshape_children(edit: Edit, children: gpd.GeoDataFrame) -> Family:
    """Carry an edit of parents on to the level below.

    Where vertices of the parents only moved or came in between, those of the children on them follow. Otherwise a child
    of which nothing is left in its parent goes over to the one that holds most of it. Of a child that the new
    border cuts, the largest piece in its old parent stays; each other piece goes to the child that it borders longest,
    among those of the parent in which it lies now. Ground that came to a parent without children is nobody's here.

    Args:
        edit: of the parents, as `reshape` gives it.
        children: columns `code` and `parent`, polygons that tile their parents; others than those concerned do no harm.
    """
    concerned = children[children["parent"].isin(list(edit.after))]
    old = shapes_of(concerned)
    if not old:
        return Family(edit, Edit({}, {}), {})
    home = dict(zip(concerned["code"], concerned["parent"], strict=True))
    followed = _followed(edit, old, home)
    if followed is not None:
        return Family(edit, changes(old, followed), {})
    plan = _Plan(edit, old, home)
    after = {code: plan.faces.union(faces) for code, faces in plan.by_child().items()}
    parents = changes(edit.before, {code: plan.parent_shape(code) for code in edit.after})
    return Family(parents, changes({code: old[code] for code in after}, after), plan.moved)


def _followed(edit: Edit, old: dict[str, Shape], home: dict[str, str]) -> dict[str, Shape] | None:
    """The children with the vertices that they share with their parents moved; None where they would not tile them."""
    chains: list[Chain] = []
    for code, was in edit.before.items():
        now = edit.after[code]
        if not (isinstance(was, shapely.Polygon) and isinstance(now, shapely.Polygon)):
            return None
        found = chains_between(was, now)
        if found is None or any(len(chain.was) > len(chain.now) for chain in found):
            return None
        chains += found
    after = follow(old, chains)
    if after is None or not all(shape.is_valid for shape in after.values()):
        return None
    tiled = all(
        shapely.equals(shapely.union_all([after[code] for code, above in home.items() if above == parent]), shape)
        for parent, shape in edit.after.items()
        if parent in home.values()
    )
    return after if tiled and shapely.coverage_is_valid(list(after.values())) else None


class _Plan:
    """Faces of the children and of the new parents, and whose each is."""

    def __init__(self, edit: Edit, old: dict[str, Shape], home: dict[str, str]) -> None:
        self.edit, self.codes, self.parents = edit, list(old), list(edit.after)
        self.faces = Faces([*old.values(), *edit.after.values()])
        child = self.faces.owners(list(old.values()))
        self.above = self.faces.owners(list(edit.after.values()))
        self.home = dict(home)
        self.moved = self._gone_over(child)
        self.home.update(self.moved)
        self.owner, loose = self._stay(child)
        allowed = {face: self._children_of(self.parents[self.above[face]]) for face in loose}
        hand_over(self.faces, self.owner, loose, allowed)

    def _children_of(self, parent: str) -> set[str]:
        return {code for code, above in self.home.items() if above == parent}

    def _gone_over(self, child: list[int]) -> dict[str, str]:
        """Children with nothing left in their parent, and the parent that holds the most of each now."""
        held: dict[str, dict[str, float]] = {code: {} for code in self.codes}
        for face, index in enumerate(child):
            if index >= 0 and self.above[face] >= 0:
                parts, parent = held[self.codes[index]], self.parents[self.above[face]]
                parts[parent] = parts.get(parent, 0.0) + self.faces.shapes[face].area
        gone = {code: parts for code, parts in held.items() if parts and self.home[code] not in parts}
        return {code: max(sorted(parts), key=parts.__getitem__) for code, parts in gone.items()}

    def _stay(self, child: list[int]) -> tuple[dict[int, str], list[int]]:
        """Faces that stay with their child, the largest piece of each, and those that need another one."""
        mine: dict[str, list[int]] = {code: [] for code in self.codes}
        loose: list[int] = []
        for face, above in enumerate(self.above):
            code = self.codes[child[face]] if child[face] >= 0 else None
            if code is not None and above >= 0 and self.parents[above] == self.home[code]:
                mine[code].append(face)
            elif above >= 0:
                loose.append(face)
        owner: dict[int, str] = {}
        for code, faces in mine.items():
            pieces = self.faces.pieces(faces)
            owner.update(dict.fromkeys(pieces[0] if pieces else [], code))
            loose += [face for piece in pieces[1:] for face in piece]
        return owner, loose

    def by_child(self) -> dict[str, list[int]]:
        """The faces of each child that has any."""
        result: dict[str, list[int]] = {}
        for face, code in self.owner.items():
            result.setdefault(code, []).append(face)
        return result

    def parent_shape(self, code: str) -> Shape:
        """A parent with every vertex of the children along its border."""
        index = self.parents.index(code)
        return self.faces.union(np.flatnonzero(np.array(self.above) == index).tolist())
