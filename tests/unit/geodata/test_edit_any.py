"""Any edit by chance, on random and on real layers: refused with words, or tidy, with whole buildings, and undone."""

import functools

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata import crs, edit
from geodata.coverage.parents import CUT_SHARE
from geodata.faces import Faces
from tests.support.shared import shared
from tests.unit.geodata.drawing import undone

WIDTH, HEIGHT = 0.01, 0.008
TRIES = 300


@functools.cache
def town(seed):
    """A random coverage of 4 to 25 grids with attributes, and houses that stand in one grid each."""
    random = np.random.default_rng(seed)
    frame = shapely.box(104, 28, 104 + WIDTH, 28 + HEIGHT)
    points = random.uniform((104, 28), (104 + WIDTH, 28 + HEIGHT), (random.integers(4, 26), 2))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=frame))
    dense = shapely.segmentize(shapely.intersection(cells, frame), WIDTH / 12)
    shapes = Faces(dense, grid_size=1e-9).shapes
    assert shapely.coverage_is_valid(shapes)
    codes = [f"{number:03d}" for number in range(len(shapes))]
    layer = gpd.GeoDataFrame({"code": codes, "households": range(len(shapes))}, geometry=shapes, crs=crs.WGS84)
    return layer, houses(layer, random, 60)


def houses(layer, random, count):
    west, south, east, north = layer.total_bounds
    corners = random.uniform((west, south), (east, north), (count, 2))
    side = float(np.median(np.sqrt(shapely.area(layer.geometry.to_numpy())))) / 20
    squares = shapely.box(corners[:, 0], corners[:, 1], corners[:, 0] + side, corners[:, 1] + side)
    inside = np.unique(shapely.STRtree(layer.geometry.to_numpy()).query(squares, "covered_by")[0])
    apart = [
        row for place, row in enumerate(inside) if not shapely.intersects(squares[inside[:place]], squares[row]).any()
    ]
    return gpd.GeoDataFrame(geometry=squares[apart], crs=layer.crs)


def in_one_grid(layer, buildings):
    """Whether every building stands in exactly one grid."""
    walls = buildings.geometry.to_numpy()
    house, grid = shapely.STRtree(layer.geometry.to_numpy()).query(walls, "intersects")
    share = shapely.area(shapely.intersection(walls[house], layer.geometry.to_numpy()[grid])) / shapely.area(
        walls[house]
    )
    return (np.bincount(house[share > CUT_SHARE], minlength=len(walls)) == 1).all()


class Hand:
    """A planner's hand that does anything anywhere, by chance."""

    def __init__(self, layer, buildings, random):
        self.layer, self.buildings, self.random = layer, buildings, random
        self.row = int(random.integers(len(layer)))
        self.code = layer["code"].iloc[self.row]
        self.shape = layer.geometry.iloc[self.row]
        self.size = float(np.sqrt(self.shape.area))
        near = np.flatnonzero(shapely.touches(layer.geometry.to_numpy(), self.shape))
        self.neighbour = layer["code"].iloc[int(random.choice(near))] if len(near) else self.code

    def middle(self):
        return np.array(shapely.get_coordinates(shapely.point_on_surface(self.shape))[0])

    def vertex(self):
        return tuple(self.random.choice(shapely.get_coordinates(self.shape)).tolist())

    def chord(self, length):
        turn = self.random.uniform(0, np.pi)
        way = np.array([np.cos(turn), np.sin(turn)]) * length * self.size
        middle = self.middle() + self.random.uniform(-0.1, 0.1, 2) * self.size
        return shapely.LineString([middle - way, middle + self.random.uniform(-0.1, 0.1, 2) * self.size, middle + way])

    def square(self):
        x, y = self.vertex() if self.random.random() < 0.5 else self.middle()
        half = self.size * self.random.uniform(0.05, 0.4)
        return shapely.box(x - half, y - half, x + half, y + half)

    def split(self):
        return edit.split(self.layer, self.code, self.chord(3), "new", buildings=self.buildings)

    def cut_along(self):
        return edit.cut_along(self.layer, self.code, self.chord(0.45), ["new"], buildings=self.buildings)

    def cut_out(self):
        return edit.cut_out(self.layer, self.square(), "new", buildings=self.buildings)

    def merge(self):
        return edit.merge(self.layer, [self.code, self.neighbour])

    def hand_block(self):
        return edit.hand_block(self.layer, self.square(), self.neighbour, buildings=self.buildings)

    def hand_building(self):
        mine = self.buildings[self.buildings.within(self.shape)]
        if not len(mine):
            return edit.merge(self.layer, [self.code, "nobody"])
        house = mine.geometry.iloc[int(self.random.integers(len(mine)))]
        return edit.hand_building(self.layer, house, self.neighbour, self.buildings)

    def move_node(self):
        start = self.vertex()
        end = tuple((np.array(start) + self.random.uniform(-0.2, 0.2, 2) * self.size).tolist())
        return edit.move_node(self.layer, start, end, buildings=self.buildings)

    def remove_node(self):
        return edit.remove_node(self.layer, self.vertex(), buildings=self.buildings)

    def reshape(self):
        points = shapely.get_coordinates(shapely.get_exterior_ring(shapely.get_parts(self.shape)[0]))[:-1]
        points[self.random.integers(len(points))] += self.random.uniform(-0.2, 0.2, 2) * self.size
        return edit.reshape(self.layer, self.code, shapely.Polygon(points), buildings=self.buildings)

    def simplify(self):
        return edit.simplify(self.layer, float(self.random.uniform(1, 60)), buildings=self.buildings)


OPERATIONS = [name for name in vars(Hand) if name in edit.__all__]


@pytest.mark.parametrize("operation", OPERATIONS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 40), chance=st.integers(0, 10**6))
def test_edits_on_random_layers_are_refused_or_tidy(operation, seed, chance):
    layer, buildings = town(seed)
    assert in_one_grid(layer, buildings)
    try:
        done = getattr(Hand(layer, buildings, np.random.default_rng(chance)), operation)()
    except edit.EditRefused as refusal:
        assert refusal.message_en != refusal.message_zh
        return
    assert in_one_grid(undone(layer, done), buildings)


@settings(max_examples=40)
@given(seed=st.integers(0, 40), chance=st.integers(0, 10**6), metres=st.floats(0.05, 4))
def test_a_trembling_copy_is_put_on_the_layer_again(seed, chance, metres):
    ours, _ = town(seed)
    random = np.random.default_rng(chance)
    corners = np.unique(shapely.get_coordinates(ours.geometry.to_numpy()), axis=0)
    pull = dict(zip(map(tuple, corners.tolist()), random.uniform(-1, 1, corners.shape) * metres / 111_195, strict=True))
    foreign = ours.set_geometry(
        shapely.transform(ours.geometry.to_numpy(), lambda xy: xy + np.array([pull[tuple(p)] for p in xy.tolist()])),
        crs=ours.crs,
    )
    if not shapely.coverage_is_valid(foreign.geometry.to_numpy()) or not foreign.geometry.is_valid.all():
        return
    try:
        done = edit.snap_to(foreign, ours, tolerance=2 * metres)
    except edit.EditRefused:
        return
    after = done.apply(foreign)
    assert shapely.coverage_is_valid(after.geometry.to_numpy())
    assert done.inverse.apply(after).geometry.to_wkb().equals(foreign.geometry.to_wkb())
    lost = shapely.area(shapely.symmetric_difference(after.geometry.to_numpy(), ours.geometry.to_numpy())).sum()
    before = shapely.area(shapely.symmetric_difference(foreign.geometry.to_numpy(), ours.geometry.to_numpy())).sum()
    assert lost <= before * 0.05


@pytest.mark.parametrize("name", ["DenverCo_precincts2020_repaired", "providence_new_precincts", "providence_blocks"])
def test_every_edit_is_made_on_real_layers_tidily_or_refused(name):
    read = gpd.read_file(shared("partition", f"{name}.zip"))
    layer = read.assign(code=[f"c{number}" for number in range(len(read))])
    random = np.random.default_rng(7)
    buildings = houses(layer, random, 2000)
    done = dict.fromkeys(OPERATIONS, 0)
    for operation in OPERATIONS:
        wanted = 1 if operation == "simplify" else 2
        for _ in range(TRIES):
            try:
                change = getattr(Hand(layer, buildings, random), operation)()
            except edit.EditRefused:
                continue
            assert in_one_grid(undone(layer, change), buildings)
            done[operation] += 1
            if done[operation] == wanted:
                break
    assert min(done.values()) > 0, done


@pytest.mark.parametrize("name", ["DenverCo_precincts2020_repaired", "providence_new_precincts"])
def test_a_foreign_layer_a_third_of_a_metre_off_is_snapped_to_a_real_one_and_back(name):
    ours = gpd.read_file(shared("partition", f"{name}.zip")).explode(ignore_index=True)[["geometry"]]
    ours = ours.assign(code=[f"c{number}" for number in range(len(ours))])
    metre = 1 / 111_195 if ours.crs.is_geographic else 1 / ours.crs.axis_info[0].unit_conversion_factor
    half = ours.iloc[: len(ours) // 2]
    shifted = shapely.transform(half.geometry.to_numpy(), lambda xy: xy + np.array([0.2, -0.25]) * metre)
    foreign = half.set_geometry(shifted, crs=ours.crs)
    done = edit.snap_to(foreign, ours, tolerance=1.0)
    after = done.apply(foreign)
    assert shapely.coverage_is_valid(after.geometry.to_numpy())
    assert done.inverse.apply(after).geometry.to_wkb().equals(foreign.geometry.to_wkb())
    places = {tuple(place) for place in shapely.get_coordinates(ours.geometry.to_numpy()).tolist()}
    met = [tuple(place) in places for place in shapely.get_coordinates(after.geometry.to_numpy()).tolist()]
    assert np.mean(met) > 0.99
