"""Streets and buildings as a real extract has them."""

from __future__ import annotations

import pytest
import shapely

from geodata import errors, osm
from geodata.io import Limits
from tests.support.shared import SHARED, shared

SF = SHARED / "osm" / "sf_downtown_2023-07.osm.pbf"
SCHAAN = SHARED / "osm" / "liechtenstein_2025-09-19.osm.pbf"
WINDOW = shapely.box(9.50, 47.16, 9.52, 47.18)


@pytest.fixture
def needs_data():
    shared("osm")


@pytest.mark.usefixtures("needs_data")
def test_streets_have_class_name_and_direction():
    streets = osm.read_streets(SF)
    assert list(streets.columns) == ["osm_id", "class", "name", "oneway", "geometry"]
    assert streets.crs.to_epsg() == 4326
    assert 8_300 < len(streets) < 8_428, "8,428 ways, some of them planned, platforms or corridors"
    assert {"residential", "primary", "footway", "service"} <= set(streets["class"])
    assert {"platform", "construction", "proposed", "elevator"}.isdisjoint(streets["class"])
    assert streets["oneway"].value_counts().to_dict() == pytest.approx({0: 6560, 1: 1840, -1: 2}, rel=0.02)
    market = streets[streets["name"] == "Market Street"]
    assert len(market) > 20
    assert set(streets.geom_type) == {"LineString"}


@pytest.mark.usefixtures("needs_data")
def test_buildings_have_floors_use_and_name():
    buildings = osm.read_buildings(SF)
    assert list(buildings.columns) == ["osm_id", "floors", "floors_from", "use", "name", "geometry"]
    assert len(buildings) == pytest.approx(7_789, abs=10)
    assert buildings["osm_id"].is_unique
    known = buildings.dropna(subset=["floors"])
    assert len(known) > 5_000
    assert known["floors"].between(1, 163).all()
    assert set(known["floors_from"]) == {"levels", "height"}
    assert {"residential", "commercial", "public", "unknown"} <= set(buildings["use"])
    tower = buildings[buildings["name"] == "Salesforce Tower"]
    assert tower["floors"].tolist() == [61]
    assert set(buildings.geom_type) == {"MultiPolygon"}


@pytest.mark.usefixtures("needs_data")
def test_a_window_keeps_what_touches_it_whole():
    streets, buildings = osm.read_streets(SCHAAN, WINDOW), osm.read_buildings(SCHAAN, WINDOW)
    assert streets.intersects(WINDOW).all()
    assert buildings.intersects(WINDOW).all()
    assert 0 < len(streets) < 4_000
    assert 0 < len(buildings) < 8_000
    nowhere = shapely.box(0, 0, 1, 1)
    assert len(osm.read_streets(SCHAAN, nowhere)) == len(osm.read_buildings(SCHAAN, nowhere)) == 0


@pytest.mark.usefixtures("needs_data")
def test_an_extract_that_is_cut_off_is_a_typed_error(tmp_path):
    cut = tmp_path / "cut.osm.pbf"
    cut.write_bytes(SCHAAN.read_bytes()[:1_000_000])
    for reader in (osm.read_streets, osm.read_buildings):
        with pytest.raises(errors.FileBroken, match=r"cut\.osm\.pbf"):
            reader(cut)


@pytest.mark.usefixtures("needs_data")
def test_an_extract_larger_than_the_limits_is_refused():
    with pytest.raises(errors.FeaturesTooMany, match="1000"):
        osm.read_streets(SCHAAN, limits=Limits(features=1000))
    with pytest.raises(errors.FileTooLarge):
        osm.read_streets(SCHAAN, limits=Limits(packed=1024 * 1024))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", errors.FileEmpty),
        (b'{"type": "FeatureCollection", "features": []}', errors.UnknownFormat),
        (b"<osm version='0.6'></osm>", errors.UnknownFormat),
        (b"\x00\x00\x00\x0e\x0a\x09OSMHeader\x18\xb4\x01 and nothing", errors.FileBroken),
    ],
    ids=["empty", "geojson", "xml", "header only"],
)
def test_what_is_no_extract_is_a_typed_error(tmp_path, content, error):
    path = tmp_path / "x.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(error) as caught:
        osm.read_buildings(path)
    assert "x.osm.pbf" in caught.value.message_zh


@pytest.mark.parametrize(
    ("tags", "floors"),
    [
        ({"building:levels": "6"}, (6, "levels")),
        ({"building:levels": "3.5"}, (4, "levels")),
        ({"building:levels": "3;7"}, (7, "levels")),
        ({"building:levels": "EG", "height": "9"}, (3, "height")),
        ({"building:levels": "0", "height": "1"}, (1, "height")),
        ({"height": "100 ft"}, (10, "height")),
        ({"height": "976"}, (None, None)),
        ({"building:levels": "9999"}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_floors_come_from_levels_then_from_height(tags, floors):
    assert osm._floors(tags) == floors
