"""Odd but honest layers: a drawing comes out, and the compromise is said."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata import crs
from geodata.draw import draw
from geodata.draw import errors as wrong
from geodata.errors import CrsMissing
from tests.unit.geodata.town import SIDE, box, sound, town

EVEN = "5555555555\n" * 8


def said(drawing, words):
    return any(words in remark.en and remark.zh for remark in drawing.sheet.remarks)


@pytest.mark.parametrize("streets", [None, "empty"])
def test_without_streets_borders_run_between_buildings(streets):
    boundary, lines, buildings = town(EVEN)
    drawing = sound(draw(boundary, None if streets is None else lines.iloc[:0], buildings), boundary, buildings)
    assert drawing.sheet.within == drawing.sheet.grids
    assert drawing.sheet.border_on_street == 0
    assert said(drawing, "There are no streets")


def test_dangling_streets_and_streets_cut_at_the_edges_of_tiles_still_divide():
    boundary, streets, buildings = town(EVEN)
    halves = []
    for line in streets.geometry:
        middle = shapely.line_interpolate_point(line, 0.43, normalized=True)
        halves += [shapely.LineString([line.coords[0], middle]), shapely.LineString([middle, line.coords[-1]])]
    stubs = [shapely.LineString([(x, y), (x + SIDE / 3, y + SIDE / 5)]) for x, y in [halves[7].coords[0]]]
    torn = gpd.GeoDataFrame(
        {"class": "residential"}, index=range(len(halves) + 1), geometry=halves + stubs, crs=crs.WGS84
    )
    drawing = sound(draw(boundary, torn, buildings), boundary, buildings)
    assert drawing.sheet.within == drawing.sheet.grids
    assert drawing.sheet.border_on_street == 1


def test_buildings_that_overlap_stay_together_and_those_across_the_boundary_count_once():
    boundary, streets, buildings = town(EVEN)
    more = gpd.GeoDataFrame(
        {"name": ["double", "outside"], "households": [5, 7]},
        geometry=[box(2.4, 2.4, 0.3, 0.3), box(9.7, 4.7, 0.5, 0.1)],
        crs=crs.WGS84,
    )
    every = gpd.GeoDataFrame(pd.concat([buildings, more], ignore_index=True), crs=crs.WGS84)
    drawing = draw(boundary, streets, every)
    assert drawing.sheet.cut_buildings == 0
    assert drawing.sheet.contiguous
    assert drawing.grids["households"].sum() == 4012
    below = buildings["name"].tolist().index("2,2")
    assert drawing.grid_of[below] == drawing.grid_of[len(buildings)]
    assert said(drawing, "overlap")
    assert said(drawing, "across the boundary")


def test_nobody_living_anywhere_is_named_and_missing_numbers_are_estimated():
    boundary, streets, buildings = town("555\n555")
    nobody = draw(boundary, streets, buildings.assign(households=0))
    assert [one.kind for one in nobody.sheet.infeasible] == ["island"]
    assert said(nobody, "Nobody lives here")
    assert not said(draw(boundary, streets, buildings), "Nobody lives here")
    told = buildings["households"].astype(float)
    told.iloc[:2] = np.nan
    some = draw(boundary, streets, buildings.assign(households=told))
    assert said(some, "Households of 2 buildings are estimated")


@pytest.mark.parametrize("which", ["boundary", "streets", "buildings"])
def test_a_layer_that_declares_no_system_is_refused_by_name_with_a_guess(which):
    layers = dict(zip(("boundary", "streets", "buildings"), town("555\n555"), strict=True))
    layers[which] = layers[which].set_crs(None, allow_override=True)
    with pytest.raises(CrsMissing, match=f"^layer {which}: .*EPSG:4326, the numbers are degrees"):
        draw(**layers)


def test_limits_that_are_one_number_are_kept_where_they_can_be():
    boundary, streets, buildings = town("555555\n555555")
    drawing = sound(draw(boundary, streets, buildings, low=300, high=300), boundary, buildings)
    assert drawing.sheet.grids == drawing.sheet.within == 2
    uneven = sound(draw(boundary, streets, buildings, low=290, high=290), boundary, buildings)
    assert {one.kind for one in uneven.sheet.infeasible} == {"total"}
    assert uneven.sheet.unproven == []


def test_heavy_buildings_find_the_only_room_that_there_is():
    loads = [260, 130, 260, 130, 260, 130, 130, 260, 130, 260, 130, 260]
    boundary, streets, buildings = town("111111\n111111")
    drawing = sound(draw(boundary, streets, buildings.assign(households=loads)), boundary, buildings)
    assert drawing.sheet.within == drawing.sheet.grids
    assert drawing.sheet.infeasible == drawing.sheet.unproven == []


def test_what_is_no_number_or_has_no_area_is_told_by_name():
    boundary, streets, buildings = town("555\n555")
    with pytest.raises(wrong.ColumnWrong):
        draw(boundary, streets, buildings.assign(households=-3))
    points = buildings.set_geometry(shapely.centroid(buildings.geometry.to_numpy()), crs=crs.WGS84)
    with pytest.raises(wrong.NoBuildings):
        draw(boundary, streets, points)


def along(drawing, line):
    """The share of a line on which a border between grids runs."""
    borders = shapely.union_all(shapely.boundary(drawing.grids.geometry.to_numpy()))
    return shapely.intersection(borders, shapely.buffer(line, 1e-7)).length / line.length


def test_borders_take_the_main_street_before_the_lanes():
    x = 3  # with lanes alone borders run elsewhere
    boundary, streets, buildings = town("66666666\n" * 4)
    line = streets.geometry[x]
    main = streets.assign(**{"class": ["primary" if row == x else kind for row, kind in enumerate(streets["class"])]})
    drawing = sound(draw(boundary, main, buildings), boundary, buildings)
    assert along(drawing, line) == pytest.approx(1, abs=1e-3)
    assert along(draw(boundary, streets, buildings), line) < 0.99


@pytest.mark.parametrize("kind", ["river", "canal", "rail"])
@pytest.mark.parametrize("x", [3, 4, 5])
def test_where_no_street_runs_borders_take_water_and_railways_before_walls(kind, x):
    boundary, streets, buildings = town("66666666\n" * 4)
    only = streets.iloc[[x]].assign(**{"class": kind})
    drawing = sound(draw(boundary, only, buildings), boundary, buildings)
    assert along(drawing, streets.geometry[x]) == pytest.approx(1, abs=1e-3)
    assert drawing.sheet.border_on_street == 0
    assert drawing.sheet.within == drawing.sheet.grids


def test_a_boundary_in_several_parts_is_divided_part_by_part():
    boundary, streets, buildings = town("5555  5555\n5555  5555\n5555  5555")
    parts = gpd.GeoDataFrame(geometry=list(boundary.geometry[0].geoms), crs=crs.WGS84)
    for ground in (boundary, parts):
        drawing = sound(draw(ground, streets, buildings), boundary, buildings)
        assert drawing.sheet.grids == drawing.sheet.within == 4
        assert drawing.grids.geom_type.tolist() == ["Polygon"] * 4
