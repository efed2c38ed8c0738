"""What becomes of each of the broken, odd and mislabelled files that people really have."""

from __future__ import annotations

from pathlib import Path

import pytest

from geodata import errors
from geodata.io import read
from tests.support.shared import SHARED, shared

INVALID = "bad_input/geojson-invalid-geometry"


@pytest.fixture(autouse=True)
def data_are_there():
    shared()


READ: dict[str, str] = {}  # read, nothing to say
BROKEN = errors.FileBroken

# file: READ, the kinds of what was mended and of what becomes a finding, or the typed error
GEOJSON: dict[str, dict[str, str] | type[errors.GeodataError]] = {
    "invalid_geometries/invalid_exterior_not_ccw": {"ring_order": "mended"},
    "invalid_geometries/invalid_incorrect_geometry_data_type": BROKEN,
    "invalid_geometries/invalid_interior_not_cw": {"ring_order": "mended"},
    "invalid_geometries/invalid_less_three_unique_nodes": {"ring_order": "mended", "empty": "empty"},
    "invalid_geometries/invalid_unclosed": {"unclosed": "self_intersection"},
    "invalid_structure/invalid_feature_geometry_is_string": BROKEN,
    "invalid_structure/invalid_feature_id_type": BROKEN,
    "invalid_structure/invalid_feature_no_properties": BROKEN,
    "invalid_structure/invalid_feature_properties_is_array": BROKEN,
    "invalid_structure/invalid_feature_properties_is_int": BROKEN,
    "invalid_structure/invalid_feature_wrong_geometry_key": BROKEN,
    "invalid_structure/invalid_featurecollection_feature_nullfeature": BROKEN,
    "invalid_structure/invalid_featurecollection_features_is_object": BROKEN,
    "invalid_structure/invalid_featurecollection_no_features_member": BROKEN,
    "invalid_structure/invalid_featurecollection_nulltype": BROKEN,
    "invalid_structure/invalid_featurecollection_type_lowercase": BROKEN,
    "invalid_structure/invalid_featurecollection_unknown_type": BROKEN,
    "invalid_structure/invalid_geometry_bbox_not4or6": {"bbox": "mended"},
    "invalid_structure/invalid_geometry_bbox_not_list": {"bbox": "mended"},
    "invalid_structure/invalid_geometry_bbox_not_numbers": {"bbox": "mended"},
    "invalid_structure/invalid_geometry_coordinates_1d": BROKEN,
    "invalid_structure/invalid_geometry_coordinates_empty_position": BROKEN,
    "invalid_structure/invalid_geometry_coordinates_missing": BROKEN,
    "invalid_structure/invalid_geometry_coordinates_string": BROKEN,
    "invalid_structure/invalid_geometry_depth_deep_point": BROKEN,
    "invalid_structure/invalid_geometry_depth_deep_polygon": BROKEN,
    "invalid_structure/invalid_geometry_depth_shallow_linestring": BROKEN,
    "invalid_structure/invalid_geometry_depth_shallow_multipolygon": BROKEN,
    "invalid_structure/invalid_geometry_depth_shallow_polygon": BROKEN,
    "invalid_structure/invalid_geometry_geometrycollection_null_geometry": BROKEN,
    "invalid_structure/invalid_geometry_mislabeled_point": BROKEN,
    "invalid_structure/invalid_geometry_missing_type": BROKEN,
    "invalid_structure/invalid_geometry_wrong_geometry_type": BROKEN,
    "problematic_geometries/problematic_3d_coordinates": {"z_dropped": "mended"},
    "problematic_geometries/problematic_4d_coordinates": {"z_dropped": "mended"},
    "problematic_geometries/problematic_crosses_antimeridian": {
        "ring_order": "mended",
        "antimeridian": "suspect_crs",
    },
    "problematic_geometries/problematic_duplicate_nodes": {"repeated_vertex": "duplicate"},
    "problematic_geometries/problematic_excessive_coordinate_precision": {"precision": "mended"},
    "problematic_geometries/problematic_excessive_vertices": {"precision": "mended", "size": "mended"},
    "problematic_geometries/problematic_feature_null_geometry": {"empty": "empty"},
    "problematic_geometries/problematic_holes": READ,
    "problematic_geometries/problematic_inner_and_exterior_ring_intersect": {"invalid": "self_intersection"},
    "problematic_geometries/problematic_multitype_geometry_with_just_one_geometry": READ,
    "problematic_geometries/problematic_outside_lat_lon_boundaries": errors.CrsWrong,
    "problematic_geometries/problematic_self_intersection_large": {"invalid": "self_intersection"},
    "problematic_geometries/problematic_self_intersection_small": {"invalid": "self_intersection"},
    "problematic_geometries/problematic_wrong_bbox_coordinate_order": {"bbox": "mended"},
    "problematic_geometries/problematic_zero_length_linestring": {"empty": "empty"},
    "problematic_structure/problematic_crs_defined": READ,
    "problematic_structure/problematic_geometry_not_wrapped": READ,
    "problematic_structure/problematic_geometrycollection_single": READ,
    "problematic_structure/problematic_nested_geometrycollection": READ,
    "valid/valid_feature": READ,
    "valid/valid_feature_null_geometry": {"empty": "empty"},
    "valid/valid_feature_null_properties": READ,
    "valid/valid_feature_with_bbox": READ,
    "valid/valid_feature_with_id": READ,
    "valid/valid_feature_with_string_id": READ,
    "valid/valid_featurecollection": READ,
    "valid/valid_featurecollection_bboxes": {"precision": "mended"},
    "valid/valid_featurecollection_empty_features": READ,
    "valid/valid_featurecollection_multiple_feature_types": {"precision": "mended"},
    "valid/valid_featurecollection_with_geometrycollection": READ,
    "valid/valid_geometry": READ,
    "valid/valid_geometry_3d_coordinates": {"z_dropped": "mended"},
    "valid/valid_geometry_bbox": READ,
    "valid/valid_geometry_geometrycollection": READ,
    "valid/valid_geometry_geometrycollection_empty_geometries": {"empty": "empty"},
    "valid/valid_geometry_linestring": READ,
    "valid/valid_geometry_multilinestring": READ,
    "valid/valid_geometry_multipoint": READ,
    "valid/valid_geometry_multipolygon": READ,
    "valid/valid_geometry_point": READ,
    "valid/valid_geometry_polygon": READ,
}

# file: the typed error, and words of it that name the remedy or the guess
MISLABELLED: dict[str, tuple[type[errors.GeodataError], str]] = {
    "boundaries/cuiping_511502_gcj02_2019_BARE_ARRAY.json": (errors.FileBroken, "FeatureCollection"),
    "boundaries/cuiping_511502_streets_communities.csv": (errors.UnknownFormat, "GeoPackage"),
    "boundaries/yibin_counties_gcj02_raw.gpkg": (errors.LayerUnknown, "--layer"),
    "tasks/boston_precincts_RAW_wrongcrs_epsg2249_labelled_none.geojson": (errors.CrsWrong, "EPSG:2249"),
    "tasks/boston_311_2011H2.parquet": (errors.UnknownFormat, "without geometries"),
    "tasks/boston_311_sample5k.csv": (errors.UnknownFormat, "GeoJSON"),
    "partition/pypi_libpysal_chicago77_noprj.zip": (errors.CrsMissing, "EPSG:3435"),
    "osm/liechtenstein_2025-09-19.osm.pbf": (errors.UnknownFormat, "OSM PBF"),
    "gps/gpx/unicode.gpx": (errors.UnknownFormat, "GPX"),
    "basemap/shanghai_downtown_osm.pmtiles": (errors.UnknownFormat, "PMTiles"),
    "basemap/pmtiles_fixtures/empty.pmtiles": (errors.FileEmpty, "Export it again"),
    "basemap/pmtiles_fixtures": (errors.NotAFile, "Name one file"),
    "boundaries/none.geojson": (errors.FileMissing, "Check the path"),
}


def test_the_table_has_every_file():
    there = {str(path.relative_to(SHARED / INVALID).with_suffix("")) for path in (SHARED / INVALID).rglob("*.geojson")}
    assert there == set(GEOJSON)
    assert len(there) == 74


@pytest.mark.parametrize("name", GEOJSON)
def test_each_geojson_file_is_read_mended_found_or_refused(name):
    path = SHARED / INVALID / f"{name}.geojson"
    expected = GEOJSON[name]
    if isinstance(expected, dict):
        layer = read(path)
        assert {note.kind: note.finding or "mended" for note in layer.notes} == expected
        assert layer.frame.crs.to_epsg() == 4326
        assert not layer.frame.has_z.any()
        assert all(note.message("en") and note.message("zh") for note in layer.notes)
    else:
        with pytest.raises(expected) as caught:
            read(path)
        assert path.name in caught.value.message_en
        assert path.name in caught.value.message_zh
        assert caught.value.remedy


@pytest.mark.parametrize("name", MISLABELLED)
def test_mislabelled_files_are_refused_with_the_remedy(name):
    kind, words = MISLABELLED[name]
    with pytest.raises(kind, match=words) as caught:
        read(SHARED / name)
    assert Path(name).name in caught.value.message_zh


@pytest.mark.parametrize(
    ("name", "layer", "crs", "count"),
    [
        ("tasks/boston_precincts_RAW_wrongcrs_epsg2249_labelled_none.geojson", None, "EPSG:2249", 255),
        ("boundaries/yibin_counties_gcj02_raw.gpkg", "v2021_anzhou", "gcj02", 10),
        ("boundaries/cuiping_511502_gcj02_2021.json", None, "gcj02", 1),
        ("partition/pypi_libpysal_chicago77_noprj.zip", None, "3435", 77),
        ("partition/DenverCo_precincts2020_orig.zip", None, None, 356),
        ("tasks/boston_wards.geojson", None, None, 22),
    ],
)
def test_they_are_read_once_the_truth_is_said(name, layer, crs, count):
    found = read(SHARED / name, layer, crs)
    assert len(found.frame) == count
    west, south, east, north = found.frame.total_bounds
    assert -180 < west < east < 180
    assert -90 < south < north < 90


def test_gcj02_read_as_such_lies_where_the_derived_layer_lies():
    shifted = read(SHARED / "boundaries/yibin_counties_gcj02_raw.gpkg", "v2021_anzhou", "gcj02").frame
    derived = read(SHARED / "boundaries/yibin_counties_wgs84_derived.gpkg", "v2021_anzhou").frame
    assert shifted.total_bounds == pytest.approx(derived.total_bounds, abs=1e-8)


def test_invalid_grids_are_let_through_and_told():
    wards = read(SHARED / "tasks/boston_wards.geojson")
    assert [len(note.positions) for note in wards.faults] == [3]
    assert (~wards.frame.is_valid).sum() == 3
