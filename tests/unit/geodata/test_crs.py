"""Coordinates: what a place reads in another system, to the published vectors, and back."""

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata import crs, guess
from geodata.errors import CoordinateOutOfRange, CrsLegacy, CrsUnknown

VECTORS = [  # place, WGS 84, GCJ-02, BD-09
    ("Yibin A", (104.6246, 28.7602), (104.626937990, 28.756752296), (104.633356293, 28.762991509)),
    ("Yibin B", (104.6400, 28.7700), (104.642375192, 28.766578971), (104.648770582, 28.772885256)),
    ("Yibin E", (104.7000, 28.7500), (104.702553925, 28.746673198), (104.709132792, 28.752360082)),
    ("Nanxi", (104.9700, 28.8400), (104.972813161, 28.836695519), (104.979318577, 28.842746713)),
    ("Chengdu", (104.0657, 30.6574), (104.06820730, 30.65497823), (104.07470367, 30.66100896)),
    ("Beijing", (116.3975, 39.9087), (116.40374357, 39.91010350), (116.41011659, 39.91644275)),
    ("Shanghai", (121.4737, 31.2304), (121.47822306, 31.22845774), (121.48478147, 31.23431059)),
    ("Shenzhen", (114.0596, 22.5431), (114.06471592, 22.54038575), (114.07126470, 22.54605062)),
    ("Urumqi", (87.6168, 43.8256), (87.61964995, 43.82680539), (87.62609977, 43.83294979)),
    ("Lhasa", (91.1409, 29.6456), (91.14242934, 29.64286399), (91.14902039, 29.64859369)),
    ("Harbin", (126.5349, 45.8038), (126.54094072, 45.80578177), (126.54755962, 45.81139597)),
    ("Sanya", (109.5119, 18.2528), (109.51598429, 18.25109479), (109.52253179, 18.25687655)),
    ("Hong Kong", (114.1588, 22.2819), (114.16379320, 22.27917973), (114.17032082, 22.28495009)),
    ("Macau", (113.5439, 22.1987), (113.54900330, 22.19576084), (113.55549551, 22.20177777)),
    ("Taipei", (121.5654, 25.0330), (121.56917313, 25.03006599), (121.57559668, 25.03638740)),
    ("Hanoi", (105.8542, 21.0285), (105.85730655, 21.02579402), (105.86378679, 21.03199369)),
    ("Seoul", (126.9780, 37.5665), (126.98308274, 37.56740211), (126.98955005, 37.57353923)),
    ("Tokyo", (139.6917, 35.6895), (139.6917, 35.6895), (139.69812253, 35.69584545)),
    ("London", (-0.1276, 51.5072), (-0.1276, 51.5072), (-0.12124250, 51.51321943)),
]
TOLD = 1.1e-8  # the vectors are told to 8 or 9 decimals
mainland = st.tuples(st.floats(73.5, 135), st.floats(18, 53.5))


@pytest.mark.parametrize(
    ("wgs", "gcj", "bd"), [vector[1:] for vector in VECTORS], ids=[vector[0] for vector in VECTORS]
)
def test_published_vectors_hold_for_a_point_and_for_arrays(
    wgs: tuple[float, float], gcj: tuple[float, float], bd: tuple[float, float]
) -> None:
    for system, shifted in (("gcj02", gcj), ("bd09", bd)):
        assert crs.from_wgs84(*wgs, crs=system) == pytest.approx(shifted, abs=TOLD)
        assert crs.to_wgs84(*shifted, crs=system) == pytest.approx(wgs, abs=2 * TOLD)
        assert np.ravel(crs.transform_arrays(*wgs, source="wgs84", target=system)) == pytest.approx(shifted, abs=TOLD)
        assert np.ravel(crs.transform_arrays(*shifted, source=system, target="wgs84")) == pytest.approx(
            wgs, abs=2 * TOLD
        )


def test_inverse_vectors():
    assert crs.to_wgs84(104.62, 28.76, "gcj02") == pytest.approx((104.617675490, 28.763452069), abs=TOLD)
    assert crs.to_wgs84(116.404, 39.915, "bd09") == pytest.approx((116.391385893, 39.907255033), abs=TOLD)
    assert np.ravel(crs.transform_arrays(116.404, 39.915, "bd09", "gcj02")) == pytest.approx(
        (116.397627088, 39.908656339), abs=TOLD
    )
    assert crs.from_wgs84(116.403988, 39.914266, "bd09") == pytest.approx((116.416615601, 39.921965801), abs=TOLD)


@pytest.mark.parametrize(
    ("code", "east", "north"),
    [
        (4544, 463337.1872, 3182749.1703),
        ("EPSG:4523", 35463337.1872, 3182749.1703),
        ("32648", 463351.8524, 3181476.0707),
        ("epsg:3857", 11646757.1964, 3345160.1285),
    ],
)
def test_projected_vectors(code, east, north):
    assert crs.from_wgs84(104.6246, 28.7602, code) == pytest.approx((east, north), abs=1e-4)
    assert crs.to_wgs84(east, north, code) == pytest.approx((104.6246, 28.7602), abs=1e-8)


@given(mainland, st.sampled_from(["gcj02", "bd09", "EPSG:4490", 4544, 32648]))
def test_there_and_back_is_where_it_began(place: tuple[float, float], system: str) -> None:
    there = crs.from_wgs84(*place, crs=system)
    assert crs.to_wgs84(*there, crs=system) == pytest.approx(place, abs=1e-8)


@given(st.lists(mainland, min_size=1, max_size=20), st.sampled_from(["gcj02", "bd09"]))
def test_arrays_say_what_points_say(places: list[tuple[float, float]], system: str) -> None:
    lon, lat = np.array(places).T
    x, y = crs.transform_arrays(lon, lat, "wgs84", system)
    singly = [crs.from_wgs84(*place, crs=system) for place in places]
    assert np.allclose(singly, np.column_stack([x, y]), rtol=0, atol=1e-12)
    back = crs.transform_arrays(x, y, system, "wgs84")
    assert np.allclose(back, (lon, lat), rtol=0, atol=1e-8)


@given(mainland, st.floats(1e-5, 1e-3))
def test_the_shift_keeps_the_order_of_places(place, step):
    lon, lat = place
    here, east, north = (crs.from_wgs84(*at, "gcj02") for at in ((lon, lat), (lon + step, lat), (lon, lat + step)))
    assert east[0] > here[0]
    assert north[1] > here[1]


@pytest.mark.parametrize("place", [(28.76, 104.62), (181.0, 0.0), (float("nan"), 30.0), (104.0, float("inf"))], ids=str)
@pytest.mark.parametrize("system", ["wgs84", "cgcs2000", "gcj02", "bd09"])
def test_swapped_and_impossible_places_are_refused_with_the_remedy(place: tuple[float, float], system: str) -> None:
    with pytest.raises(CoordinateOutOfRange, match="Longitude comes first"):
        crs.to_wgs84(*place, crs=system)


def test_names_of_systems():
    assert {crs.system(name).label for name in ("4326", "EPSG:4326", "WGS84", "wgs-84", 4326)} == {"EPSG:4326"}
    assert crs.system("GCJ-02").label == crs.system(" gcj02 ").label == "gcj02"
    assert crs.system(pyproj.CRS.from_user_input("OGC:CRS84")).label == "EPSG:4326"
    assert crs.is_wgs84("cgcs2000")
    assert not crs.is_wgs84("gcj02")


@pytest.mark.parametrize("name", ["", "mars", "EPSG:999999", "4326; drop table", "http://127.0.0.1/x", "+proj=longlat"])
def test_unknown_names_are_refused(name):
    with pytest.raises(CrsUnknown, match="EPSG code"):
        crs.system(name)


@pytest.mark.parametrize("code", [4214, 4610, 2383, 2433, 4555])
def test_old_datums_are_refused_because_no_formula_is_true(code):
    with pytest.raises(CrsLegacy) as caught:
        crs.system(code)
    assert "CGCS2000" in caught.value.message_en
    assert "测绘部门" in caught.value.message_zh


def test_zones():
    assert [crs.gk_zone(lon) for lon in (103.4, 103.6, 104.6246, 106.4, 121.47)] == [34, 35, 35, 35, 40]
    assert crs.gk_label(35) == "EPSG:4544"
    assert crs.gk_label(35, prefixed=True) == "EPSG:4523"
    assert (crs.gk_label(25), crs.gk_label(45)) == ("EPSG:4534", "EPSG:4554")
    assert crs.metric_crs(104.6246).to_epsg() == 4544
    assert "-72" in crs.metric_crs(-71.06).to_wkt()


def test_areas_and_lengths_agree_with_the_local_zone_and_not_with_web_mercator():
    block = shapely.box(104.62, 28.75, 104.63, 28.76)
    yard = shapely.Polygon(block.exterior, [shapely.box(104.622, 28.752, 104.624, 28.754).exterior])
    frame = gpd.GeoDataFrame(geometry=[block, yard], crs=4326)
    flat = crs.to_metric(frame)
    assert crs.area_m2(frame.geometry) == pytest.approx(flat.area.to_numpy(), rel=1e-4)
    assert crs.length_m(frame.geometry) == pytest.approx(flat.length.to_numpy(), rel=1e-4)
    assert frame.to_crs(3857).area[0] / crs.area_m2([block])[0] == pytest.approx(1.30, abs=0.01)
    assert crs.area_m2([None, shapely.Point(1, 1), shapely.MultiPolygon([block])])[:2].tolist() == [0, 0]
    assert crs.distance_m(104.6246, 28.7602, 104.626937990, 28.756752296) == pytest.approx(446, rel=0.003)


def test_a_frame_goes_to_gcj02_and_back_with_its_shared_vertices():
    pair = gpd.GeoDataFrame(
        {"name": ["west", "east"]},
        geometry=[shapely.box(104.62, 28.75, 104.63, 28.76), shapely.box(104.63, 28.75, 104.64, 28.76)],
        crs=4326,
    )
    shifted = crs.transform_frame(pair, "gcj02")
    assert shifted.crs is None
    assert shapely.coverage_is_valid(shifted.geometry.to_numpy())
    back = crs.transform_frame(shifted, "wgs84", source="gcj02")
    assert back.crs.to_epsg() == 4326
    assert np.allclose(back.get_coordinates(), pair.get_coordinates(), rtol=0, atol=1e-9)
    assert pair.geometry[0].equals(shapely.box(104.62, 28.75, 104.63, 28.76)), "the frame given stays as it was"


@pytest.mark.parametrize(
    ("x", "y", "label", "swapped", "because"),
    [
        ([104.6, 104.7], [28.7, 28.8], "EPSG:4326", False, "degrees"),
        ([28.7, 28.8], [104.6, 104.7], "EPSG:4326", True, "latitude first"),
        ([35463337.0], [3182749.0], "EPSG:4523", False, "zone 35"),
        ([3182749.0], [35463337.0], "EPSG:4523", True, "zone 35"),
        ([18463337.0], [3182749.0], "EPSG:4496", False, "zone 18"),
        ([463337.0], [3182749.0], None, False, "central meridian"),
        ([11646757.0], [3345160.0], "EPSG:3857", False, "web map"),
        ([739594.0, 803687.0], [2908187.0, 2970072.0], "EPSG:2249", False, "feet"),
    ],
)
def test_guesses_give_the_reason(x, y, label, swapped, because):
    first = guess.guess(x, y)[0]
    assert (first.label, first.swapped) == (label, swapped)
    assert because in first.why_en
    assert first.why_zh


def test_guess_picks_the_zone_of_the_place():
    assert guess.guess([463337.0], [3182749.0], near=(104.62, 28.76))[0].label == "EPSG:4544"


def test_guess_in_feet_begins_with_the_state_nearest_to_the_place():
    chicago = guess.guess([1091138.0, 1205198.0], [1813891.0, 1951665.0], near=(-87.65, 41.85))
    assert chicago[0].label == "EPSG:3435"
    assert {one.label for one in guess.guess([1091138.0, 1205198.0], [1813891.0, 1951665.0])} >= {"EPSG:3435"}


def test_nothing_fits_is_said():
    assert guess.guess([9e9], [9e9]) == []
    assert guess.guess([float("nan")], [1.0]) == []
    assert "fit no system" in guess.guess_words([])["guess"]


def test_gcj02_beside_wgs84_neighbours_is_recognised():
    street = shapely.segmentize(shapely.box(104.60, 28.74, 104.64, 28.78), 0.002)
    shifted = crs.transform_geometries(np.array([street]), "wgs84", "gcj02")
    neighbours = [shapely.segmentize(shapely.box(104.64, 28.74, 104.68, 28.78), 0.002), street.buffer(0.0001)]
    found = guess.guess_beside(shifted, neighbours)
    assert found is not None
    assert found.label == "gcj02"
    assert guess.guess_beside([street], neighbours) is None
    assert guess.guess_beside([None], neighbours) is None


@pytest.mark.parametrize("code", ["EPSG:4544", "EPSG:4523", "EPSG:4498", "EPSG:32650", "EPSG:32748"])
def test_our_own_arithmetic_of_zones_agrees_with_proj(code):
    """What is read from a zone is the same on every machine, and what PROJ finds to a hundredth of a millimetre."""
    zone = pyproj.CRS.from_user_input(code)
    operation = zone.coordinate_operation
    assert operation is not None
    (meridian,) = (float(one.value) for one in operation.params if one.name == "Longitude of natural origin")
    lon = meridian + np.repeat(np.linspace(-1.7, 1.7, 18), 12)
    lat = np.tile(np.linspace(3, 60, 12), 18) * (-1 if "7" in code[-3] else 1)
    x, y = pyproj.Transformer.from_crs(4326, zone, always_xy=True).transform(lon, lat)
    there = np.column_stack(crs.transform_arrays(x, y, code, crs.WGS84))
    assert np.abs(there - np.column_stack([lon, lat])).max() < 1e-10
    far = pyproj.Transformer.from_crs(4326, zone, always_xy=True).transform([meridian + 9], [30])
    assert np.column_stack(crs.transform_arrays(*far, code, crs.WGS84)) == pytest.approx(
        np.array([[meridian + 9, 30]]), abs=1e-9
    )


def test_the_plane_of_a_drawing_is_the_metric_zone_of_its_place():
    lon, lat = np.linspace(103, 106, 31), np.linspace(18, 53, 31)
    for west, east in ((lon[:15], lat[:15]), (-lon[15:], -lat[15:])):
        plane = crs.plane_at(float(west[7]))
        metres = np.column_stack(plane.project(west, east))
        assert metres == pytest.approx(
            np.column_stack(crs.transform_arrays(west, east, crs.WGS84, crs.metric_crs(float(west[7])))), abs=1e-5
        )
        assert np.column_stack(plane.place(*metres.T)) == pytest.approx(np.column_stack([west, east]), abs=1e-10)
