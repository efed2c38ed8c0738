"""Dividing, joining, handing over: what a planner gets is tidy, on the same ground, and can be undone exactly."""

import geopandas as gpd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from geodata import crs, edit
from tests.unit.geodata.drawing import at, houses, rich, shape_of, tidy, undone

METRE = 1 / 111_195.0


def line(*points):
    return shapely.LineString([at(*point) for point in points])


# --- split and cut ----------------------------------------------------------------------------------------------------


def test_a_line_from_border_to_border_divides_a_grid_and_neighbours_get_its_ends():
    layer = rich()
    done = edit.split(layer, "e", line((0.9, 1.4), (1.5, 1.6), (2.1, 1.3)), "e2")
    after = undone(layer, done)
    assert (done.created, done.removed) == (("e2",), ())
    assert done.affected == ("d", "e", "e2", "f")
    assert after["name"].tolist()[-1] == "e组"
    assert after["code"].tolist() == [*layer["code"], "e2"]
    assert shape_of(after, "e").area > shape_of(after, "e2").area
    assert after["households"].dtype == layer["households"].dtype


def test_a_place_says_which_part_keeps_the_code():
    layer = rich()
    done = edit.split(layer, "e", line((1, 1.3), (2, 1.3)), ["e2"], keeps=at(1.5, 1.1))
    after = undone(layer, done)
    assert shape_of(after, "e").area < shape_of(after, "e2").area


def test_several_lines_make_several_parts():
    layer = rich()
    cross = shapely.union(line((1, 1.4), (2, 1.4)), line((1.3, 1), (1.3, 2)))
    after = undone(layer, edit.split(layer, "e", cross, ["e2", "e3", "e4"]))
    assert shape_of(after, "e").area == max(shape_of(after, code).area for code in ("e", "e2", "e3", "e4"))


@pytest.mark.parametrize(
    ("drawn_line", "codes", "refusal"),
    [
        (line((1.2, 1.2), (1.6, 1.6)), "e2", edit.LineMisses),
        (line((0, 0.5), (1, 0.5)), "e2", edit.LineMisses),
        (line((0.9, 1.5), (2.1, 1.5)), ["e2", "e3"], edit.PartsUnnamed),
        (line((0.9, 1.5), (2.1, 1.5)), "a", edit.CodeTaken),
        (line((0.9, 1.5), (2.1, 1.5)), [], edit.PartsUnnamed),
    ],
)
def test_lines_that_do_not_divide_are_refused_in_both_languages(drawn_line, codes, refusal):
    with pytest.raises(refusal) as caught:
        edit.split(rich(), "e", drawn_line, codes)
    assert caught.value.message_en != caught.value.message_zh
    assert caught.value.remedy


def test_a_border_may_not_cut_a_building():
    layer = rich()
    with pytest.raises(edit.CutsBuilding, match="building 2"):
        edit.split(layer, "e", line((1, 1.5), (2, 1.5)), "e2", buildings=houses((1.2, 1.1, 0.1), (1.4, 1.45, 0.1)))
    undone(layer, edit.split(layer, "e", line((1, 1.5), (2, 1.5)), "e2", buildings=houses((1.2, 1.1, 0.1))))
    with pytest.raises(edit.CutsBuilding):
        edit.move_node(layer, at(1, 1), at(1.15, 1.15), buildings=houses((1.1, 1.1, 0.1)))
    with pytest.raises(edit.CutsBuilding):
        edit.reshape(layer, "e", shapely.box(*at(1.15, 1), *at(2, 2)), buildings=houses((1.1, 1.1, 0.1)))


def test_a_street_that_ends_short_of_the_border_is_led_on_to_it():
    layer = rich()
    street = line((1.1, 1.45), (1.5, 1.5), (1.9, 1.5))
    with pytest.raises(edit.LineMisses):
        edit.split(layer, "e", street, "e2")
    after = undone(layer, edit.cut_along(layer, "e", street, "e2"))
    assert shape_of(after, "e").boundary.distance(shapely.Point(at(1.5, 1.5))) < 1e-12
    streets = gpd.GeoDataFrame(geometry=[street], crs=crs.WGS84).to_crs(4544)
    assert edit.cut_along(layer, "e", streets, "e2").affected == ("d", "e", "e2", "f")
    with pytest.raises(edit.LineMisses):
        edit.cut_along(layer, "e", line((1.45, 1.5), (1.5, 1.5)), "e2", reach_m=10)


def test_a_mall_is_cut_out_of_the_grids_that_it_stands_in():
    layer = rich()
    mall = shapely.box(*at(1.5, 1.5), *at(2.5, 1.9))
    done = edit.cut_out(layer, mall, "m", like="f")
    after = undone(layer, done)
    assert done.affected == ("e", "f", "m")
    assert shape_of(after, "m").equals(mall)
    assert after.set_index("code")["name"]["m"] == "f组"
    assert edit.cut_out(layer, shapely.box(*at(1.1, 1.1), *at(1.2, 1.9)), "m").rows.frames["m"]["name"].iloc[0] == "e组"
    for area, code, refusal in (
        (mall, "e", edit.CodeTaken),
        (shapely.box(*at(2.5, 1), *at(3.5, 2)), "m", edit.OuterEdge),
        (shapely.box(*at(0.9, 1.4), *at(2.1, 1.6)), "m", edit.SplitsNeighbour),
        (shapely.box(*at(0.9, 0.9), *at(2.1, 2.1)), "m", edit.SwallowsNeighbour),
        (shapely.Polygon(), "m", edit.NotOneArea),
    ):
        with pytest.raises(refusal):
            edit.cut_out(layer, area, code)


# --- merge ------------------------------------------------------------------------------------------------------------


def test_grids_become_one_and_come_back_with_their_rows():
    layer = rich()
    done = edit.merge(layer, ["e", "d", "a"], into="d")
    after = undone(layer, done)
    assert done.removed == ("a", "e")
    assert after["code"].tolist() == ["g", "h", "i", "d", "f", "b", "c"]
    assert shape_of(after, "d").equals(shapely.union_all([shape_of(layer, code) for code in "ade"]))
    with pytest.raises(edit.NotBeside):
        edit.merge(layer, ["a", "i"])
    with pytest.raises(edit.GridUnknown):
        edit.merge(layer, ["a", "z"])


def test_edits_that_bring_and_take_grids_are_one_edit_together():
    layer = rich()
    first = edit.split(layer, "e", line((1, 1.4), (2, 1.4)), "e2")
    halfway = first.apply(layer)
    second = edit.merge(halfway, ["e2", "h"], into="h")
    both = first.then(second)
    assert both.apply(layer).geometry.to_wkb().tolist() == second.apply(halfway).geometry.to_wkb().tolist()
    assert (both.created, both.removed) == ((), ())
    assert_geodataframe_equal(both.inverse.apply(both.apply(layer)), layer)
    third = edit.merge(halfway, ["a", "b", "c"])
    more = first.then(third)
    assert (more.created, more.removed) == (("e2",), ("b", "c"))
    assert_geodataframe_equal(more.inverse.apply(more.apply(layer)), layer)


def test_an_edit_that_brings_a_grid_does_not_fit_where_its_code_is_taken():
    layer = rich()
    done = edit.split(layer, "e", line((1, 1.4), (2, 1.4)), "e2")
    with pytest.raises(edit.CodeTaken):
        done.apply(done.apply(layer))
    numbered = layer.reset_index(drop=True)
    assert done.apply(numbered).index.tolist() == list(range(10))
    several = numbered.set_geometry([shapely.MultiPolygon([shape]) for shape in numbered.geometry], crs=layer.crs)
    after = undone(several, edit.split(several, "e", line((1, 1.4), (2, 1.4)), "e2"))
    assert set(after.geom_type) == {"MultiPolygon"}


# --- hand over --------------------------------------------------------------------------------------------------------


def test_a_block_goes_to_the_neighbour_even_if_its_edge_misses_the_border_a_little():
    layer = rich()
    block = shapely.box(*at(1.4, 1), *at(2, 2))
    done = edit.hand_block(layer, block, "f")
    after = undone(layer, done)
    assert shape_of(after, "f").equals(shapely.union(shape_of(layer, "f"), block))
    (x0, y0), (x1, y1) = at(1.4, 1), at(2, 2)
    loose = shapely.box(x0, y0 + 0.4 * METRE, x1 - 0.5 * METRE, y1 - 0.3 * METRE)
    again = undone(layer, edit.hand_block(layer, loose, "f"))
    assert shape_of(again, "f").symmetric_difference(shape_of(after, "f")).area < 1e-14
    for area, to, refusal in (
        (shapely.box(*at(1.3, 1.3), *at(1.6, 1.6)), "f", edit.NotBeside),
        (shapely.box(*at(1, 1), *at(2, 2)), "f", edit.SwallowsNeighbour),
        (shapely.box(*at(1, 1.4), *at(2, 1.6)), "f", edit.SplitsNeighbour),
        (shapely.Polygon(), "f", edit.NotOneArea),
        (block, "z", edit.GridUnknown),
    ):
        with pytest.raises(refusal):
            edit.hand_block(layer, area, to)


def test_a_building_goes_over_with_the_ground_nearest_to_it_and_no_other_is_cut():
    layer = rich()
    row = [(1.1, 1.4, 0.1), (1.4, 1.4, 0.15), (1.75, 1.45, 0.15), (1.75, 1.1, 0.1), (1.75, 1.75, 0.2)]
    town = houses(*row)
    done = edit.hand_building(layer, town.geometry[2], "f", town)
    after = undone(layer, done)
    assert done.affected == ("e", "f")
    assert shape_of(after, "f").contains(town.geometry[2])
    for other in (0, 1, 3, 4):
        assert shape_of(after, "e").contains(town.geometry[other])
    with pytest.raises(edit.NotBeside):
        edit.hand_building(layer, town.geometry[0], "f", town)
    with pytest.raises(edit.NotBeside):
        edit.hand_building(layer, town.geometry[0], "e", town)
    with pytest.raises((edit.SwallowsNeighbour, edit.NotBeside)):
        edit.hand_building(layer, town.geometry[0], "f", town.iloc[:1])


# --- nodes ------------------------------------------------------------------------------------------------------------


def test_a_vertex_along_a_border_is_taken_away_for_both_sides():
    layer = rich()
    bent = edit.reshape(layer, "e", shapely.Polygon([at(1, 1), at(2, 1), at(2, 2), at(1, 2), at(0.6, 1.5)])).apply(
        layer
    )
    done = edit.remove_node(bent, at(0.6, 1.5))
    after = undone(bent, done)
    assert done.affected == ("d", "e")
    assert shape_of(after, "e").equals(shape_of(layer, "e"))


def test_a_corner_of_several_grids_is_drawn_onto_the_next_vertex():
    layer = rich()
    moved = edit.move_node(layer, at(1, 1), at(1.6, 1)).apply(layer)
    done = edit.remove_node(moved, at(1.6, 1))
    after = undone(moved, done)
    assert at(1.6, 1) not in set(map(tuple, shapely.get_coordinates(after.geometry.to_numpy())))
    assert "e" in done.affected
    assert shape_of(after, "e").area < shape_of(moved, "e").area
    with pytest.raises(edit.OuterEdge):
        edit.remove_node(layer, at(0, 0))
    with pytest.raises(edit.NodeUnknown):
        edit.remove_node(layer, at(0.5, 0.5))
    tidy(layer, edit.remove_node(layer, at(1, 1)))


def test_a_grid_of_three_corners_keeps_them():
    inside = shapely.Polygon([at(1.2, 1.2), at(1.8, 1.3), at(1.5, 1.8)])
    layer = edit.cut_out(rich(), inside, "t").apply(rich())
    with pytest.raises(edit.NodeNeeded, match="Merge"):
        edit.remove_node(layer, at(1.5, 1.8))
