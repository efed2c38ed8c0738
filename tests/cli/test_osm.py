"""`gridapp osm import` as a script meets it: streets and buildings of an area, once, or one sentence."""

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import text

from gridapp.db import session
from tests.support.command import gridapp, gridapp_here
from tests.support.shared import shared

PART = shapely.box(9.5040, 47.1600, 9.5140, 47.1700)


@pytest.fixture
def schaan():
    """An extract of Liechtenstein."""
    return shared("osm", "liechtenstein_2025-09-19.osm.pbf")


@pytest.fixture
def part(tmp_path):
    """A layer of an area in it."""
    gpd.GeoDataFrame(geometry=[PART], crs=4326).to_file(tmp_path / "part.geojson")
    return tmp_path / "part.geojson"


def stored(app):
    with app.app_context():
        return tuple(session.scalar(text(f"select count(*) from {table}")) for table in ("street", "building"))


def test_an_area_of_an_extract_becomes_base_data_and_the_same_again_replaces_it(empty_app, schaan, part):
    tried = gridapp(empty_app, "osm", "import", schaan, "--within", part, "--dry-run", "--json")
    assert (tried.status, stored(empty_app)) == (0, (0, 0)), tried.err
    ran = gridapp(empty_app, "osm", "import", schaan, "--within", part, "--json", terminal=True)
    assert ran.status == 0, ran.err
    assert f"Importing {schaan.name}  [" in ran.err and "100%" in ran.err
    assert ran.document == tried.document
    assert (ran.document["streets"], ran.document["buildings"]) == stored(empty_app)
    assert min(stored(empty_app)) > 100
    with empty_app.app_context():
        named = session.scalars(text("select distinct name from street where name is not null")).all()
        known = session.scalar(text("select count(*) from building where use = 'residential'"))
    assert "Landstrasse" in named
    assert known
    before = stored(empty_app)
    again = gridapp(empty_app, "osm", "import", schaan, "--within", part, LANG="zh_CN.UTF-8")
    assert (again.status, stored(empty_app)) == (0, before), again.err
    assert f"{before[0]} 条道路" in again.out and f"{before[1]} 个建筑物" in again.out


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "no such file"), (b"", "no content"), (b"\x00\x00\x00\x0dnonsense" * 9, "OpenStreetMap")],
)
def test_what_is_no_extract_is_one_sentence_and_status_2(empty_app, tmp_path, content, sentence):
    file = tmp_path / "town.osm.pbf"
    if content is not None:
        file.write_bytes(content)
    ran = gridapp_here(empty_app, "osm", "import", file)
    assert (ran.status, ran.out, stored(empty_app)) == (2, "", (0, 0))
    assert sentence in ran.err
    assert "Traceback" not in ran.err
