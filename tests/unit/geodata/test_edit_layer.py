"""A whole layer at once: fewer vertices for all borders together, a foreign layer put on ours."""

import pytest
import shapely

from geodata import edit
from tests.unit.geodata.drawing import STEP, at, drawn, houses, rich, shape_of, undone

METRE = 1 / 111_195.0


# --- simplify ---------------------------------------------------------------------------------------------------------


def test_all_borders_are_simplified_together_and_the_outer_edge_stays():
    layer = rich()
    dense = layer.set_geometry(shapely.segmentize(layer.geometry.to_numpy(), STEP / 7), crs=layer.crs)
    done = edit.simplify(dense, 5)
    after = undone(dense, done)
    assert shapely.get_num_coordinates(shape_of(after, "e")) == 5
    assert shapely.get_num_coordinates(shape_of(after, "a")) > 15
    assert set(map(tuple, shapely.get_coordinates(after.geometry.to_numpy()))) <= set(
        map(tuple, shapely.get_coordinates(dense.geometry.to_numpy()))
    )
    everywhere = edit.simplify(dense, 5, outer=True).apply(dense)
    assert shapely.get_num_coordinates(everywhere.geometry.to_numpy()).sum() < 60
    torn = dense.set_geometry([*dense.geometry[:-1], shapely.box(*at(0, 0), *at(1.5, 1.5))], crs=layer.crs)
    with pytest.raises(edit.BordersCross):
        edit.simplify(torn, 5)


def test_borders_keep_their_way_around_buildings():
    layer = rich("ab ab")
    around = shapely.Polygon(
        [at(0, 0), at(1, 0), at(1, 0.9), at(1.1, 0.95), at(1.1, 1.05), at(1, 1.1), at(1, 2), at(0, 2)]
    )
    bent = edit.reshape(layer, "a", around).apply(layer)
    town = houses((0.97, 0.96, 0.08))
    straight = edit.simplify(bent, 100).apply(bent)
    assert shapely.get_num_coordinates(shape_of(straight, "a")) == 6
    kept = undone(bent, edit.simplify(bent, 100, buildings=town))
    assert shape_of(kept, "a").contains(town.geometry[0])


# --- snap -------------------------------------------------------------------------------------------------------------


def test_a_level_below_is_put_on_our_borders():
    ours = drawn("PPQQ PPQQ")
    below = drawn("aabb aabb")
    loose = below.set_geometry(below.translate(0.8 * METRE, -0.5 * METRE), crs=below.crs)
    done = edit.snap_to(loose, ours, tolerance=2)
    after = done.apply(loose)
    assert [shape.equals(mine) for shape, mine in zip(after.geometry, ours.geometry, strict=True)] == [True, True]
    assert done.inverse.apply(after).geometry.to_wkb().equals(loose.geometry.to_wkb())
    assert edit.snap_to(loose, ours, tolerance=0.1).affected == ()


def test_a_neighbouring_district_is_put_on_our_edge_and_its_inner_borders_stay():
    ours = drawn("PP PP")
    beside = drawn("..ab ..cd")
    beside = beside[beside["code"] != "."].reset_index(drop=True)
    loose = beside.set_geometry(beside.translate(0.9 * METRE, 0), crs=beside.crs)
    after = edit.snap_to(loose, ours, tolerance=1.5).apply(loose)
    whole = shapely.coverage_union_all(after.geometry.to_numpy())
    assert shapely.intersection(whole.boundary, ours.geometry[0].boundary).length == pytest.approx(2 * STEP)
    assert shapely.coverage_is_valid(after.geometry.to_numpy())
    assert shape_of(after, "b").equals(shape_of(loose, "b"))


def test_a_layer_in_another_system_is_met_and_nothing_vanishes():
    ours = drawn("PP PP").to_crs(4544)
    tiny = drawn("aab aac")
    speck = shapely.box(*at(1.9995, 1), *at(2.0005, 1.001))
    with_speck = edit.cut_out(tiny, speck, "s").apply(tiny)
    try:
        after = edit.snap_to(with_speck, ours, tolerance=30).apply(with_speck)
    except edit.EditRefused as refusal:
        assert "s" in refusal.params.values()
        return
    assert shapely.is_valid(after.geometry.to_numpy()).all()
