"""What a stranger's file tries is refused, typed, before it costs anything."""

from __future__ import annotations

import contextlib
import json
import os
import struct
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata import errors
from geodata.io import Limits, read, read_table, write_layer

ENDINGS = [".geojson", ".gpkg", ".zip", ".kml", ".kmz", ".parquet"]


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path, packed):
    bomb = packed(tmp_path / "bomb.zip", {"x.geojson": bytes(64 * 1024 * 1024)})
    assert bomb.stat().st_size < 100_000
    with pytest.raises(errors.UnsafeArchive, match="swell to 64 MB"):
        read(bomb)
    with pytest.raises(errors.FileTooLarge, match="64 MB is more than the 1 MB"):
        read(bomb, limits=Limits(unpacked=1024 * 1024, ratio=10**6))
    with pytest.raises(errors.UnsafeArchive):
        read_table(packed(tmp_path / "bomb.xlsx", {"xl/workbook.xml": bytes(64 * 1024 * 1024)}))


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path, packed):
    path = packed(tmp_path / "liar.zip", {"x.geojson": b" " * 100_000 + b"{}"})
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        struct.pack_into("<I", data, data.index(mark) + offset, 10)
    path.write_bytes(data)
    with pytest.raises(errors.FileBroken):
        read(path)


@pytest.mark.parametrize(
    "name", ["../../evil.geojson", "/etc/evil.geojson", "C:\\evil.geojson", "a\\..\\..\\evil.geojson"]
)
def test_members_that_climb_out_are_refused(tmp_path, name, packed):
    with pytest.raises(errors.UnsafeArchive, match="leave its folder"):
        read(packed(tmp_path / "x.zip", {name: b"{}"}))


def test_links_passwords_crowds_and_cut_off_archives_are_refused(tmp_path, packed):
    link = zipfile.ZipInfo("x.geojson")
    link.external_attr = 0o120777 << 16
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(errors.UnsafeArchive, match="link"):
        read(path)
    data = bytearray(packed(path, {"x.geojson": b"{}"}).read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(errors.UnsafeArchive, match="password"):
        read(path)
    with pytest.raises(errors.UnsafeArchive, match="1001 files"):
        read(packed(path, {f"{number}.geojson": b"" for number in range(1001)}))
    path.write_bytes(packed(path, {"x.geojson": b"{}"}).read_bytes()[:-30])
    with pytest.raises(errors.FileBroken):
        read(path)
    with pytest.raises(errors.UnknownFormat, match="archive without a layer"):
        read(packed(path, {"readme.txt": b"words"}))


def test_large_files_are_refused_unopened(tmp_path):
    path = tmp_path / "large.geojson"
    with path.open("wb") as file:
        file.truncate(300 * 1024 * 1024)
    for opened in (read, read_table):
        with pytest.raises(errors.FileTooLarge, match="300 MB is more than the 200 MB"):
            opened(path)


def test_geojson_is_held_to_the_limits_before_it_fills_the_memory(tmp_path, packed, grids):
    path = tmp_path / "x.geojson"
    path.write_text(grids.to_json())
    assert len(read(path, limits=Limits(features=len(grids))).frame) == len(grids)
    with pytest.raises(errors.FeaturesTooMany, match=f"more than {len(grids) - 1} features"):
        read(path, limits=Limits(features=len(grids) - 1))
    with pytest.raises(errors.PiecesTooMany, match="more than 10 coordinates"):
        read(path, limits=Limits(pieces=10))
    archive = packed(tmp_path / "x.zip", {"x.geojson": path.read_bytes() + b" " * 2_000_000})
    with pytest.raises(errors.FileTooLarge, match="2 MB is more than the 1 MB"):
        read(archive, limits=Limits(packed=1024 * 1024))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", errors.FileEmpty),
        (b"   \n", errors.UnknownFormat),
        (b"\0" * 5000, errors.UnknownFormat),
        (b'{"a": "\0"}', errors.FileBroken),
        (b"[" * 10_000, errors.FileBroken),
        (b'{"type":"GeometryCollection","geometries":[' * 10_000, errors.FileBroken),
        (b'{"type":"GeometryCollection","geometries":[' * 100 + b"]}" * 100, errors.FileBroken),
        (b'{"type":"Point","coordinates":[1e999,0]}', errors.FileBroken),
        (b'{"type":"Point","coordinates":[NaN,0]}', errors.FileBroken),
        (b'{"type":"Point","coordinates":[true,false]}', errors.FileBroken),
        (b'{"type":"Point","coordinates":[1,2],"crs":5}', errors.CrsMissing),
        (
            b'{"type":"Point","coordinates":[1,2],"crs":{"type":"name","properties":{"name":"EPSG:4610"}}}',
            errors.CrsLegacy,
        ),
        (b'{"type":"Point","coordinates":[1,2],"crs":{"type":"name","properties":{"name":"mars"}}}', errors.CrsUnknown),
        (b'{"type":"FeatureCollection","features":[]} trailing', errors.FileBroken),
        (b"SQLite format 3\0" + b"\1" * 500, errors.FileBroken),
        (b"PAR1 and nothing PAR1", errors.FileBroken),
        (b"PK\x03\x04 and nothing", errors.FileBroken),
        (b"\x00\x00\x27\x0a and nothing", errors.FileBroken),
        (b"<?php system($_GET['x']); ?>", errors.UnknownFormat),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><kml></kml>", errors.FileBroken),
        (b"<kml xmlns='http://www.opengis.net/kml/2.2'><Document>", errors.FileBroken),
        (b"<OGRVRTDataSource><OGRVRTLayer name='x'/></OGRVRTDataSource>", errors.UnknownFormat),
        (b"\x89PNG\r\n\x1a\n", errors.UnknownFormat),
        (b"\xff\xfe\x00\x01\xd8\x00 binary \x80\x81", errors.UnknownFormat),
    ],
    ids=range(24),
)
def test_nonsense_is_a_typed_error(tmp_path, content, error):
    path = tmp_path / "x.geojson"
    path.write_bytes(content)
    expected = errors.FileBroken if error is errors.CrsMissing else error
    with pytest.raises(expected) as caught:
        read(path)
    assert "x.geojson" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_places_that_are_no_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name, error in (("pipe", errors.NotAFile), ("", errors.NotAFile), ("no\0ne", errors.FileMissing)):
        with pytest.raises(error):
            read(tmp_path / name)
    for address in ("/vsicurl/http://127.0.0.1/x.geojson", "http://127.0.0.1/x.geojson"):
        with pytest.raises(errors.FileMissing):
            read(address)


pieces = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(-200, 200)
    | st.integers(-(10**20), 10**20)
    | st.sampled_from(["Point", "x", ""]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "features", "geometry", "geometries", "coordinates", "properties", "bbox", "crs", "id"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def replaced(data, document):
    """A copy of a JSON document with one piece of it replaced by nonsense."""
    if not isinstance(document, dict | list) or not document or data.draw(st.integers(0, 4)) == 0:
        return data.draw(pieces)
    if isinstance(document, dict):
        key = data.draw(st.sampled_from(sorted(document)))
        return document | {key: replaced(data, document[key])}
    at = data.draw(st.integers(0, len(document) - 1))
    return [*document[:at], replaced(data, document[at]), *document[at + 1 :]]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_geojson_with_a_piece_of_nonsense_is_read_or_refused(tmp_path, grids, data):
    path = tmp_path / "x.geojson"
    path.write_text(json.dumps(replaced(data, json.loads(grids.to_json()))))
    with contextlib.suppress(errors.GeodataError):
        assert read(path).frame.crs.to_epsg() == 4326


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(tmp_path, grids, data):
    ending = data.draw(st.sampled_from(ENDINGS))
    path = tmp_path / f"whole{ending}"
    if not path.exists():
        write_layer(grids, path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    damaged = tmp_path / f"damaged{ending}"
    damaged.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    with contextlib.suppress(errors.GeodataError):
        read(damaged)
