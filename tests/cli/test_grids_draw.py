"""`gridapp grids draw` as a script meets it: grids and a result sheet in files, one sentence for what is wrong."""

import json

import pytest
from click.testing import CliRunner

from geodata.coverage import check
from geodata.io import read_layer
from gridapp.cli import main
from tests.support.shared import shared
from tests.unit.geodata.town import town

EVEN = "5555555555\n" * 8
SHEET = {"grids", "within", "infeasible", "contiguous", "cut_buildings", "border_on_street", "polsby_popper_mean"}


def draw(*words):
    return CliRunner().invoke(main, ["grids", "draw", *map(str, words)])


@pytest.fixture
def files(tmp_path):
    """A town in three files of three formats, as options."""
    options = []
    for frame, name in zip(town(EVEN), ("boundary.geojson", "streets.gpkg", "buildings.parquet"), strict=True):
        path = tmp_path / name
        if name.endswith("parquet"):
            frame.to_parquet(path)
        else:
            frame.to_file(path)
        options += [f"--{path.stem}", path]
    return options


def test_grids_and_their_sheet_are_written(files, tmp_path):
    out, report = tmp_path / "grids.gpkg", tmp_path / "sheet.json"
    ran = draw(*files, "--out", out, "--report", report, "--json")
    assert ran.exit_code == 0, ran.stderr
    sheet = json.loads(ran.stdout)
    assert json.loads(report.read_text()) == sheet
    assert set(sheet) >= SHEET | {"seconds"}
    assert set(sheet["households"]) == {"min", "median", "max"}
    grids = read_layer(out)
    assert len(grids) == sheet["grids"] == sheet["within"]
    assert check(grids, enclave=float("inf")) == []


def test_what_cannot_be_is_named_and_ends_with_status_1(files, tmp_path):
    ran = draw(*files, "--out", tmp_path / "grids.geojson", "--min", 30, "--max", 45, "--json")
    assert ran.exit_code == 1, ran.stderr
    sheet = json.loads(ran.stdout)
    assert {one["kind"] for one in sheet["infeasible"]} == {"tower"}
    assert all(set(one) >= {"grid", "households", "cause"} for one in sheet["infeasible"])


def test_a_drawing_of_a_name_in_an_extract_says_that_households_are_estimated(tmp_path):
    out = tmp_path / "grids.geojson"
    extract = shared("osm", "helsinki_centre.osm.pbf")
    ran = draw("--streets", extract, "--out", out, "--json")
    assert ran.exit_code in (0, 1), ran.stderr
    sheet = json.loads(ran.stdout)
    assert sheet["estimate"]["buildings"] > 0
    assert "estimated" in ran.stderr
    assert sheet["cut_buildings"] == 0
    assert sheet["contiguous"]
    ran = draw("--streets", extract, "--boundary-name", "Atlantis", "--out", out)
    assert ran.exit_code == 2
    assert "no boundary named “Atlantis”" in ran.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--min", "500", "--max", "300"], "at least 500 and at most 300"),
        (["--households", "homes"], "column “homes” is not there"),
        (["--grids", "5000"], "5000 grids cannot be drawn"),
    ],
)
def test_a_wrong_call_gets_one_sentence_and_leaves_no_file(files, tmp_path, words, sentence):
    ran = draw(*files, "--out", tmp_path / "grids.gpkg", *words)
    assert ran.exit_code == 2
    assert sentence in ran.stderr
    assert not (tmp_path / "grids.gpkg").exists()


def test_without_buildings_it_says_what_is_missing(files, tmp_path):
    ran = draw(*files[:4], "--out", tmp_path / "grids.gpkg")
    assert ran.exit_code == 2
    assert "--buildings is missing" in ran.stderr
