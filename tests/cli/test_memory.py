"""What is made to swell is refused, and takes next to nothing of the memory that it would fill."""

from __future__ import annotations

import gzip
import json
import struct
import zipfile
import zlib
from pathlib import Path

from flask import Flask

from tests.support import memory, pictures
from tests.support.memory import MB

SWOLLEN = 300 * MB
BOUND_MB = 64
"""Far below what each of them would unpack to."""
BOUND_OF_TEXTS_MB = 150
"""Three times the text itself, a tenth of what its pieces would take."""
BOUND_OF_EXTRACTS_MB = 150
"""GDAL keeps about half of it for nodes, however small the extract is."""


def test_what_is_taken_and_given_back_is_noticed() -> None:
    large, small = memory.peaks([["filled", SWOLLEN], ["filled", 1]])
    assert large["mb"] > 0.9 * SWOLLEN / MB > BOUND_OF_EXTRACTS_MB > small["mb"]


def zipped(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("x.geojson", bytes(SWOLLEN))
    return path


def sparse(path: Path, head: bytes = b"") -> Path:
    with path.open("wb") as file:
        file.write(head)
        file.truncate(SWOLLEN)
    return path


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


# The first of each list is harmless: what the program itself takes to read anything is not counted.


def test_layers_that_swell_are_refused_in_little_memory(tmp_path: Path) -> None:
    good = {"type": "Polygon", "coordinates": [[[104, 28], [104.1, 28], [104.1, 28.1], [104, 28]]]}
    files = {
        written(tmp_path / "good.geojson", json.dumps(good).encode()): "",
        zipped(tmp_path / "bomb.zip"): "would swell to 300 MB",
        zipped(tmp_path / "bomb.kmz"): "would swell to 300 MB",
        sparse(tmp_path / "large.geojson"): "300 MB is more than the 200 MB",
        sparse(tmp_path / "large.gpkg", b"SQLite format 3\0"): "300 MB is more than the 200 MB",
        written(tmp_path / "deep.geojson", b'{"type":' * 10_000 + b"1" + b"}" * 10_000): "depth limit",
        written(tmp_path / "dense.geojson", b"[" + b"{}," * 15_000_000 + b"{}]"): "more than 25000000 coordinates",
    }
    found = memory.peaks([["gridapp", ["grids", "check", str(path)]] for path in files])
    for words, one in list(zip(files.values(), found, strict=True))[1:]:
        assert one["told"].startswith("2 Error: "), one
        assert words in one["told"]
        assert one["mb"] < (BOUND_OF_TEXTS_MB if "coordinates" in words else BOUND_MB), one


def test_a_picture_of_50_000_by_50_000_is_refused_in_little_memory(tmp_path: Path) -> None:
    files = [written(tmp_path / "good.png", pictures.photo("PNG")), written(tmp_path / "huge.png", pictures.huge_png())]
    good, huge = memory.peaks([["photo", str(path)] for path in files])
    assert (good["told"], huge["told"]) == ("image/png", "too_large")
    assert huge["mb"] < BOUND_MB, huge


def test_bodies_that_swell_are_refused_in_little_memory(tmp_path: Path) -> None:
    bodies: dict[str, tuple[bytes, dict[str, str]]] = {
        "invalid": (b"{}", {}),
        "too_large": (gzip.compress(bytes(SWOLLEN), 1), {"Content-Encoding": "gzip"}),
        "not_json": (b"[" * 1_000_000, {}),
    }
    readings = [
        ["body", {"path": str(written(tmp_path / code, content)), "headers": headers}]
        for code, (content, headers) in bodies.items()
    ]
    readings.append(["body", {"path": str(sparse(tmp_path / "large")), "headers": {}}])
    found = memory.peaks(readings)
    assert [one["told"] for one in found] == [*bodies, "too_large"]
    assert all(one["mb"] < BOUND_MB for one in found[1:]), found


def blob(kind: bytes, content: bytes, raw_size: int) -> bytes:
    """A part of an extract, whose content says that it is so large when it is unpacked."""
    packed = zlib.compress(content, 1)
    body = b"\x10" + varint(raw_size) + b"\x1a" + varint(len(packed)) + packed
    head = b"\x0a" + bytes([len(kind)]) + kind + b"\x18" + varint(len(body))
    return struct.pack(">I", len(head)) + head + body


def varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


HEADER = b"\x22\x0eOsmSchema-V0.6\x22\x0aDenseNodes"


def test_extracts_that_swell_are_refused_in_little_memory(empty_app: Flask, tmp_path: Path) -> None:
    begun = blob(b"OSMHeader", HEADER, len(HEADER))
    files = [
        written(tmp_path / "cut.osm.pbf", begun + b"\0\0\0\x0d"),
        sparse(tmp_path / "zeros.osm.pbf", begun),
        sparse(tmp_path / "long.osm.pbf", begun + struct.pack(">I", 250 * MB)),
        sparse(tmp_path / "wide.osm.pbf", begun + struct.pack(">I", 16) + b"\x0a\x07OSMData\x18" + varint(290 * MB)),
        written(tmp_path / "bomb.osm.pbf", begun + blob(b"OSMData", bytes(SWOLLEN), SWOLLEN)),
        written(tmp_path / "liar.osm.pbf", begun + blob(b"OSMData", bytes(SWOLLEN), 1000)),
    ]
    settings = empty_app.extensions["settings"]
    environment = {
        "GRIDAPP_INSTANCE": str(settings.instance),
        "GRIDAPP_DATABASE_URL": str(empty_app.config["SQLALCHEMY_DATABASE_URI"]),
    }
    found = memory.peaks([["gridapp", ["osm", "import", str(path)]] for path in files], **environment)
    for path, one in zip(files, found, strict=True):
        assert one["told"].startswith(f"2 Error: {path.name}: "), one
        assert "Export it again" in one["told"]
    assert all(one["mb"] < BOUND_OF_EXTRACTS_MB for one in found[1:]), found
