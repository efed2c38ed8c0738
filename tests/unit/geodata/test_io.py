"""Layers come back as they went out, in every format, encoding and coordinate system."""

from __future__ import annotations

import json
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from geodata import errors
from geodata.io import read, read_layer, write_layer

ENDINGS = [".geojson", ".gpkg", ".zip", ".kml", ".kmz", ".parquet"]


@pytest.mark.parametrize("crs", [None, "gcj02", "bd09", "EPSG:4544", "EPSG:4523"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_layer_comes_back_as_it_went_out(tmp_path, grids, ending, crs):
    path = tmp_path / f"grids{ending}"
    if ending in {".kml", ".kmz"} and crs:
        with pytest.raises(errors.CannotWrite, match="KML is always WGS 84"):
            write_layer(grids, path, crs)
        assert list(tmp_path.iterdir()) == []
        return
    write_layer(grids, path, crs)
    undeclared = crs in {"gcj02", "bd09"} and ending != ".geojson"
    back = read(path, crs=crs if undeclared else None)
    assert back.system == (crs or "EPSG:4326")
    assert [note.finding for note in back.notes if note.finding] == []
    frame = back.frame
    for column in ("code", "name", "households"):
        assert frame[column].astype(str).tolist() == grids[column].astype(str).tolist()
    assert frame["share"].isna().tolist() == [False, True]
    assert frame.geometry.normalize().geom_equals_exact(grids.geometry.normalize(), 2e-9).all()
    assert list(tmp_path.iterdir()) == [path], "nothing but the file is left"


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_was_read_once_reads_the_same_from_every_format(tmp_path, grids, ending):
    rough = grids.set_geometry(grids.rotate(11, origin=(104.63, 28.755)))
    write_layer(rough, tmp_path / "first.gpkg")
    once = read_layer(tmp_path / "first.gpkg")
    write_layer(once, tmp_path / f"again{ending}")
    again = read_layer(tmp_path / f"again{ending}")
    assert shapely.equals_identical(again.normalize().to_numpy(), once.normalize().to_numpy()).all()
    assert shapely.coverage_is_valid(again.geometry.to_numpy())


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
@pytest.mark.parametrize("told", [True, False, "wrong"])
def test_chinese_shapefiles_are_read_in_either_encoding_told_or_not(tmp_path, grids, encoding, told):
    path = tmp_path / "网格.zip"
    write_layer(grids.rename(columns={"name": "网格名称"}), path, encoding=encoding)
    other = {"UTF-8": "GBK", "GBK": "UTF-8"}[encoding]
    if told is not True:
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in parts.items():
                if not name.endswith(".cpg"):
                    archive.writestr(name, data)
                elif told == "wrong":
                    archive.writestr(name, other)
    back = read(path)
    column = next(name for name in back.frame.columns if name.startswith("网格"))
    assert back.frame[column].tolist() == grids["name"].tolist()
    assert ("encoding" in {note.kind for note in back.notes}) == (told == "wrong")


def test_shapefiles_never_cut_words_silently(tmp_path, grids):
    with pytest.raises(errors.CannotWrite, match=r"feature 2.*254 bytes"):
        write_layer(grids.assign(note=["short", "长" * 100]), tmp_path / "x.zip")
    with pytest.raises(errors.CannotWrite, match="one kind of geometry"):
        write_layer(grids.set_geometry([grids.geometry[0], shapely.Point(104, 28)]), tmp_path / "x.zip")
    twins = grids.rename(columns={"code": "resident_count", "name": "resident_count_2"})
    write_layer(twins, tmp_path / "x.zip")
    assert list(read_layer(tmp_path / "x.zip").columns) == [
        "resident_c",
        "resident_1",
        "households",
        "share",
        "geometry",
    ]


def test_an_output_that_fails_leaves_the_old_one(tmp_path, grids):
    path = tmp_path / "grids.zip"
    write_layer(grids, path)
    before = path.read_bytes()
    with pytest.raises(errors.CannotWrite):
        write_layer(grids.assign(note="长" * 200), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(errors.CannotWrite, match="folder"):
        write_layer(grids, tmp_path / "none" / "x.gpkg")
    with pytest.raises(errors.CannotWrite, match="no format"):
        write_layer(grids, tmp_path / "x.dwg")


def test_content_comes_before_the_ending(tmp_path, grids):
    for ending in ENDINGS:
        write_layer(grids, tmp_path / f"grids{ending}")
        (tmp_path / f"grids{ending}").rename(tmp_path / "grids.txt")
        assert len(read_layer(tmp_path / "grids.txt")) == 2


def test_a_layer_inside_a_zip_of_any_kind_is_found(tmp_path, grids):
    for ending in (".geojson", ".gpkg", ".parquet"):
        write_layer(grids, tmp_path / f"inner{ending}")
        with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
            archive.write(tmp_path / f"inner{ending}", f"数据/inner{ending}")
            archive.writestr("说明.txt", "说明")
            archive.writestr("__MACOSX/._inner.geojson", b"\0")
        assert len(read_layer(tmp_path / "outer.zip")) == 2


def test_several_layers_need_a_name(tmp_path, grids):
    path = tmp_path / "all.zip"
    for name in ("east", "west"):
        write_layer(grids, tmp_path / f"{name}.geojson")
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("east", "west"):
            archive.write(tmp_path / f"{name}.geojson", f"{name}.geojson")
    with pytest.raises(errors.LayerUnknown, match=r"east, west.*--layer"):
        read(path)
    with pytest.raises(errors.LayerUnknown, match="no layer “north”"):
        read(path, "north")
    assert read(path, "west").name == "west"


def test_attributes_of_json_keep_their_kind(tmp_path):
    path = tmp_path / "x.geojson"
    values = [{"n": 511502, "flag": True, "mixed": 1, "list": [1, 2], "geometry": "odd"}, {"n": None, "mixed": "二"}]
    features = [{"type": "Feature", "id": 7, "properties": own, "geometry": None} for own in values]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="gb18030")
    frame = read_layer(path)
    assert frame["n"].tolist() == [511502, pd.NA]
    assert frame["mixed"].tolist() == ["1", "二"]
    assert frame["list"][0] == "[1,2]"
    assert frame["geometry_"][0] == "odd"
    assert frame["id"].tolist() == [7, 7]


def test_gbk_json_is_read_and_told(tmp_path, grids):
    path = tmp_path / "x.geojson"
    write_layer(grids, path)
    path.write_bytes(path.read_text(encoding="utf-8").encode("gbk"))
    layer = read(path)
    assert layer.frame["name"].tolist() == grids["name"].tolist()
    assert [note.kind for note in layer.notes] == ["encoding"]


def test_an_undeclared_layer_asks_for_its_crs_with_a_guess(tmp_path, grids):
    path = tmp_path / "x.parquet"
    grids.to_crs(4523).set_crs(None, allow_override=True).to_parquet(path)
    with pytest.raises(errors.CrsMissing, match=r"EPSG:4523, the eastings begin with zone 35.*--crs") as caught:
        read(path)
    assert "带号 35" in caught.value.message_zh
    assert read_layer(path, crs=4523).normalize().geom_equals_exact(grids.normalize(), 2e-9).all()


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize("ending", [".gpkg", ".shp", ".parquet"])
def test_degrees_without_a_system_are_never_taken_for_wgs84_in_silence(tmp_path, grids, ending):
    path, bare = tmp_path / f"x{ending}", grids.set_crs(None, allow_override=True)
    bare.to_parquet(path) if ending == ".parquet" else bare.to_file(path)
    with pytest.raises(errors.CrsMissing, match=r"EPSG:4326, the numbers are degrees or gcj02, .*--crs"):
        read(path)


def test_a_layer_without_a_system_is_not_written_and_the_guess_is_told(tmp_path, grids):
    with pytest.raises(errors.CrsMissing, match="EPSG:4326, the numbers are degrees"):
        write_layer(grids.set_crs(None, allow_override=True), tmp_path / "x.gpkg")


@pytest.mark.parametrize(
    ("declared", "given", "shift"),
    [(4326, "EPSG:4544", 0), (4544, None, 0), (4326, "gcj02", 100), (4326, None, 400)],
)
def test_numbers_that_cannot_be_what_is_said_are_refused(tmp_path, grids, declared, given, shift):
    path = tmp_path / "x.gpkg"
    grids.set_geometry(grids.translate(shift)).set_crs(declared, allow_override=True).to_file(path)
    with pytest.raises(errors.CrsWrong, match="--crs"):
        read(path, crs=given)


@pytest.mark.parametrize(("declared", "really"), [(4544, 4523), (4523, 4544), (3857, 4523), (4326, 3857)])
def test_zones_and_prefixes_that_were_mixed_up_are_refused_or_read_for_a_look(tmp_path, grids, declared, really):
    path = tmp_path / "x.gpkg"
    grids.to_crs(really).set_crs(declared, allow_override=True).to_file(path)
    with pytest.raises(errors.CrsWrong, match="a guess"):
        read(path)
    layer = read(path, doubtful=True)
    assert (layer.frame.crs, layer.system, len(layer.frame)) == (None, "", 2)
    assert read(path, crs=really, own=True).frame.crs.to_epsg() == really


def test_a_given_crs_outweighs_the_declared_and_is_told(tmp_path, grids):
    write_layer(grids, tmp_path / "x.gpkg")
    layer = read(tmp_path / "x.gpkg", crs="gcj02")
    assert [note.kind for note in layer.notes] == ["crs_overridden"]
    assert layer.frame.total_bounds[0] < 104.62


def test_an_old_datum_is_refused_unless_the_truth_is_said(tmp_path, grids):
    path = tmp_path / "x.zip"
    write_layer(grids, path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, pyproj.CRS.from_epsg(4610).to_wkt("WKT1_ESRI") if name.endswith(".prj") else data)
    with pytest.raises(errors.CrsLegacy, match=r"Xi'an 1980.*CGCS2000"):
        read(path)
    layer = read(path, crs="cgcs2000")
    assert [note.kind for note in layer.notes] == ["crs_overridden"]
    assert layer.frame.total_bounds == pytest.approx(grids.total_bounds, abs=1e-9)


def test_swapped_axes_are_said(tmp_path):
    path = tmp_path / "x.geojson"
    path.write_text('{"type": "Point", "coordinates": [28.76, 104.62]}')
    with pytest.raises(errors.CrsWrong, match="latitude first"):
        read(path)


def test_thinning_keeps_shared_edges_shared(tmp_path):
    angle = np.linspace(0, np.pi, 2000)
    wavy = np.column_stack([104.63 + 0.0001 * np.sin(angle), 28.75 + angle * 0.001])
    west = shapely.Polygon([*wavy, (104.62, 28.754), (104.62, 28.749)])
    east = shapely.Polygon([*wavy, (104.64, 28.754), (104.64, 28.749)])
    dense = gpd.GeoDataFrame({"name": ["west", "east"]}, geometry=[west, east], crs=4326)
    write_layer(dense, tmp_path / "x.gpkg")
    layer = read(tmp_path / "x.gpkg")
    assert "size" in {note.kind for note in layer.notes}
    assert shapely.coverage_is_valid(layer.frame.geometry.to_numpy())
    assert list(shapely.area(layer.frame.geometry)) == pytest.approx([west.area, east.area], rel=1e-4)


def test_the_words_of_an_error_say_where_in_both_languages():
    error = errors.FileBroken(
        file="x.geojson", layer="网格", feature=3, row=None, format="GeoJSON", why="odd", why_zh="怪"
    )
    assert error.message_en == (
        "x.geojson, layer 网格, feature 3: GeoJSON that cannot be read: odd. "
        "Export it again, or mend it where it is named."
    )
    assert error.message_zh == "x.geojson，图层 网格，要素 3：无法读取的 GeoJSON：怪。请重新导出，或在指出的位置修正。"
    assert str(error) == error.message_en
