"""Street blocks: the faces between streets, railways, water and the boundary, and the walls inside a block.

Everything is noded in degrees on a lattice of a millimetre, so that faces share their edges vertex for vertex and no
transformation comes between a drawing and its file. The outline of the boundary keeps its own numbers.
"""

from geodata.blocks.classes import Rank, ranks_of
from geodata.blocks.corners import blunt, dissolved, sharp_after
from geodata.blocks.edges import Edges, edges_of, lengths
from geodata.blocks.faces import faces, finer, pinned
from geodata.blocks.lines import REACH_M, Lines, lines_of
from geodata.blocks.walls import bodies_of, cells, joined, lumps

__all__ = [
    "REACH_M",
    "Edges",
    "Lines",
    "Rank",
    "blunt",
    "bodies_of",
    "cells",
    "dissolved",
    "edges_of",
    "faces",
    "finer",
    "joined",
    "lengths",
    "lines_of",
    "lumps",
    "pinned",
    "ranks_of",
    "sharp_after",
]
