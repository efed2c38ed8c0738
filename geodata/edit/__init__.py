"""Editing a coverage: a layer goes in, an `Edit` comes out, which makes the new layer and can be undone exactly."""

from geodata.edit.change import Edit
from geodata.edit.children import Family, reshape_children
from geodata.edit.errors import (
    BordersCross,
    EditRefused,
    EditStale,
    GridUnknown,
    NodeUnknown,
    NotOneArea,
    OuterEdge,
    SelfCrossing,
    SplitsNeighbour,
    SwallowsNeighbour,
)
from geodata.edit.reshape import move_node, reshape

__all__ = [
    "BordersCross",
    "Edit",
    "EditRefused",
    "EditStale",
    "Family",
    "GridUnknown",
    "NodeUnknown",
    "NotOneArea",
    "OuterEdge",
    "SelfCrossing",
    "SplitsNeighbour",
    "SwallowsNeighbour",
    "move_node",
    "reshape",
    "reshape_children",
]
