"""`gridapp grids check` and `clean` as a script meets them: files alone, no database."""

import json

import geopandas as gpd
import pytest
import shapely
from click.testing import CliRunner, Result

from geodata import crs
from geodata.coverage import KINDS
from gridapp.cli import main
from tests.support.shared import shared
from tests.unit.geodata.drawing import NINE, at, drawn

THIN = shapely.Polygon([(at(1, 1)[0] + 2e-6, at(1, 1)[1]), at(2, 1), at(2, 2), at(1, 2)])


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["grids", *map(str, words)])


@pytest.fixture
def torn(tmp_path):
    """Nine grids with a sliver of 20 cm and an overlap, with attributes."""
    layer = drawn(NINE).assign(name=[f"第{code}组" for code in "abcdefghi"], households=range(300, 309))
    shapes = [THIN if code == "e" else shape for code, shape in zip(layer["code"], layer.geometry, strict=True)]
    shapes[6] = shapely.union(shapes[6], shapely.box(*at(1, 2), *at(1.0005, 3)))
    layer.set_geometry(shapes, crs=layer.crs).to_file(tmp_path / "torn.geojson")
    return tmp_path / "torn.geojson"


@pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".zip", ".kml", ".kmz", ".parquet"])
def test_clean_writes_what_check_finds_nothing_wrong_with(torn, tmp_path, ending):
    assert run("check", torn, "--json").exit_code == 1
    out = tmp_path / f"mended{ending}"
    ran = run("clean", torn, out, "--tolerance", 0.5, "--json")
    assert ran.exit_code == 0
    told = json.loads(ran.stdout)
    assert (told["file"], told["features"], told["valid"], told["findings"]) == (str(out), 9, True, [])
    assert {"overlap", "sliver"} <= {change["kind"] for change in told["changes"]} <= set(KINDS)
    assert all(set(one) == {"kind", "grids", "to", "area_m2", "width_m", "geometry"} for one in told["changes"])
    assert 0 < told["moved_m"] <= 0.5
    checked = run("check", out, "--json")
    assert (checked.exit_code, json.loads(checked.stdout)["findings"]) == (0, [])


def test_clean_keeps_attributes_and_says_in_words_what_changed(torn, tmp_path):
    ran = run("clean", torn, tmp_path / "mended.gpkg")
    assert "sliver: 1 mended" in ran.stdout
    assert "overlap: 1 mended" in ran.stdout
    mended = gpd.read_file(tmp_path / "mended.gpkg")
    assert mended["name"].tolist() == gpd.read_file(torn)["name"].tolist()
    assert mended["households"].tolist() == list(range(300, 309))
    assert "nothing to mend" in run("clean", tmp_path / "mended.gpkg", tmp_path / "again.gpkg").stdout


def test_a_dry_run_says_the_same_and_writes_nothing(torn, tmp_path):
    ran = run("clean", torn, tmp_path / "mended.gpkg", "--dry-run", "--json")
    assert ran.exit_code == 0
    told = json.loads(ran.stdout)
    assert told.pop("file") is None
    assert not (tmp_path / "mended.gpkg").exists()
    real = json.loads(run("clean", torn, tmp_path / "mended.gpkg", "--json").stdout)
    assert {**told, "file": str(tmp_path / "mended.gpkg")} == real


def test_what_is_larger_than_the_tolerance_is_left_with_status_1(torn, tmp_path):
    out = tmp_path / "mended.gpkg"
    ran = run("clean", torn, out, "--tolerance", 0.01, "--overlaps", 0.01, "--json")
    assert ran.exit_code == 1
    assert {finding["kind"] for finding in json.loads(ran.stdout)["findings"]} >= {"overlap", "sliver"}
    assert out.exists()
    assert "left: overlap" in run("clean", torn, out, "--tolerance", 0.01, "--overlaps", 0.01).stdout


def test_grids_are_cleaned_along_their_parents(torn, tmp_path):
    parents = drawn("PPP PPP PPP")
    parents.to_file(tmp_path / "parents.gpkg")
    out = tmp_path / "mended.geojson"
    assert run("clean", torn, out, "--parents", tmp_path / "parents.gpkg", "--code", "code").exit_code == 0
    assert run("check", out, "--parents", tmp_path / "parents.gpkg").exit_code == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nowhere.gpkg", "out.gpkg"], "no such file"),
        (["{torn}", "out.dwg"], "no format"),
        (["{torn}", "nowhere/out.gpkg"], "folder"),
        (["{torn}", "out.gpkg", "--code", "nothing"], "Name one of these with --code"),
        (["{torn}", "out.gpkg", "--tolerance", "-1"], "tolerance"),
        (["{torn}", "out.gpkg", "--parents", "nowhere.gpkg"], "no such file"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_leaves_nothing(torn, tmp_path, monkeypatch, words, sentence):
    monkeypatch.chdir(tmp_path)
    ran = run("clean", *(word.format(torn=torn) for word in words))
    assert ran.exit_code == 2
    assert sentence in ran.stderr
    assert "Traceback" not in ran.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["torn.geojson"]


def test_a_hole_is_an_enclave_by_the_width_that_is_said(tmp_path):
    drawn("aaa a.a aaa".replace(".", "b")).iloc[:1].to_file(tmp_path / "ring.gpkg")
    assert run("check", tmp_path / "ring.gpkg").exit_code == 0
    ran = run("check", tmp_path / "ring.gpkg", "--enclave", 500, "--json")
    assert [finding["kind"] for finding in json.loads(ran.stdout)["findings"]] == ["gap"]


def test_denver_and_colorado_through_the_command(tmp_path):
    def found(name, *words):
        document = json.loads(run("check", shared("partition", f"{name}.zip"), *words, "--json").stdout)
        return [(one["kind"], round(one["area_m2"], 2)) for one in document["findings"]]

    denver = found("DenverCo_precincts2020_orig")
    holes = [area for kind, area in denver if kind in {"gap", "sliver"}]
    assert (len(holes), max(holes) < 10) == (24, True)
    assert sum(kind == "edge_mismatch" for kind, _ in denver) == 35
    assert [area for kind, area in denver if kind == "overlap" and area > 0.01] == [12.97]
    assert {kind for kind, _ in found("DenverCo_precincts2020_repaired")} <= {"spike", "multipart"}
    enclaves = found("DenverCo_precincts2020_repaired", "--enclave", 10_000)
    assert sum(kind == "gap" and area > 4351 for kind, area in enclaves) == 10
    colorado = found("CO_bad_gap_region")
    assert sum(area for kind, area in colorado if kind == "overlap") == pytest.approx(78_887, rel=1e-4)
    assert [area for kind, area in colorado if kind == "gap"] == pytest.approx([11_731, 8_212], rel=1e-4)
    ran = run("clean", shared("partition", "DenverCo_precincts2020_orig.zip"), tmp_path / "denver.gpkg", "--json")
    assert (ran.exit_code, json.loads(ran.stdout)["findings"]) == (0, [])


def test_a_mislabelled_layer_is_suspected_with_the_reason(tmp_path):
    layer = drawn(NINE)
    layer.to_crs(4523).set_crs(4326, allow_override=True).to_file(tmp_path / "metres.gpkg")
    ran = run("check", tmp_path / "metres.gpkg", "--parents", tmp_path / "metres.gpkg", "--json")
    assert ran.exit_code == 1
    document = json.loads(ran.stdout)
    (suspect,) = document["findings"]
    assert (document["features"], suspect["kind"], suspect["grids"]) == (9, "suspect_crs", [])
    assert "EPSG:4523, the eastings begin with zone 35" in suspect["reason"]
    assert "带号 35" in suspect["reason_zh"]
    assert "zone 35" in run("check", tmp_path / "metres.gpkg").stdout
    assert run("check", tmp_path / "metres.gpkg", "--crs", "4523").exit_code == 0
    assert run("check", tmp_path / "metres.gpkg", "--crs", "gcj02").exit_code == 2
    assert run("clean", tmp_path / "metres.gpkg", tmp_path / "out.gpkg").exit_code == 2


def test_gcj02_beside_wgs84_neighbours_is_suspected_with_the_distance(tmp_path):
    layer, parents = drawn("abcdefghij " * 8), drawn("PPPPPPPPPP " * 8)
    shifted = layer.set_geometry(crs.transform_geometries(layer.geometry, crs.WGS84, crs.GCJ02), crs=layer.crs)
    shifted.to_file(tmp_path / "shifted.gpkg")
    parents.to_file(tmp_path / "parents.gpkg")
    ran = run("check", tmp_path / "shifted.gpkg", "--parents", tmp_path / "parents.gpkg", "--json")
    suspect = next(one for one in json.loads(ran.stdout)["findings"] if one["kind"] == "suspect_crs")
    assert "as gcj02 it lies" in suspect["reason"]
    assert run("check", tmp_path / "shifted.gpkg", "--parents", tmp_path / "parents.gpkg", "--crs", "gcj02",
               "--tolerance", "0.01").exit_code == 0  # fmt: skip
