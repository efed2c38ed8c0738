"""`gridapp convert` as a script meets it: answers, exit statuses, one sentence for what is wrong."""

import json

import geopandas as gpd
import pytest
import shapely
from click.testing import CliRunner, Result

from geodata.io import read, write_layer
from gridapp.cli import main


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["convert", *words])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["104.6246", "28.7602", "--from", "wgs84", "--to", "gcj02"], {"lon": 104.62693799, "lat": 28.756752296}),
        (["104.6246", "28.7602", "--from", "4326", "--to", "bd09"], {"lon": 104.633356293, "lat": 28.762991509}),
        (["104.6246", "28.7602", "--from", "4490", "--to", "4544"], {"x": 463337.1872, "y": 3182749.1703}),
        (["463337.1872", "3182749.1703", "--from", "EPSG:4544", "--to", "4326"], {"lon": 104.6246, "lat": 28.7602}),
        (["-71.06", "42.36", "--from", "4326", "--to", "gcj02"], {"lon": -71.06, "lat": 42.36}),
    ],
)
def test_a_place(words, expected):
    result = run(*words, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found.pop("crs") in {"gcj02", "bd09", "EPSG:4544", "EPSG:4326"}
    assert found == pytest.approx(expected, abs=2e-9, rel=1e-10)
    assert run(*words).stdout.split() == [str(number) for number in json.loads(result.stdout).values()][:2]


def test_a_file(tmp_path):
    grids = gpd.GeoDataFrame({"name": ["东福"]}, geometry=[shapely.box(104.62, 28.75, 104.63, 28.76)], crs=4326)
    grids.to_file(tmp_path / "grids.gpkg")
    out = tmp_path / "out.zip"
    result = run(str(tmp_path / "grids.gpkg"), str(out), "--to", "EPSG:4523", "--encoding", "GBK", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "file": str(out),
        "features": 1,
        "crs": "EPSG:4523",
        "from": "EPSG:4326",
        "notes": [],
    }
    back = read(out)
    assert back.system == "EPSG:4523"
    assert back.frame["name"].tolist() == ["东福"]
    assert back.frame.total_bounds == pytest.approx(grids.total_bounds, abs=1e-8)


FORMATS = ["a.geojson", "b.gpkg", "c.zip", "d.kml", "e.kmz", "f.parquet"]


@pytest.mark.parametrize("begin", FORMATS)
def test_a_file_of_each_format_becomes_one_of_every_other(tmp_path, begin):
    shape = shapely.box(104.62, 28.75, 104.63, 28.76)
    frame = gpd.GeoDataFrame({"name": ["东福一组"], "households": [312]}, geometry=[shape], crs=4326)
    write_layer(frame, tmp_path / begin)
    for ending in FORMATS:
        out, there = tmp_path / f"out-{ending}", "4326" if ".km" in ending else "gcj02"  # KML is always WGS 84
        result = run(str(tmp_path / begin), str(out), "--from", "wgs84", "--to", there, "--json")
        assert result.exit_code == 0, result.stderr
        again = run(str(out), str(tmp_path / f"back-{ending}"), "--from", there, "--to", "4326", "--json")
        assert (again.exit_code, json.loads(again.stdout)["features"]) == (0, 1)
        back = read(tmp_path / f"back-{ending}").frame
        assert (back["name"].tolist(), back["households"].astype(int).tolist()) == (["东福一组"], [312])
        assert back.total_bounds == pytest.approx(frame.total_bounds, abs=2e-9)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["28.76", "104.62", "--from", "wgs84", "--to", "gcj02"], "Longitude comes first"),
        (["104.62", "28.76", "--to", "gcj02"], "--from"),
        (["104.62", "28.76", "--from", "mars", "--to", "gcj02"], "EPSG code"),
        (["104.62", "28.76", "--from", "wgs84"], "--to"),
        (["nowhere.gpkg", "x.gpkg", "--to", "4326"], "no such file"),
        (["nan", "nan", "--from", "wgs84", "--to", "4544"], "no place on Earth"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_status_2(words, sentence):
    result = run(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_a_broken_file_leaves_nothing(tmp_path):
    (tmp_path / "x.geojson").write_text("[]")
    result = run(str(tmp_path / "x.geojson"), str(tmp_path / "out.gpkg"), "--to", "4326")
    assert result.exit_code == 2
    assert "x.geojson" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["x.geojson"]


def test_a_file_is_never_written_over_itself(tmp_path):
    file = tmp_path / "x.geojson"
    file.write_text('{"type": "FeatureCollection", "features": []}')
    (tmp_path / "same.geojson").symlink_to(file)
    before = file.read_bytes()
    for out in ("x.geojson", "same.geojson"):
        result = run(str(file), str(tmp_path / out), "--to", "4326")
        assert result.exit_code == 2
        assert "another file" in result.stderr
    assert file.read_bytes() == before
