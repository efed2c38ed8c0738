"""Real towns, cut out of what OpenStreetMap has of them: the hard rules hold, and every exception is proven."""

import geopandas as gpd
import pytest
import shapely

from geodata.draw import draw, files
from tests.support.shared import shared
from tests.unit.geodata.town import sound

TOWNS = {
    "shanghai_downtown.gpkg": (121.4935, 31.2330, 121.5040, 31.2395),
    "sf_downtown_2023-07.osm.pbf": (-122.4005, 37.7765, -122.3925, 37.7825),
    "liechtenstein_2025-09-19.osm.pbf": (9.5040, 47.1600, 9.5140, 47.1700),
}


@pytest.fixture(params=TOWNS)
def layers(request):
    """Streets and buildings of a part of a town."""
    path = shared("osm", request.param)
    part = shapely.box(*TOWNS[request.param])
    buildings = files.read_buildings(path, part)
    inside = buildings[shapely.within(buildings.geometry.to_numpy(), part)].reset_index(drop=True)
    return files.read_streets(path, part), inside


def test_a_part_of_a_real_town_keeps_the_hard_rules_and_its_seed(layers):
    streets, buildings = layers
    drawing = draw(None, streets, buildings, seed=2)
    hull = drawing.grids.dissolve()[["geometry"]]
    sound(drawing, hull, buildings)
    sheet = drawing.sheet
    assert sheet.grids > 2
    assert not sheet.unproven
    assert sheet.within + len(sheet.infeasible) == sheet.grids
    assert sheet.border_where_streets is not None
    assert sheet.border_where_streets >= 0.8
    for one in sheet.infeasible:
        row = drawing.grids["code"].tolist().index(one.grid)
        heaviest = int(drawing.households[drawing.grid_of == row].max(initial=0))
        assert one.kind != "tower" or heaviest > 500  # the building is in that grid
        assert one.kind in {"tower", "island", "total", "enclosed", "lumps"}
    again = draw(None, streets, buildings, seed=2)
    assert again.grids.geometry.to_wkb().equals(drawing.grids.geometry.to_wkb())


def test_the_only_way_that_goes_through_several_grids_is_found():
    part = shapely.box(-122.401894, 37.768685, -122.385894, 37.784685)
    path = shared("osm", "sf_downtown_2023-07.osm.pbf")
    boundary = gpd.GeoDataFrame(geometry=[part], crs=4326)
    sheet = draw(boundary, files.read_streets(path, part), files.read_buildings(path, part), seed=1).sheet
    assert [(one.grid, one.households) for one in sheet.unproven] == []
    assert {one.kind for one in sheet.infeasible} == {"tower"}


def test_locked_grids_of_a_real_town_stay_as_they_are(layers):
    streets, buildings = layers
    first = draw(None, streets, buildings)
    boundary = first.grids.dissolve()[["geometry"]]
    for begin in (1, 2):
        kept = first.grids.iloc[begin::4].reset_index(drop=True)
        drawing = sound(draw(boundary, streets, buildings, locked=kept, seed=3), boundary, buildings)
        locked = drawing.grids[drawing.grids["locked"]].set_index("code").loc[kept["code"]]
        assert locked.geometry.to_wkb().tolist() == kept.geometry.to_wkb().tolist()
        assert locked["households"].tolist() == kept["households"].tolist()
        assert not drawing.sheet.unproven
