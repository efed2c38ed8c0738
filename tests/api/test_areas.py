"""Catalogue and grids as a phone reads them."""

from __future__ import annotations

import pytest

from geodata import crs
from tests.support.catalogue import BILLS, FIRE_LANE, LITTER


def leaves(nodes):
    for node in nodes:
        yield from leaves(node["children"]) if node["children"] else [node]


def locate(client, point, **more):
    return client.get("/api/v1/locate", query_string={**point, **more})


def codes(answer):
    return [area["code"] for area in answer.json["chain"]]


def test_the_catalogue_is_a_tree_in_both_languages(sign_in, world):
    catalogue = sign_in("worker_a").get("/api/v1/catalogue").json
    assert catalogue["version"] == world.edition
    assert [(major["code"], len(major["children"])) for major in catalogue["categories"]] == [("06", 3), ("07", 1)]
    by_code = {leaf["code"]: leaf for leaf in leaves(catalogue["categories"])}
    assert by_code[LITTER]["name"] == {"zh": "暴露垃圾", "en": "Litter"}
    assert by_code[LITTER]["class"] == "immediate"
    assert by_code[LITTER]["limits"]["handle"] == {"amount": 4, "unit": "working_hour"}
    assert [one["class"] for one in by_code[LITTER]["conditions"]] == ["immediate", "committed"]
    assert by_code[BILLS]["photos"] == {"before": 1, "after": 1}
    assert by_code[BILLS]["self_handle"]
    lane = by_code[FIRE_LANE]
    assert lane["stop_notice"] == {"zh": "如有火情请先拨打119", "en": "If there is a fire, call 119 first"}
    assert [(field["key"], field["type"], field["required"]) for field in lane["fields"]] == [
        ("width", "number", True),
        ("cause", "choice", False),
    ]
    assert [choice["code"] for choice in lane["fields"][1]["choices"]] == ["old", "blow"]
    assert [level["code"] for level in lane["severities"]] == ["low", "high"]
    assert catalogue["reasons"]["rework"] == [{"code": "not_done", "name": {"zh": "未处置到位", "en": "Not done"}}]


def test_the_catalogue_is_read_once(sign_in):
    client = sign_in("worker_a")
    first = client.get("/api/v1/catalogue")
    again = client.get("/api/v1/catalogue", headers={"If-None-Match": first.headers["ETag"]})
    weak = client.get("/api/v1/catalogue", headers={"If-None-Match": f"W/{first.headers['ETag']}"})
    assert again.status_code == weak.status_code == 304
    assert again.data == b""


@pytest.mark.parametrize("key", ["a1x", "a2", "b1"])
def test_a_point_lies_in_a_chain_of_grids(sign_in, world, key):
    answer = locate(sign_in("dispatcher_district"), world.inside(key))
    assert codes(answer)[-1] == world.areas[key].code
    assert [area["level"] for area in answer.json["chain"]][:4] == ["district", "street", "community", "group"]
    assert answer.json["nearest"] is None


@pytest.mark.parametrize(
    ("x", "y", "key"),
    [(1, 0.5, "a1x"), (2, 0.5, "a1y"), (2, 1.5, "a2"), (2, 1, "a1y"), (3, 1, "b1"), (1, 1, "a1x"), (0, 0, "a1x")],
)
def test_on_a_shared_edge_or_a_triple_point_the_lowest_code_wins(sign_in, world, x, y, key):
    answer = locate(sign_in("dispatcher_district"), world.point(x, y))
    assert codes(answer)[-1] == world.areas[key].code


def test_outside_everything_the_nearest_is_told(sign_in, world):
    answer = locate(sign_in("dispatcher_district"), world.point(4.5, 1))
    assert answer.json["chain"] == []
    assert answer.json["nearest"]["code"] == world.areas["b2"].code
    assert answer.json["distance_m"] == answer.json["nearest"]["distance_m"]
    assert 450 < answer.json["distance_m"] < 520


def test_in_a_neighbours_grid_a_worker_learns_only_what_lies_above_their_own(sign_in, world):
    answer = locate(sign_in("worker_a"), world.inside("b1"))
    told = answer.get_data(as_text=True)
    assert world.areas["b1"].code not in told
    assert world.areas["b"].name not in told
    assert codes(answer) == [world.areas["district"].code, world.areas["street"].code]
    assert answer.json["nearest"]["code"].startswith(world.areas["a1"].code)


@pytest.mark.parametrize("system", ["gcj02", "bd09", "cgcs2000"])
def test_other_systems_are_brought_to_ours(sign_in, world, system):
    here = world.areas["a2"]
    lon, lat = crs.from_wgs84(here.lon, here.lat, system)
    answer = locate(sign_in("dispatcher_district"), {"lon": lon, "lat": lat}, crs=system)
    assert codes(answer)[-1] == here.code


def test_before_the_boundaries_held_there_was_nothing(sign_in, world):
    answer = locate(sign_in("dispatcher_district"), world.inside("a2"), at="2024-12-31T00:00:00Z")
    assert answer.json["chain"] == []


def test_swapped_coordinates_are_no_place_on_earth(sign_in, world):
    lon, lat = world.inside("a1").values()
    answer = locate(sign_in("dispatcher_district"), {"lon": lat, "lat": lon})
    assert answer.status_code == 422


def test_accuracy_names_the_grids_around(sign_in, world):
    answer = locate(sign_in("dispatcher_district"), world.point(1.98, 0.9), accuracy=120)
    assert {one["code"] for one in answer.json["candidates"]} == {world.areas[k].code for k in ("a1", "a2", "b1")}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"lat": 28.7}, "lon"),
        ({"lon": "x", "lat": 28.7}, "lon"),
        ({"lon": "nan", "lat": 28.7}, "lon"),
        ({"lon": "inf", "lat": 28.7}, "lon"),
        ({"lon": 181, "lat": 28.7}, "lon"),
        ({"lon": 104, "lat": 28.7, "crs": "epsg:4326"}, "crs"),
        ({"lon": 104, "lat": 28.7, "accuracy": -1}, "accuracy"),
        ({"lon": 104, "lat": 28.7, "at": "yesterday"}, "at"),
        ({"lon": 104, "lat": 28.7, "at": "2026-01-01T00:00:00"}, "at"),
        ({"lon": 104, "lat": 28.7, "at": "0001-01-01T00:00:00Z"}, "at"),
        ({"lon": [104, 105], "lat": 28.7}, "lon"),
    ],
)
def test_a_wrong_parameter_is_named(sign_in, query, field):
    answer = locate(sign_in("worker_a"), query)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]


def test_my_grid_its_children_and_its_neighbours_are_one_map(sign_in, world):
    answer = sign_in("worker_a").get("/api/v1/grids/mine")
    parts = {feature["properties"]["code"]: feature["properties"]["part"] for feature in answer.json["features"]}
    expected = {"a1": "own", "a1x": "child", "a1y": "child", "a2": "neighbour", "b1": "neighbour"}
    assert parts == {world.areas[key].code: part for key, part in expected.items()}
    assert {feature["geometry"]["type"] for feature in answer.json["features"]} == {"MultiPolygon"}


def test_a_chiefs_map_is_the_community_with_its_groups(sign_in, world):
    features = sign_in("chief_b").get("/api/v1/grids/mine").json["features"]
    assert [feature["properties"]["part"] for feature in features] == ["own", "child", "child", "neighbour"]


def test_the_map_is_read_once(sign_in):
    client = sign_in("worker_a")
    first = client.get("/api/v1/grids/mine")
    again = client.get("/api/v1/grids/mine", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
