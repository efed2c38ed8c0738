"""Editing a coverage: a layer goes in, an `Edit` comes out, which makes the new layer and can be undone exactly."""

from geodata.edit.change import Edit, Rows
from geodata.edit.children import Family, reshape_children
from geodata.edit.errors import (
    BordersCross,
    CodeTaken,
    CutsBuilding,
    EditRefused,
    EditStale,
    GridUnknown,
    LineMisses,
    NodeNeeded,
    NodeUnknown,
    NotBeside,
    NotOneArea,
    OuterEdge,
    PartsUnnamed,
    SelfCrossing,
    SplitsNeighbour,
    SwallowsNeighbour,
)
from geodata.edit.hand import hand_block, hand_building
from geodata.edit.nodes import move_node, remove_node
from geodata.edit.reshape import reshape
from geodata.edit.simplify import simplify
from geodata.edit.snap import snap_to
from geodata.edit.split import cut_along, cut_out, merge, split

__all__ = [
    "BordersCross",
    "CodeTaken",
    "CutsBuilding",
    "Edit",
    "EditRefused",
    "EditStale",
    "Family",
    "GridUnknown",
    "LineMisses",
    "NodeNeeded",
    "NodeUnknown",
    "NotBeside",
    "NotOneArea",
    "OuterEdge",
    "PartsUnnamed",
    "Rows",
    "SelfCrossing",
    "SplitsNeighbour",
    "SwallowsNeighbour",
    "cut_along",
    "cut_out",
    "hand_block",
    "hand_building",
    "merge",
    "move_node",
    "remove_node",
    "reshape",
    "reshape_children",
    "simplify",
    "snap_to",
    "split",
]
