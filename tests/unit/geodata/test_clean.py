"""Mending: what a planner gets back is a coverage, along the lines that were drawn, and is told what changed."""

import math
from collections import Counter

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from geodata import crs
from geodata.clean import COVERAGE_KINDS, clean
from geodata.coverage import check
from tests.support.shared import shared
from tests.unit.geodata.drawing import NINE, STEP, at, drawn, shape_of

METRE = 1 / 111_195.0
DEFECTS = {"overlap", "gap", "sliver", "edge_mismatch"}


def with_shapes(layer, **shapes):
    made = [shapes.get(code, shape) for code, shape in zip(layer["code"], layer.geometry, strict=True)]
    return layer.set_geometry(made, crs=layer.crs)


def kinds(findings):
    return Counter(finding.kind for finding in findings)


def widths(layer, findings):
    flat = crs.transform_geometries(np.array([f.geometry for f in findings]), crs.WGS84, crs.metric_crs(104))
    return 2 * shapely.length(shapely.maximum_inscribed_circle(flat))


def nothing_below(after, tolerance):
    """No coverage finding below the tolerance is left, nor an edge that does not match anywhere else."""
    left = check(after, enclave=math.inf)
    assert kinds(left)["edge_mismatch"] == 0
    holes = [f for f in left if f.kind in {"overlap", "gap", "sliver"}]
    assert all(width > tolerance for width in widths(after, holes).tolist())


def test_a_tidy_layer_stays_byte_for_byte_what_it_was():
    layer = drawn(NINE)
    done = clean(layer)
    assert (done.changes, done.grids, done.findings) == ((), (), ())
    assert done.layer.geometry.to_wkb().equals(layer.geometry.to_wkb())
    assert done.layer is not layer


def test_a_sliver_is_closed_and_told_and_the_rest_stays():
    layer = drawn(NINE)
    x, y = at(1, 1)
    narrow = shapely.Polygon([(x + 0.3 * METRE, y), at(2, 1), at(2, 2), at(1, 2)])
    done = clean(with_shapes(layer, e=narrow), tolerance=0.5)
    (told,) = [change for change in done.changes if change.kind == "sliver"]
    assert {"d", "e"} <= set(told.grids)
    assert told.to in {"d", "e"}
    assert told.area_m2 == pytest.approx(0.3 * 0.883 * 111.2 / 2, rel=0.02)
    assert 0.1 < told.width_m < 0.3
    assert check(done.layer, enclave=math.inf) == []
    assert max(grid.moved_m for grid in done.grids) <= 0.5
    untouched = ~layer["code"].isin([grid.code for grid in done.grids])
    assert untouched.sum() >= 5
    assert done.layer.geometry[untouched].to_wkb().equals(layer.geometry[untouched].to_wkb())


def test_a_gap_wider_than_the_tolerance_is_left_and_told():
    layer = drawn(NINE)
    x, y = at(1, 1)
    narrow = shapely.Polygon([(x + 9 * METRE, y), at(2, 1), at(2, 2), (x + 9 * METRE, at(1, 2)[1])])
    torn = with_shapes(layer, e=narrow)
    done = clean(torn, tolerance=0.5)
    assert kinds(done.findings) == {"gap": 1}
    assert {change.kind for change in done.changes} == {"edge_mismatch"}
    assert kinds(clean(torn, tolerance=12).findings) == {}
    assert kinds(clean(torn, tolerance=12, enclave=5).findings) == {}
    assert [change.kind for change in clean(torn, tolerance=12, enclave=5).changes] != ["gap"]


def test_overlaps_are_removed_whatever_their_width_unless_a_limit_is_said():
    layer = drawn("aabb aabb")
    grown = with_shapes(layer, a=shapely.box(*at(0, 0), *at(2.5, 2)))
    done = clean(grown)
    (told,) = [change for change in done.changes if change.kind == "overlap"]
    assert (told.grids, told.to) == (("a", "b"), "b")
    assert told.width_m == pytest.approx(0.5 * STEP / METRE * math.cos(math.radians(28)), rel=0.02)
    assert check(done.layer, enclave=math.inf) == []
    limited = clean(grown, overlaps=5)
    assert kinds(limited.findings) == {"overlap": 1, "edge_mismatch": 2}
    assert limited.changes == ()


def test_a_grid_that_lies_in_another_keeps_its_ground():
    island = shapely.box(*at(0.5, 0.5), *at(1, 1))
    layer = drawn("aa aa")
    both = gpd.GeoDataFrame({"code": ["a", "z"]}, geometry=[layer.geometry[0], island], crs=layer.crs)
    done = clean(both)
    assert shape_of(done.layer, "z").equals(island)
    assert shapely.area(shape_of(done.layer, "a")) == pytest.approx(4 * STEP**2 - island.area)


def test_a_grid_that_loses_one_of_its_parts_is_one_polygon_then():
    layer = drawn(NINE)
    far = shapely.union(shape_of(layer, "g"), shapely.box(*at(1, 2), *at(1.5, 3)))
    done = clean(with_shapes(layer, g=far))
    assert check(done.layer, enclave=math.inf) == []
    assert [(change.kind, change.to) for change in done.changes if change.area_m2] == [("overlap", "b")]


def test_what_is_drawn_twice_is_left_for_a_person():
    layer = drawn("ab ab")
    twice = gpd.GeoDataFrame({"code": ["a", "b", "c"]}, geometry=[*layer.geometry, layer.geometry[1]], crs=layer.crs)
    done = clean(twice)
    assert kinds(done.findings) == {"duplicate": 1}
    assert done.layer.geometry.to_wkb().equals(twice.geometry.to_wkb())


def test_a_compact_gap_among_three_is_divided_so_that_no_border_moves_far():
    centre, around = at(1, 1), [at(0, 0), at(3, 0), at(1, 3)]
    spread = 1.4 * METRE
    hole = [(centre[0] + spread * dx, centre[1] + spread * dy) for dx, dy in ((-1, -0.6), (1, -0.6), (0, 1.1))]
    shapes = [shapely.Polygon([around[i], around[(i + 1) % 3], hole[(i + 1) % 3], hole[i]]) for i in range(3)]
    layer = gpd.GeoDataFrame({"code": list("abc")}, geometry=shapes, crs=crs.WGS84)
    (gap,) = check(layer)
    width = float(widths(layer, [gap])[0])
    done = clean(layer, tolerance=width * 1.05)
    assert check(done.layer, enclave=math.inf) == []
    assert {change.to for change in done.changes if change.area_m2} >= {"a", "b"}
    assert max(grid.moved_m for grid in done.grids) <= width * 1.05


def test_grids_are_brought_to_their_parents():
    parents = drawn("PPQQ PPQQ")
    x = at(2, 0)[0]
    out = shapely.Polygon([at(1, 0), (x + 0.4 * METRE, at(0, 0)[1]), (x + 0.4 * METRE, at(0, 2)[1]), at(1, 2)])
    children = with_shapes(drawn("abcd abcd"), b=out)
    children = with_shapes(children, c=shapely.Polygon([(x + 0.4 * METRE, at(0, 0)[1]), at(3, 0), at(3, 2),
                                                        (x + 0.4 * METRE, at(0, 2)[1])]))  # fmt: skip
    assert {"outside_parent", "not_covered"} <= set(kinds(check(children, parents)))
    done = clean(children, parents, tolerance=0.5)
    assert check(done.layer, parents, enclave=math.inf) == []
    assert [(change.kind, change.to) for change in done.changes if change.area_m2] == [("outside_parent", "c")]
    assert kinds(clean(children, parents, tolerance=0.2).findings)["outside_parent"] == 1
    short = children[children["code"] != "a"].reset_index(drop=True)
    assert kinds(clean(short, parents, tolerance=0.5).findings) == {"not_covered": 1}


def test_crossing_outlines_are_made_valid_and_told():
    bow = shapely.Polygon([at(0, 0), at(1, 1), at(1, 0), at(0, 1)])
    done = clean(gpd.GeoDataFrame({"code": ["a"]}, geometry=[bow], crs=crs.WGS84))
    assert done.layer.geometry.is_valid.all()
    assert [change.kind for change in done.changes] == ["self_intersection"]


def test_layers_without_areas_and_kinds_of_shapes_stay():
    layer = drawn("ab ab")
    shapes = [shapely.MultiPolygon([layer.geometry[0]]), layer.geometry[1], None, shapely.Point(at(0, 0))]
    odd = gpd.GeoDataFrame({"code": list("abcd"), "name": list("wxyz")}, geometry=shapes, crs=layer.crs)
    moved = odd.set_geometry([affinity.scale(shapes[0], 1.00001, 1), *shapes[1:]], crs=layer.crs)
    done = clean(moved)
    assert done.layer["name"].tolist() == list("wxyz")
    assert done.layer.geom_type.fillna("None").tolist() == ["MultiPolygon", "Polygon", "None", "Point"]
    assert kinds(check(done.layer)) == {"empty": 2}
    assert clean(odd.iloc[2:]).changes == ()


@st.composite
def damaged(draw):
    """A coverage of nine grids, some of them pulled, pushed and twisted by less than the tolerance."""
    layer = drawn(draw(st.sampled_from([NINE, "aabc dbbc deff", "aaab acab aaab", "abab cccc dedf"])))
    tolerance = draw(st.sampled_from([0.2, 1.0, 4.0]))
    pull = st.floats(-tolerance / 2, tolerance / 2).map(lambda metres: metres * METRE)
    shapes = []
    for shape in layer.geometry:
        points = shapely.get_coordinates(shape.exterior if shape.geom_type == "Polygon" else shape.geoms[0].exterior)[
            :-1
        ]
        if shape.geom_type != "Polygon" or shape.interiors or not draw(st.booleans()):
            shapes.append(shape)
            continue
        moves = np.array([[draw(pull), draw(pull)] for _ in points])
        shapes.append(shapely.Polygon(np.round(points + moves, 9)))
    return layer.set_geometry(shapes, crs=layer.crs), tolerance


@settings(max_examples=40)
@given(damaged())
def test_after_cleaning_nothing_below_the_tolerance_is_left_and_no_border_moved_farther(given):
    layer, tolerance = given
    done = clean(layer, tolerance=tolerance)
    nothing_below(done.layer, tolerance)
    assert done.layer.geometry.is_valid.all()
    assert all(grid.moved_m <= tolerance * 1.01 for grid in done.grids)
    lines = shapely.union_all(layer.boundary.to_numpy())
    vertices = shapely.points(shapely.get_coordinates(done.layer.geometry.to_numpy()))
    assert shapely.distance(lines, vertices).max() <= tolerance * METRE * 0.6
    again = clean(done.layer, tolerance=tolerance)
    assert [change for change in again.changes if change.kind != "edge_mismatch"] == []


@pytest.mark.parametrize("name", ["DenverCo_precincts2020_orig", "CO_bad_gap_region", "providence_precincts"])
def test_real_layers_become_coverages(name):
    layer = gpd.read_file(shared("partition", f"{name}.zip"))
    done = clean(layer, tolerance=0.5)
    assert shapely.coverage_is_valid(done.layer.geometry.to_numpy())
    assert done.layer.geometry.is_valid.all()
    assert {finding.kind for finding in done.findings} <= {"gap"}
    changed = {int(grid.code) - 1 for grid in done.grids}
    kept = layer.index.difference(list(changed))
    assert done.layer.geometry[kept].to_wkb().equals(layer.geometry[kept].to_wkb())
    assert shapely.area(done.layer.geometry.to_numpy()).sum() == pytest.approx(
        shapely.area(shapely.union_all(layer.geometry.to_numpy())), rel=1e-7
    )


def test_denver_is_mended_within_a_fifth_of_a_metre():
    done = clean(gpd.read_file(shared("partition", "DenverCo_precincts2020_orig.zip")), tolerance=0.2)
    assert done.findings == ()
    assert max(grid.moved_m for grid in done.grids) < 0.2
    assert not DEFECTS & {finding.kind for finding in check(done.layer)}
    assert COVERAGE_KINDS >= DEFECTS
