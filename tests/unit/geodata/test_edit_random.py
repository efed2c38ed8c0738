"""Editing by chance: random drags on made-up and real layers are refused with words or leave a tidy coverage."""

import functools

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from geodata import edit
from geodata.sample import make_district
from tests.support.shared import shared
from tests.unit.geodata.drawing import NINE, at, drawn, moved, shape_of, tidy


@functools.cache
def community(seed):
    district = make_district("small", seed)
    groups = district.level("group")
    groups = groups[groups["parent"] == groups["parent"].iloc[0]].reset_index(drop=True)
    cells = district.level("building")
    return groups, cells[cells["parent"].isin(groups["code"])].reset_index(drop=True)


RANDOM = settings(max_examples=40, suppress_health_check=[HealthCheck.filter_too_much])


@st.composite
def drags(draw):
    """A group grid of a made-up community with one to three of its vertices pulled somewhere."""
    groups, _ = community(draw(st.integers(0, 4)))
    row = draw(st.integers(0, len(groups) - 1))
    points = shapely.get_coordinates(groups.geometry[row])[:-1].tolist()
    first = draw(st.integers(0, len(points) - 1))
    pull = st.floats(-0.0012, 0.0012)
    for place in range(first, first + draw(st.integers(1, 3))):
        x, y = points[place % len(points)]
        points[place % len(points)] = [x + draw(pull), y + draw(pull)]
    if draw(st.booleans()):
        points.pop(first)
    return groups, groups["code"][row], shapely.Polygon(points)


@RANDOM
@given(drags())
def test_random_drags_are_refused_or_tidy(drag):
    layer, code, wish = drag
    try:
        done = edit.reshape(layer, code, wish)
    except edit.EditRefused as refusal:
        assert refusal.message_en != refusal.message_zh
        return
    after = tidy(layer, done)
    assert shape_of(after, code).symmetric_difference(wish).area <= 1e-4 * wish.area


@RANDOM
@given(drags(), st.floats(-0.0004, 0.0004), st.floats(-0.0004, 0.0004))
def test_random_nodes_are_refused_or_tidy(drag, dx, dy):
    layer, code, _ = drag
    x, y = shapely.get_coordinates(shape_of(layer, code))[3]
    try:
        done = edit.move_node(layer, (x, y), (x + dx, y + dy))
    except edit.EditRefused:
        return
    tidy(layer, done)


@RANDOM
@given(drags())
def test_children_follow_their_parents(drag):
    layer, code, wish = drag
    cells = next(cells for groups, cells in map(community, range(5)) if groups is layer)
    try:
        done = edit.reshape(layer, code, wish)
    except edit.EditRefused:
        assume(False)
    family = edit.reshape_children(done, cells)
    parents, children = family.parents.apply(layer), family.children.apply(cells)
    home = dict(zip(cells["code"], cells["parent"], strict=True)) | family.moved
    assert shapely.coverage_is_valid(children.geometry.to_numpy())
    assert shapely.coverage_is_valid(parents.geometry.to_numpy())
    assert (children.geometry.geom_type == "Polygon").all()
    for parent, shape in zip(parents["code"], parents.geometry, strict=True):
        mine = children.geometry[[home[c] == parent for c in children["code"]]].to_numpy()
        assert shapely.equals_exact(shapely.coverage_union_all(mine), shape, normalize=True)
    assert family.children.inverse.apply(children).geometry.to_wkb().equals(cells.geometry.to_wkb())
    assert family.parents.inverse.apply(parents).geometry.to_wkb().equals(layer.geometry.to_wkb())


@pytest.mark.parametrize("name", ["DenverCo_precincts2020_repaired", "providence_blocks"])
def test_drags_on_real_layers_are_refused_or_tidy(name):
    layer = (
        gpd.read_file(shared("partition", f"{name}.zip"))
        .explode(ignore_index=True)
        .assign(code=lambda frame: frame.index.astype(str))
    )
    random = np.random.default_rng(3)
    done = 0
    for row in random.choice(len(layer), 40, replace=False).tolist():
        points = shapely.get_coordinates(layer.geometry[row].exterior)[:-1]
        place, pull = random.integers(len(points)), np.sqrt(layer.geometry.to_numpy()[row].area) / 8
        points[place] += random.uniform(-pull, pull, 2)
        try:
            change = edit.reshape(layer, str(row), shapely.Polygon(points))
        except edit.EditRefused:
            continue
        after = change.apply(layer)
        kept = layer.index[~layer["code"].isin(change.affected)]
        assert after.geometry[kept].to_wkb().equals(layer.geometry[kept].to_wkb())
        assert shapely.coverage_is_valid(after.geometry.to_numpy())
        areas = [shapely.area(frame.geometry.to_numpy()).sum() for frame in (after, layer)]
        assert areas[0] == pytest.approx(areas[1], rel=1e-9)
        assert change.inverse.apply(after).geometry.to_wkb().equals(layer.geometry.to_wkb())
        done += 1
    assert done > 15


def test_a_child_that_goes_over_whole_keeps_its_shape_and_gets_a_new_parent():
    parents = drawn("PPPQQ PPPQQ")
    children = drawn("aabdd ccbdd").assign(parent=["P", "P", "Q", "P"])
    children["parent"] = children["code"].map({"a": "P", "b": "P", "c": "P", "d": "Q"})
    wish = shapely.Polygon([at(0, 0), at(2, 0), at(2, 1), at(2, 2), at(0, 2), at(0, 1)])
    with pytest.raises(edit.OuterEdge):
        edit.reshape(drawn("PPQQ PPQQ"), "P", shapely.box(*at(0, 0), *at(1.5, 2)))
    family = edit.reshape_children(edit.reshape(parents, "P", wish), children)
    assert family.moved == {"b": "Q"}
    assert family.children.affected == ()
    assert family.parents.affected == ("P", "Q")


def test_reshaping_parents_without_children_is_their_own_affair():
    layer = drawn(NINE)
    done = edit.reshape(layer, "e", moved(shape_of(layer, "e"), at(1, 1), at(0.7, 0.8)))
    family = edit.reshape_children(done, layer.iloc[:0].assign(parent=[]))
    assert (family.parents, family.children.affected, family.moved) == (done, (), {})
