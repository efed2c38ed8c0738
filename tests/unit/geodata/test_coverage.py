import json
from collections import Counter
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import affinity

from geodata import crs
from geodata.coverage import KINDS, check
from geodata.sample import make_district
from tests.support.shared import shared

STEP = 0.001  # degrees: about 100 m


def drawn(picture, crs_name=crs.WGS84):
    """Grids drawn as letters, one cell a character; the first line is the north."""
    rows = picture.split()[::-1]
    cells: dict[str, list[Any]] = {}
    for y, row in enumerate(rows):
        for x, letter in enumerate(row):
            if letter != ".":
                cells.setdefault(letter, []).append(shapely.box(x, y, x + 1, y + 1))
    shapes = [
        affinity.affine_transform(shapely.coverage_union_all(c), [STEP, 0, 0, STEP, 104, 28]) for c in cells.values()
    ]
    return gpd.GeoDataFrame({"code": list(cells)}, geometry=shapes, crs=crs_name)


def with_shape(layer, code, shape):
    shapes = [shape if c == code else g for c, g in zip(layer["code"], layer.geometry, strict=True)]
    return layer.set_geometry(shapes, crs=layer.crs)


def shape_of(layer, code):
    return layer.set_index("code").geometry[code]


def kinds(findings):
    return Counter(finding.kind for finding in findings)


def real(name):
    return gpd.read_file(shared("partition", f"{name}.zip"))


GOOD = "aab acb acc"


def test_a_tidy_layer_has_no_findings():
    layer = drawn(GOOD)
    whole = drawn("PPP PPP PPP")
    house = gpd.GeoDataFrame(geometry=[shape_of(layer, "b").centroid.buffer(STEP / 9)], crs=layer.crs)
    assert check(layer, parents=whole, buildings=house) == []


def test_an_overlap_names_both_and_its_size():
    layer = drawn(GOOD)
    grown = shape_of(layer, "a").union(affinity.translate(shape_of(layer, "a"), STEP / 10, 0))
    (overlap,) = [f for f in check(with_shape(layer, "a", grown)) if f.kind == "overlap" and "b" in f.grids]
    assert overlap.grids == ("a", "b")
    assert overlap.area_m2 == pytest.approx(111 * 97.9 / 10, rel=0.02)
    assert overlap.geometry is not None
    assert overlap.geometry.within(shape_of(layer, "b").buffer(1e-9))


def test_a_hole_is_a_sliver_a_gap_or_an_enclave_by_its_width():
    layer = drawn("aaa a.a aaa")
    assert kinds(check(layer)) == {}
    assert kinds(check(layer, enclave=float("inf"))) == {"gap": 1}
    assert kinds(check(layer, enclave=float("inf"), sliver=200)) == {"sliver": 1}
    (gap,) = check(layer, enclave=200)
    assert (gap.kind, gap.grids) == ("gap", ("a",))
    assert gap.area_m2 == pytest.approx(111.2 * 97.9, rel=0.02)


def test_a_hole_among_grids_that_touch_only_in_points_is_found():
    ring = drawn("bab a.a bab")
    corners = ring[ring["code"] == "a"].explode(ignore_index=True).assign(code=list("wxyz"))
    (gap,) = check(corners, enclave=float("inf"))
    assert (gap.kind, gap.grids) == ("gap", ("w", "x", "y", "z"))


def test_the_tolerance_forgives_what_is_narrower():
    layer = drawn("ab ab")
    thin = shapely.box(104, 28, 104 + STEP * 1.001, 28 + 2 * STEP)
    assert kinds(check(with_shape(layer, "a", thin))) == {"overlap": 1, "edge_mismatch": 2}
    assert check(with_shape(layer, "a", thin), tolerance=0.2) == []


def test_a_missing_vertex_is_an_edge_mismatch_for_both():
    layer = drawn("ab ab")
    coarse = shapely.box(*shape_of(layer, "a").bounds)
    fine = shapely.segmentize(shape_of(layer, "b"), STEP / 3)
    mixed = with_shape(with_shape(layer, "a", coarse), "b", fine)
    assert [f.grids for f in check(mixed)] == [("a",), ("b",)]
    assert {f.kind for f in check(mixed)} == {"edge_mismatch"}
    assert check(mixed, tolerance=0.01) == []


def test_parents_show_what_sticks_out_and_what_is_bare():
    layer = drawn("aabb aab.")
    findings = check(layer, parents=drawn("PPPP PPPP"))
    assert [(f.kind, f.grids) for f in findings] == [("not_covered", ("P",))]
    findings = check(layer, parents=drawn("PPPQ PPPQ"))
    assert [(f.kind, f.grids) for f in findings if f.kind == "outside_parent"] == [("outside_parent", ("P", "b"))]
    far = drawn("z").assign(geometry=lambda frame: frame.translate(1, 0))
    assert kinds(check(far, parents=layer))["outside_parent"] == 1


def test_a_layer_that_a_web_map_shifted_is_suspected():
    layer = drawn("abcdefghij " * 8)
    shifted = layer.set_geometry(crs.transform_geometries(layer.geometry, crs.WGS84, crs.GCJ02), crs=crs.WGS84)
    assert kinds(check(shifted, parents=drawn("PPPPPPPPPP " * 8)))["suspect_crs"] == 1


def test_buildings_are_cut_or_homeless_or_left_alone():
    layer = drawn("ab ab")
    middle = (104 + STEP, 28 + STEP)
    houses = [
        shapely.Point(middle).buffer(STEP / 5),
        shapely.Point(middle[0] + 5 * STEP, middle[1]).buffer(STEP / 5),
        shapely.box(104 - STEP / 4, 28, 104 + STEP / 4, 28 + STEP),
        shapely.box(104 + STEP / 2, 28, 104 + STEP, 28 + STEP),
    ]
    findings = check(layer, buildings=gpd.GeoDataFrame(geometry=houses, crs=layer.crs))
    assert [(f.kind, f.grids) for f in findings] == [
        ("cut_building", ("a",)),
        ("cut_building", ("a", "b")),
        ("homeless_building", ()),
    ]


def test_faults_of_single_shapes():
    bow = shapely.Polygon([(104, 28), (104.001, 28.001), (104.001, 28), (104, 28.001)])
    needle = shapely.Polygon(
        [
            (105, 28),
            (105.001, 28),
            (105.001, 28.001),
            (105.0005, 28.001),
            (105.00051, 28.01),
            (105.0004, 28.001),
            (105, 28.001),
        ]
    )
    two = shapely.MultiPolygon([shapely.box(106, 28, 106.001, 28.001), shapely.box(106.01, 28, 106.011, 28.001)])
    box = shapely.box(107, 28, 107.001, 28.001)
    shapes = [bow, needle, two, box, shapely.normalize(box), None, shapely.Point(1, 1), shapely.Polygon()]
    layer = gpd.GeoDataFrame({"code": list("ABCDEFGH")}, geometry=shapes, crs=crs.WGS84)
    found = {(f.kind, f.grids) for f in check(layer)}
    assert found == {
        ("self_intersection", ("A",)),
        ("spike", ("B",)),
        ("multipart", ("C",)),
        ("duplicate", ("D", "E")),
        *{("empty", (code,)) for code in "FGH"},
    }


def test_a_layer_without_a_system_is_measured_in_its_own_numbers():
    layer = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 500_000, 9), shapely.box(0, 8, 500_000, 20)])
    found = {f.kind: f for f in check(layer)}
    assert found["suspect_crs"].grids == ()
    assert found["overlap"].grids == ("1", "2")
    assert found["overlap"].area_m2 == 500_000


def test_metres_declared_as_degrees_are_suspected_not_measured():
    layer = gpd.GeoDataFrame(geometry=[shapely.box(463_000, 3_182_000, 464_000, 3_183_000)], crs=crs.WGS84)
    assert kinds(check(layer)) == {"suspect_crs": 1}


def test_swapped_axes_are_suspected():
    layer = drawn("ab")
    turned = layer.set_geometry(shapely.transform(layer.geometry.to_numpy(), lambda xy: xy[:, ::-1]), crs=crs.WGS84)
    assert kinds(check(turned)) == {"suspect_crs": 1}


def test_findings_are_json():
    layer = drawn(GOOD)
    findings = check(with_shape(layer, "a", shapely.box(*shape_of(layer, "a").bounds)))
    told = json.loads(json.dumps([finding.as_dict() for finding in findings]))
    assert set(told[0]) == {"kind", "grids", "area_m2", "length_m", "geometry"}
    assert told[0]["geometry"]["type"] == "MultiPolygon"
    assert [KINDS.index(one["kind"]) for one in told] == sorted(KINDS.index(one["kind"]) for one in told)


def test_nothing_in_nothing_found():
    assert check(gpd.GeoDataFrame({"code": []}, geometry=[], crs=crs.WGS84)) == []


def test_the_sample_is_valid_at_every_level():
    district = make_district("small", 2)
    for level, above in (
        ("street", "district"),
        ("community", "street"),
        ("group", "community"),
        ("building", "group"),
    ):
        layer, parents = district.level(level), district.level(above)
        assert check(layer, parents, district.buildings, enclave=float("inf")) == []


def test_denver_as_it_was_and_repaired():
    findings = check(real("DenverCo_precincts2020_orig"))
    assert kinds(findings)["edge_mismatch"] == 35
    holes = [f.area_m2 for f in findings if f.kind in {"sliver", "gap"}]
    assert (len(holes), max(holes) < 10) == (24, True)
    assert [round(f.area_m2, 2) for f in findings if f.kind == "overlap" and f.area_m2 > 0.01] == [12.97]
    repaired = check(real("DenverCo_precincts2020_repaired"), enclave=25)
    assert not {"overlap", "sliver", "gap", "edge_mismatch"} & set(kinds(repaired))
    enclaves = [f.area_m2 for f in check(real("DenverCo_precincts2020_repaired"), enclave=np.inf) if f.kind == "gap"]
    assert len(enclaves) == 10
    assert min(enclaves) == pytest.approx(4351, rel=1e-3)


def test_colorado_with_a_wide_gap():
    findings = check(real("CO_bad_gap_region"))
    assert sum(f.area_m2 for f in findings if f.kind == "overlap") == pytest.approx(78_887, rel=1e-3)
    assert [f.area_m2 for f in findings if f.kind == "gap"] == pytest.approx([11_731, 8_212], rel=1e-3)
    all_holes = [f.area_m2 for f in check(real("CO_bad_gap_region"), enclave=np.inf) if f.kind == "gap"]
    assert max(all_holes) == pytest.approx(3_185_490, rel=1e-3)
