"""Street blocks refined: what is found in parts is what all lines together make."""

import numpy as np
import pytest
import shapely

from geodata import blocks as base
from tests.unit.geodata.town import box

WITHIN = box(0, 0, 8, 6).difference(box(3, 2, 1, 1))


def chance_lines(seed, count, longest):
    """Straight lines of all lengths up to `longest` blocks, every fifth along a street a hair beside it."""
    rng = np.random.default_rng(seed)
    begin = rng.uniform((0, 0), (8, 6), (count, 2))
    begin[::5, 0] = np.round(begin[::5, 0]) + rng.choice([0.0, 4e-6, 9e-6, 3e-5], len(begin[::5]))
    end = begin + rng.uniform(-longest, longest, (count, 2))
    end[::5, 0] = begin[::5, 0]
    corner = np.array(box(0, 0).bounds[:2])
    side = box(0, 0).bounds[2] - box(0, 0).bounds[0]
    return shapely.linestrings(np.stack([corner + begin * side, corner + end * side], axis=1))


@pytest.mark.parametrize("seed", range(12))
def test_blocks_refined_by_halves_have_the_faces_of_all_lines_at_once(seed):
    upward = [box(x, 0, 0, 6).exterior.coords[:2] for x in range(9)]
    across = [box(0, y, 8, 0).exterior.coords[1:3] for y in range(7)]
    streets = np.array([shapely.LineString(line) for line in upward + across])
    blocks = base.faces(streets, WITHIN)
    lines = np.append(streets, chance_lines(seed, 300, 1.5 if seed % 2 else 0.3))
    found, block = base.finer(lines, blocks, WITHIN)
    whole = base.faces(lines, WITHIN)
    assert shapely.equals_exact(shapely.normalize(found), shapely.normalize(whole), 0).all()
    assert shapely.coverage_is_valid(found)
    near = shapely.distance(blocks[block], shapely.point_on_surface(found))
    assert near.max() < 1e-8


def test_a_single_block_is_refined_as_well():
    blocks = base.faces(np.array([], dtype=object), WITHIN)
    lines = chance_lines(1, 40, 8)
    found, block = base.finer(lines, blocks, WITHIN)
    assert len(found) == len(base.faces(lines, WITHIN)) > 20
    assert set(block.tolist()) == {0}
