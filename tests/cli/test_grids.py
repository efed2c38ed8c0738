"""`gridapp grids` as a script meets it: versions in time, findings that stop, codes by rule, faults in one sentence."""

import json

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import text

from gridapp.db import session
from tests.support.command import gridapp_here as gridapp

WEST, SOUTH, SIDE = 104.60, 28.70, 0.01
DAY_ONE, DAY_TWO = "2026-01-01T00:00+08:00", "2026-02-01T00:00+08:00"


def square(x: float, y: float, width: float = 1, height: float = 1) -> shapely.Polygon:
    west, south = WEST + SIDE * x, SOUTH + SIDE * y
    return shapely.segmentize(shapely.box(west, south, west + SIDE * width, south + SIDE * height), SIDE)


def written(tmp_path, name, rows):
    frame = gpd.GeoDataFrame([row[0] for row in rows], geometry=[row[1] for row in rows], crs=4326)
    frame.to_file(tmp_path / name)
    return tmp_path / name


@pytest.fixture
def communities(empty_app, tmp_path):
    """Two communities side by side, imported with their own codes."""
    rows = [({"kode": "511502001001"}, square(0, 0, 2, 2)), ({"kode": "511502001002"}, square(2, 0, 2, 2))]
    file = written(tmp_path, "communities.gpkg", rows)
    ran = gridapp(empty_app, "grids", "import", file, "--level", "community", "--code", "kode", "--from", DAY_ONE)
    assert ran.status == 0, ran.err
    return file


def grids(app, column="code"):
    with app.app_context():
        return session.scalars(text(f"select {column} from grid order by code")).all()


def test_without_codes_they_are_numbered_below_whoever_holds_the_larger_part(empty_app, communities, tmp_path):
    rows = [({"name": n}, square(x, y, 2, 1)) for n, x, y in (("a", 0, 1), ("b", 0, 0), ("c", 2, 1), ("d", 2, 0))]
    file = written(tmp_path, "groups.geojson", rows)
    ran = gridapp(empty_app, "grids", "import", file, "--level", "group", "--from", DAY_ONE, "--json", terminal=True)
    assert ran.status == 0, ran.err
    assert "Importing groups.geojson  [" in ran.err and "100%" in ran.err
    assert (ran.document["stored"], ran.document["created"], ran.document["findings"]) == (True, 4, [])
    made = [code for code in grids(empty_app) if len(code) == 15]
    assert made == ["511502001001001", "511502001001002", "511502001002001", "511502001002002"]
    with empty_app.app_context():
        chains = session.execute(text("select c.name, p.code from grid c join grid p on p.id = c.parent_id")).all()
    assert {name: code[-1] for name, code in chains} == {"a": "1", "b": "1", "c": "2", "d": "2"}


def test_a_changed_boundary_begins_a_version_and_the_old_one_is_kept(empty_app, communities, tmp_path):
    moved = [({"kode": "511502001001"}, square(0, 0, 1, 2)), ({"kode": "511502001002"}, square(1, 0, 3, 2))]
    file = written(tmp_path, "moved.gpkg", moved)
    words = ("grids", "import", file, "--level", "community", "--code", "kode", "--json")
    assert gridapp(empty_app, *words, "--from", DAY_TWO).document["changed"] == 2
    again = gridapp(empty_app, *words, "--from", "2026-03-01").document
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 2)
    early = gridapp(empty_app, "grids", "import", communities, *words[3:], "--from", DAY_ONE)
    assert early.status == 2
    assert "later start" in early.err
    for day, width in (("2026-01-15", 2), ("2026-02-15", 1)):
        out = tmp_path / f"{day}.geojson"
        ran = gridapp(empty_app, "grids", "export", out, "--at", day, "--json", terminal=True)
        assert ran.document["features"] == 2
        assert f"Writing {out.name}  [" in ran.err and "100%" in ran.err
        west, _, east, _ = gpd.read_file(out).set_index("code").loc[["511502001001"]].total_bounds
        assert (east - west) / SIDE == pytest.approx(width)


def test_findings_stop_it_unless_their_kinds_are_accepted(empty_app, communities, tmp_path):
    overlapping = [({"kode": "g1"}, square(0, 0, 1.5, 2)), ({"kode": "g2"}, square(1, 0, 1, 2))]
    file = written(tmp_path, "groups.gpkg", overlapping)
    words = ("grids", "import", file, "--level", "group", "--code", "kode", "--json")
    stopped = gridapp(empty_app, *words)
    assert stopped.status == 1
    assert not stopped.document["stored"]
    assert "overlap" in {finding["kind"] for finding in stopped.document["findings"]}
    assert "g1" not in grids(empty_app)
    kinds = ",".join({finding["kind"] for finding in stopped.document["findings"]})
    tried = gridapp(empty_app, *words, "--accept", kinds, "--dry-run")
    assert (tried.status, tried.document["stored"]) == (1, False)
    assert "g1" not in grids(empty_app)
    done = gridapp(empty_app, *words, "--accept", kinds)
    assert (done.status, done.document["stored"], done.document["created"]) == (1, True, 2)
    assert "g1" in grids(empty_app)


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        (("--code", "nothing"), "Name one of these with --code: kode, tag"),
        (("--code", "tag"), "feature 2"),
        (("--code", "kode", "--parent", "tag"), "Import the level above first"),
        (("--code", "kode", "--accept", "nonsense"), "the kinds are"),
        (("--code", "kode", "--from", "yesterday"), "write 2026-03-01"),
        ((), "cannot be numbered"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_the_remedy(empty_app, tmp_path, options, remedy):
    rows = [({"kode": "g1", "tag": "x"}, square(0, 0)), ({"kode": "g2", "tag": "x"}, square(1, 0))]
    file = written(tmp_path, "groups.gpkg", rows)
    ran = gridapp(empty_app, "grids", "import", file, "--level", "group", *options)
    assert ran.status == 2
    assert remedy in ran.err
    assert "Traceback" not in ran.err
    assert grids(empty_app) == []


def test_check_answers_findings_and_status_1(empty_app, tmp_path):
    clean = written(tmp_path, "clean.geojson", [({"code": "a"}, square(0, 0)), ({"code": "b"}, square(1, 0))])
    assert gridapp(empty_app, "grids", "check", clean, "--json").document == {
        "features": 2,
        "valid": True,
        "findings": [],
    }
    torn = written(tmp_path, "torn.geojson", [({"code": "a"}, square(0, 0)), ({"code": "b"}, square(0.5, 0))])
    ran = gridapp(empty_app, "grids", "check", torn, "--json", terminal=True)
    assert ran.status == 1
    assert "Checking torn.geojson  [" in ran.err and "100%" in ran.err
    assert not ran.document["valid"]
    overlap = next(finding for finding in ran.document["findings"] if finding["kind"] == "overlap")
    assert overlap["grids"] == ["a", "b"]
    assert overlap["area_m2"] == pytest.approx(SIDE**2 / 2 * 111_320**2 * 0.877, rel=0.01)


def test_words_with_a_null_byte_are_refused_and_nothing_is_stored(empty_app, tmp_path):
    feature = {"type": "Feature", "properties": {"kode": "D\0"}, "geometry": shapely.geometry.mapping(square(0, 0))}
    file = tmp_path / "null.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    ran = gridapp(empty_app, "grids", "import", file, "--level", "district", "--code", "kode")
    assert ran.status == 2
    assert "null.geojson, feature 1: “kode” holds a null byte" in ran.err
    assert grids(empty_app) == []
