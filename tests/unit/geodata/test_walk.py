"""Walking distances: along the streets and round the block, nothing where no street leads."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geodata import walk

# At the equator a degree has the same length both ways; a unit of the drawings is 100 metres.
UNIT = 100 / walk.METRES_A_DEGREE


def street(*corners: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(x * UNIT, y * UNIT) for x, y in corners])


def on_foot(goal: tuple[float, float], start: tuple[float, float], *streets: BaseGeometry) -> float | None:
    def place(point: tuple[float, float]) -> tuple[float, float]:
        return point[0] * UNIT, point[1] * UNIT

    return walk.distances(place(goal), {"start": place(start)}, streets).get("start")


BLOCK = (street((0, 0), (2, 0)), street((2, 0), (2, 2)), street((2, 2), (0, 2)), street((0, 2), (0, 0)))


def test_it_goes_round_the_block_and_not_through_it() -> None:
    assert on_foot((0, 0), (2, 2), *BLOCK) == pytest.approx(400, abs=1)
    assert on_foot((1, 0), (1, 2), *BLOCK) == pytest.approx(400, abs=1)


def test_two_places_on_one_street_go_straight_along_it() -> None:
    assert on_foot((0.5, 0), (1.5, 0), *BLOCK) == pytest.approx(100, abs=1)


def test_the_way_to_the_street_counts() -> None:
    assert on_foot((0.5, 0.3), (1.5, -0.4), *BLOCK) == pytest.approx(170, abs=1)


def test_nothing_is_said_where_no_street_leads_or_is_near() -> None:
    island = street((10, 0), (12, 0))
    assert on_foot((0, 0), (11, 0), *BLOCK, island) is None
    assert on_foot((0, 0), (50, 50), *BLOCK) is None
    assert on_foot((0, 0), (1, 0)) is None


def test_a_street_in_several_pieces_is_walked_like_any_other() -> None:
    pieces = shapely.MultiLineString([street((0, 0), (1, 0)), street((1, 0), (2, 0))])
    assert on_foot((0, 0), (2, 0), pieces) == pytest.approx(200, abs=1)


def around(way: float) -> tuple[float, float]:
    """A place on the block's streets."""
    side, along = int(way // 2) % 4, way % 2
    return [(along, 0.0), (2.0, along), (2 - along, 2.0), (0.0, 2 - along)][side]


places = st.floats(0, 8).map(around)


@given(start=places, goal=places)
def test_it_is_never_shorter_than_the_crow_flies_and_the_same_both_ways(
    start: tuple[float, float], goal: tuple[float, float]
) -> None:
    there, back = on_foot(goal, start, *BLOCK), on_foot(start, goal, *BLOCK)
    straight = 100 * ((start[0] - goal[0]) ** 2 + (start[1] - goal[1]) ** 2) ** 0.5
    assert there is not None
    assert back is not None
    assert there >= straight - 0.1
    assert there == pytest.approx(back, abs=0.1)
