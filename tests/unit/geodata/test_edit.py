import pytest
import shapely

from geodata import edit
from geodata.coverage import check
from tests.unit.geodata.drawing import NINE, at, drawn, moved, shape_of, tidy


def test_a_dragged_corner_takes_its_neighbours_along():
    layer = drawn(NINE)
    wish = moved(shape_of(layer, "e"), at(1, 1), at(0.7, 0.8))
    done = edit.reshape(layer, "e", wish)
    after = tidy(layer, done)
    assert done.affected == ("d", "e", "g", "h")
    corner = shapely.Point(at(0.7, 0.8))
    assert all(shape_of(after, code).boundary.distance(corner) < 1e-9 for code in done.affected)
    assert shape_of(after, "e").equals_exact(wish, 1e-9, normalize=True)


def test_a_vertex_put_into_a_side_moves_only_that_border():
    layer = drawn(NINE)
    wish = shapely.Polygon([at(1, 1), at(2, 1), at(2, 2), at(1, 2), at(0.5, 1.5)])
    done = edit.reshape(layer, "e", wish)
    tidy(layer, done)
    assert done.affected == ("d", "e")


def test_a_vertex_taken_away_straightens_the_border():
    layer = drawn("aab aab abb")
    wish = shapely.Polygon([at(0, 0), at(1, 0), at(2, 3), at(0, 3)])
    done = edit.reshape(layer, "a", wish)
    with pytest.raises(edit.OuterEdge):
        edit.reshape(layer, "a", shapely.Polygon([at(0, 0), at(1.5, 0), at(2, 3), at(0, 3)]))
    assert tidy(layer, done) is not None
    assert done.affected == ("a", "b")


def test_a_free_outline_takes_and_gives_ground():
    layer = drawn(NINE)
    wish = shapely.Polygon([at(1.2, 1.2), at(2.6, 1.3), at(2.5, 1.9), at(1.5, 2.4)])
    done = edit.reshape(layer, "e", wish)
    after = tidy(layer, done)
    assert shape_of(after, "e").symmetric_difference(wish).area < 1e-15
    assert {"b", "e", "f"} <= set(done.affected)


def test_pieces_given_up_go_to_the_neighbour_that_borders_them_longest():
    layer = drawn("aab aac aac")
    wish = shapely.Polygon([at(0, 0), at(0, 3), at(2, 3), at(1, 2), at(2, 0)])
    after = tidy(layer, edit.reshape(layer, "a", wish))
    assert shape_of(after, "c").area > shape_of(layer, "c").area


@pytest.mark.parametrize(
    ("outline", "refusal"),
    [
        ([at(1, 1), at(2, 2), at(2, 1), at(1, 2)], edit.SelfCrossing),
        ([at(1, 1), at(3, 1), at(3, 2), at(1, 2)], edit.SwallowsNeighbour),
        ([at(1, 1), at(2, 1), at(4, 1.5), at(2, 2), at(1, 2)], edit.OuterEdge),
    ],
)
def test_refusals_name_what_is_wrong(outline, refusal):
    with pytest.raises(refusal) as caught:
        edit.reshape(drawn(NINE), "e", shapely.Polygon(outline))
    assert "e" in caught.value.params.values()
    assert "would" in caught.value.message_en
    assert "会被" in caught.value.message_zh or "自相交" in caught.value.message_zh


def test_a_border_ends_at_present_vertices_of_the_outer_edge():
    layer = drawn(NINE)
    with pytest.raises(edit.OuterEdge, match="above f"):
        edit.reshape(layer, "f", shapely.Polygon([at(2, 1), at(3, 1.2), at(3, 2), at(2, 2)]))
    done = edit.reshape(layer, "f", shapely.Polygon([at(2, 1), at(3, 0), at(3, 1), at(3, 2), at(2, 2)]))
    assert tidy(layer, done) is not None
    assert done.affected == ("f", "i")


def test_a_neighbour_may_not_fall_apart():
    with pytest.raises(edit.SplitsNeighbour) as caught:
        edit.reshape(
            drawn("aaaa bccc bbbb"),
            "a",
            shapely.Polygon([at(0, 2), at(0, 3), at(4, 3), at(4, 2), at(3, 2), at(2.5, 1), at(2, 2)]),
        )
    assert caught.value.params == {"neighbour": "c", "parts": 2}


def test_wrong_calls_are_refused():
    layer = drawn(NINE)
    with pytest.raises(edit.GridUnknown):
        edit.reshape(layer, "z", shapely.box(0, 0, 1, 1))
    for shape in (shapely.Polygon(), shapely.MultiPolygon([shape_of(layer, "a"), shape_of(layer, "i")])):
        with pytest.raises(edit.NotOneArea):
            edit.reshape(layer, "e", shape)


def test_the_outline_as_it_is_changes_nothing():
    layer = drawn(NINE)
    assert edit.reshape(layer, "e", shapely.normalize(shape_of(layer, "e"))).affected == ()


def test_grids_kept_as_multipolygons_stay_so():
    layer = drawn(NINE)
    layer = layer.set_geometry([shapely.MultiPolygon([shape]) for shape in layer.geometry], crs=layer.crs)
    wish = moved(layer.geometry[4].geoms[0], at(1, 1), at(0.7, 0.8))
    for outline in (wish, shapely.MultiPolygon([wish])):
        after = tidy(layer, edit.reshape(layer, layer["code"][4], outline))
        assert set(after.geom_type) == {"MultiPolygon"}
    assert set(edit.move_node(layer, at(1, 1), at(0.7, 0.8)).apply(layer).geom_type) == {"MultiPolygon"}


def test_a_neighbour_in_two_parts_may_stay_in_two():
    layer = drawn("abc dee fbg")
    assert shape_of(layer, "b").geom_type == "MultiPolygon"
    done = edit.move_node(layer, at(1, 2), at(1.2, 2.1))
    tidy_but_multipart(layer, done)
    assert done.affected == ("a", "b", "d", "e")
    again = edit.reshape(layer, "e", shapely.Polygon([at(1.3, 1), at(3, 1), at(3, 2), at(1, 2)]))
    assert "b" in tidy_but_multipart(layer, again)


def tidy_but_multipart(layer, done):
    after = done.apply(layer)
    assert {f.kind for f in check(after, enclave=float("inf"))} == {"multipart"}
    assert done.inverse.apply(after).geometry.to_wkb().equals(layer.geometry.to_wkb())
    return done.affected


def test_an_edit_does_not_fit_another_layer():
    layer = drawn(NINE)
    done = edit.reshape(layer, "e", moved(shape_of(layer, "e"), at(1, 1), at(0.7, 0.8)))
    with pytest.raises(edit.EditStale):
        done.apply(done.apply(layer))
    with pytest.raises(edit.GridUnknown):
        done.apply(layer[layer["code"] != "d"])


def test_two_edits_are_undone_as_one():
    layer = drawn(NINE)
    first = edit.reshape(layer, "e", moved(shape_of(layer, "e"), at(1, 1), at(0.7, 0.8)))
    halfway = first.apply(layer)
    both = first.then(edit.move_node(halfway, at(2, 2), at(2.2, 2.1)))
    assert both.inverse.apply(both.apply(layer)).geometry.to_wkb().equals(layer.geometry.to_wkb())


def test_a_node_moves_in_all_its_grids():
    layer = drawn(NINE)
    done = edit.move_node(layer, at(1.00001, 1), at(1.3, 0.9))
    tidy(layer, done)
    assert done.affected == ("d", "e", "g", "h")
    for start, end, refusal in (
        (at(1.5, 1.5), at(1, 1), edit.NodeUnknown),
        (at(0, 0), at(0.1, 0.1), edit.OuterEdge),
        (at(1, 1), at(2.5, 1.5), (edit.SelfCrossing, edit.BordersCross)),
    ):
        with pytest.raises(refusal):
            edit.move_node(layer, start, end)
