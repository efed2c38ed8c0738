"""The guide for a planner's office: its examples run as they stand there, in their order."""

import re
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geodata import crs, edit
from geodata.coverage import KINDS
from tests.unit.geodata.drawing import at, drawn

GUIDE = Path(__file__).parents[3] / "docs" / "geodata.md"
TEXT = GUIDE.read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
CODES = {"a": "511502001001001", "b": "511502001001002"}


@pytest.fixture
def names(tmp_path):
    """What the guide takes for given: two grids side by side, the same torn, their community, a street, a folder."""
    layer = drawn("ab ab").assign(name=["东福一组", "东福二组"])
    layer["code"] = layer["code"].map(CODES)
    (west, south), (east, north) = at(0, 0), at(1, 2)
    wide = shapely.box(west, south, east + 2.5e-6, north)
    torn = layer.set_geometry([wide, layer.geometry[1]], crs=layer.crs)
    return {
        "layer": layer,
        "torn": torn,
        "communities": gpd.GeoDataFrame({"code": ["511502001001"]}, geometry=[layer.union_all()], crs=crs.WGS84),
        "street": shapely.LineString([at(0, 1.2), at(1, 0.9)]),
        "folder": tmp_path,
    }


def test_the_examples_of_the_guide_run(names):
    assert len(EXAMPLES) >= 6
    for number, example in enumerate(EXAMPLES, start=1):
        exec(compile(example, f"{GUIDE.name}, example {number}", "exec"), names)  # noqa: S102 - that is what is tested


def test_the_guide_names_every_kind_of_finding_and_every_edit():
    rows = set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE))
    assert set(KINDS) <= rows
    edits = [name for name in edit.__all__ if name.islower()]
    assert [name for name in edits if f"`{name}(" not in TEXT and f"`{name}`" not in TEXT] == []
