"""Some grids locked, some moved by hand, the rest drawn again: what a planner does with a drawing, again and again."""

import geopandas as gpd
import shapely

from geodata import crs
from geodata.draw import draw
from geodata.edit import hand_block, hand_building
from tests.unit.geodata.town import box, sound, town

WIDE = 4


def two_above_a_locked_one(houses):
    """A locked grid with one straight edge of four blocks in the north, and beyond it two houses without a street."""
    boundary = gpd.GeoDataFrame(geometry=[box(0, 0, WIDE, 2)], crs=crs.WGS84)
    locked = gpd.GeoDataFrame({"code": ["south"]}, geometry=[box(0, 0, WIDE, 1)], crs=crs.WGS84)
    south = box(1, 0.2, 0.5, 0.5)
    buildings = gpd.GeoDataFrame({"households": [350, 400, 400]}, geometry=[south, *houses], crs=crs.WGS84)
    return locked, sound(draw(boundary, None, buildings, locked=locked), boundary, buildings)


def test_a_new_border_ends_where_a_locked_grid_has_a_vertex():
    houses = [box(0.05, 1.8, 0.1, 0.1), box(0.3, 1.05, 1.0, 0.9)]
    locked, drawing = two_above_a_locked_one(houses)
    kept = drawing.grids[drawing.grids["locked"]]
    assert drawing.sheet.grids == 3
    assert kept.geometry.to_wkb().tolist() == locked.geometry.to_wkb().tolist()
    assert not any("vertex" in remark.en for remark in drawing.sheet.remarks)


def test_where_buildings_stand_in_the_way_of_that_the_locked_edge_gets_a_vertex_and_it_is_said():
    houses = [box(0.1, 1.05, 1.8, 0.9), box(2.1, 1.05, 1.8, 0.9)]
    locked, drawing = two_above_a_locked_one(houses)
    (kept,) = drawing.grids.geometry[drawing.grids["locked"]]
    assert kept.equals(locked.geometry[0])
    assert any("1 locked grids got a vertex" in remark.en and remark.zh for remark in drawing.sheet.remarks)


def at_the_border(grids, mine, buildings):
    """A house of a grid, its block, and another grid that this block borders on."""
    for row, house in buildings.geometry[buildings.within(mine.geometry)].items():
        block = box(*(float(part) for part in buildings["name"][row].split(",")))
        beside = shapely.length(shapely.intersection(grids.geometry.to_numpy(), block)) > 0
        others = grids["code"][beside & (grids["code"] != mine["code"])].tolist()
        if others:
            return house, block, others[0]
    raise AssertionError(mine["code"])


def test_what_was_moved_by_hand_and_locked_stays_and_the_rest_is_drawn_again():
    boundary, streets, buildings = town("55555555\n" * 8, tens=10)
    grids = draw(boundary, streets, buildings).grids
    by_hand: set[str] = set()
    for row in (0, 1):  # a block, then a building, each from another grid to one beside it
        mine = grids.iloc[-row]
        house, block, to = at_the_border(grids, mine, buildings)
        if row == 0:
            edit = hand_block(grids, block, to, buildings=buildings)
        else:
            edit = hand_building(grids, house, to, buildings)
        grids = edit.apply(grids)
        by_hand |= set(edit.affected)
    locked = grids[grids["code"].isin(by_hand) | (grids["code"] == grids["code"].iloc[3])].reset_index(drop=True)
    assert len(grids) > len(locked) >= 3
    drawing = sound(draw(boundary, streets, buildings, locked=locked, seed=5), boundary, buildings)
    again = drawing.grids[drawing.grids["locked"]].set_index("code").loc[locked["code"]]
    assert again.geometry.to_wkb().tolist() == locked.geometry.to_wkb().tolist()
    assert drawing.sheet.unproven == []
    assert {one.kind for one in drawing.sheet.infeasible} <= {"locked", "island", "total"}
    fresh = drawing.grids[~drawing.grids["locked"]]
    named = {one.grid for one in drawing.sheet.infeasible}
    assert fresh["households"][~fresh["code"].isin(named)].between(300, 500).all()
