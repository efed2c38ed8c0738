"""Grids as a planner gets them: balanced, along streets, in one piece, and what cannot be is named with its cause."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata import crs
from geodata.draw import draw
from geodata.draw import errors as wrong
from tests.unit.geodata.town import SIDE, SOUTH, WEST, box, sound, town, turned

EVEN = "5555555555\n" * 8


def test_a_town_of_equal_blocks_is_divided_within_the_limits_along_its_streets():
    boundary, streets, buildings = town(EVEN)
    drawing = sound(draw(boundary, streets, buildings), boundary, buildings)
    assert drawing.sheet.within == drawing.sheet.grids == 9  # 4,000 households, at most 450 a grid
    assert drawing.sheet.border_on_street == 1
    assert drawing.sheet.polsby_popper_mean > 0.6
    assert drawing.sheet.infeasible == []


def test_the_same_seed_gives_the_same_drawing_whatever_the_order_of_the_rows():
    boundary, streets, buildings = town(EVEN)
    one = draw(boundary, streets, buildings, seed=7).grids
    again = draw(boundary, streets, buildings, seed=7).grids
    assert one.geometry.to_wkb().equals(again.geometry.to_wkb())
    mixed = buildings.sample(frac=1, random_state=1).reset_index(drop=True)
    other = draw(boundary, streets.iloc[::-1].reset_index(drop=True), mixed, seed=7).grids
    assert shapely.equals_exact(one.geometry.to_numpy(), other.geometry.to_numpy(), 1e-12, normalize=True).all()


def test_a_tower_above_the_limit_is_a_grid_of_its_own_and_named():
    boundary, streets, buildings = town("55555\n55955\n55555")
    buildings.loc[buildings["name"] == "2,1", "households"] = 620
    drawing = sound(draw(boundary, streets, buildings), boundary, buildings)
    (one,) = drawing.sheet.infeasible
    assert (one.households, one.kind) == (620, "tower")
    assert "“2,1” alone has 620 households, more than 500" in one.cause
    assert drawing.sheet.within == drawing.sheet.grids - 1


def test_an_island_below_the_limit_is_named():
    boundary, streets, buildings = town("5555  33\n5555  3.\n5555    ")
    drawing = sound(draw(boundary, streets, buildings), boundary, buildings)
    (one,) = drawing.sheet.infeasible
    assert (one.households, one.kind) == (90, "island")
    assert "90 households in all, fewer than 300" in one.cause


def test_households_that_no_number_of_grids_divides_are_named_by_arithmetic():
    boundary, streets, buildings = town("555\n555\n55.")
    buildings["households"] = np.array([69] * 7 + [67])
    drawing = sound(draw(boundary, streets, buildings), boundary, buildings)
    assert [one.kind for one in drawing.sheet.infeasible] == ["total"]
    assert "550 households of its separate ground cannot be divided" in drawing.sheet.infeasible[0].cause


def test_what_is_enclosed_by_heavy_buildings_is_proven_to_fit_nowhere():
    boundary, streets, buildings = town("94449\n49194\n94449", tens=50)
    buildings.loc[buildings["name"] == "2,1", "households"] = 150
    drawing = draw(boundary, streets, buildings, low=400, high=500)
    kinds = {one.kind for one in drawing.sheet.infeasible}
    assert "enclosed" in kinds
    assert any("“2,1”" in one.cause for one in drawing.sheet.infeasible)


def test_a_block_with_too_many_households_is_divided_between_its_buildings():
    boundary = gpd.GeoDataFrame(geometry=[box(0, 0, 4, 4)], crs=crs.WGS84)
    houses = [box(x / 2 + 0.05, y / 2 + 0.1, 0.35, 0.3) for x in range(8) for y in range(8)]
    buildings = gpd.GeoDataFrame({"households": [25] * 64}, geometry=houses, crs=crs.WGS84)
    drawing = sound(draw(boundary, None, buildings), boundary, buildings)
    assert drawing.sheet.within == drawing.sheet.grids == 4
    assert any("no streets" in remark.en for remark in drawing.sheet.remarks)


def test_a_border_goes_around_a_building_that_stands_on_a_street():
    boundary, streets, buildings = town(EVEN)
    extra = gpd.GeoDataFrame(
        {"name": [f"on the street {x}" for x in range(9)], "households": 5},
        geometry=[box(x + 0.8, y + 0.4, 0.35, 0.2) for x, y in zip(range(9), [3, 4] * 5, strict=False)],
        crs=crs.WGS84,
    )
    houses = turned(gpd.GeoDataFrame(np.concatenate([buildings, extra]), columns=buildings.columns, crs=crs.WGS84), 3)
    drawing = draw(turned(boundary, 3), turned(streets, 3), houses)
    sound(drawing, turned(boundary, 3), houses)


def test_missing_households_are_estimated_and_it_is_said():
    boundary, streets, buildings = town(EVEN)
    buildings["households"] = buildings["households"].astype(float)
    buildings.loc[:9, "households"] = None
    buildings["floors"] = 3
    buildings["use"] = "residential"
    drawing = draw(boundary, streets, buildings)
    assert drawing.sheet.estimate is not None and drawing.sheet.estimate["buildings"] == 10
    assert any("estimated from footprint and floors" in remark.en for remark in drawing.sheet.remarks)


def test_layers_in_other_systems_make_the_same_drawing():
    boundary, streets, buildings = town(EVEN)
    plain = draw(boundary, streets, buildings)
    moved = draw(boundary, crs.to_metric(streets), crs.transform_frame(buildings, "EPSG:4490"))
    assert plain.grids["households"].tolist() == moved.grids["households"].tolist()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"low": 400, "high": 300}, wrong.LimitsWrong),
        ({"low": 0}, wrong.LimitsWrong),
        ({"households": "homes"}, wrong.ColumnWrong),
        ({"weight": "name"}, wrong.ColumnWrong),
        ({"count": 5000}, wrong.CountWrong),
    ],
)
def test_what_cannot_be_asked_for_is_told_by_name(change, error):
    boundary, streets, buildings = town(EVEN)
    with pytest.raises(error) as told:
        draw(boundary, streets, buildings, **change)
    assert told.value.message_zh and told.value.message_en


def test_layers_without_content_are_told_by_name():
    boundary, streets, buildings = town(EVEN)
    with pytest.raises(wrong.NoBuildings):
        draw(boundary, streets, buildings.iloc[:0])
    with pytest.raises(wrong.NoGround):
        draw(boundary.iloc[:0], streets, buildings)
    points = gpd.GeoDataFrame(geometry=[shapely.Point(WEST, SOUTH)], crs=crs.WGS84)
    with pytest.raises(wrong.NoStreets):
        draw(boundary, points, buildings)
    far = buildings.set_geometry(shapely.transform(buildings.geometry.to_numpy(), lambda xy: xy + 1))
    with pytest.raises(wrong.NoBuildings):
        draw(boundary, streets, far)


def test_one_building_and_empty_streets_make_one_grid():
    _, streets, buildings = town("9", tens=45)
    drawing = draw(None, streets.iloc[:0], buildings)
    assert (drawing.sheet.grids, drawing.sheet.within) == (1, 1)


def test_locked_grids_stay_and_the_rest_is_drawn_again():
    boundary, streets, buildings = town(EVEN)
    first = draw(boundary, streets, buildings)
    kept = first.grids.iloc[[0, 4]].reset_index(drop=True)
    drawing = sound(draw(boundary, streets, buildings, locked=kept, seed=3), boundary, buildings)
    locked = drawing.grids[drawing.grids["locked"]]
    assert locked.geometry.to_wkb().tolist() == kept.geometry.to_wkb().tolist()
    assert locked["code"].tolist() == kept["code"].tolist()
    assert drawing.sheet.within == drawing.sheet.grids


def test_present_workers_keep_most_of_their_buildings():
    boundary, streets, buildings = town(EVEN)
    present = draw(boundary, streets, buildings).grids
    buildings.loc[:5, "households"] += 30
    drawing = sound(draw(boundary, streets, buildings, present=present), boundary, buildings)
    other = draw(boundary, streets, buildings, seed=9)
    assert drawing.sheet.changed is not None and drawing.sheet.changed <= 0.25 * buildings["households"].sum()
    assert other.sheet.changed is None
    assert drawing.sheet.within == drawing.sheet.grids


def test_named_compounds_stay_whole_where_the_limits_allow_it():
    boundary, streets, buildings = town(EVEN)
    places = [tuple(map(int, name.split(","))) for name in buildings["name"]]
    named = buildings.assign(compound=[f"苑 {(x + y % 2) // 2}, {y}" for x, y in places])
    drawing = sound(draw(boundary, streets, named), boundary, buildings)
    assert drawing.sheet.split_compounds == 0
    assert drawing.sheet.within == drawing.sheet.grids
    forgotten = named.assign(grid=draw(boundary, streets, buildings).grid_of)
    assert (forgotten.groupby("compound")["grid"].nunique() > 1).any()


def test_another_weight_is_shared_evenly():
    boundary, streets, buildings = town(EVEN)
    buildings["care"] = [9 if x < 40 else 1 for x in range(len(buildings))]
    drawing = draw(boundary, streets, buildings, weight="care", low=200, high=600, count=10)
    shares = np.bincount(drawing.grid_of, buildings["care"], drawing.sheet.grids)
    plain = draw(boundary, streets, buildings, low=200, high=600, count=10)
    assert shares.std() < np.bincount(plain.grid_of, buildings["care"], plain.sheet.grids).std()


def test_the_number_of_grids_can_be_given():
    boundary, streets, buildings = town(EVEN)
    assert draw(boundary, streets, buildings, count=11).sheet.grids == 11
    tight = draw(boundary, streets, buildings, count=7)
    assert tight.sheet.grids == 7
    assert {one.kind for one in tight.sheet.infeasible} == {"count"}


def test_streets_that_do_not_quite_meet_still_divide():
    boundary, streets, buildings = town(EVEN)
    short = streets.set_geometry(
        [
            shapely.LineString([line.interpolate(0.00005), line.interpolate(line.length - 0.00005)])
            for line in streets.geometry
        ]
    )
    drawing = sound(draw(boundary, short, buildings), boundary, buildings)
    assert drawing.sheet.border_on_street == 1
    assert SIDE > 0
