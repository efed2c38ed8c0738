"""The base map that a phone keeps: the own grid and 200 m around, small, read once."""

from __future__ import annotations

import pytest
from geoalchemy2.shape import from_shape
from shapely import LineString, box, from_geojson

from gridapp.db import session
from gridapp.models import Building, Street, Surface
from gridapp.services.ground import basemap
from tests.support.world import SIDE, SOUTH, WEST

DEGREE_M = 111_000


def at(x, y):
    return WEST + SIDE * x, SOUTH + SIDE * y


def house(x, y, name):
    lon, lat = at(x, y)
    shape = box(lon, lat, lon + 0.0001, lat + 0.0001)
    return Building(source="test", name=name, floors=6, geom=from_shape(shape, srid=4326))


@pytest.fixture
def city(app):
    """Grid a1 is x 0 to 2 and y 0 to 1; 200 m are 0.18 units of y."""
    with app.app_context():
        street = LineString([at(0.5, 0.5), at(0.5, 30)])
        session.add_all(
            [
                house(1, 0.5, "内"),
                house(1, 1.15, "近"),
                house(1, 1.3, "远"),
                Street(source="test", kind="residential", name="长街", geom=from_shape(street, srid=4326)),
                Surface(
                    source="test", kind="water", name="江", geom=from_shape(box(*at(-9, -9), *at(9, 0.2)), srid=4326)
                ),
            ]
        )
        session.commit()


def features(answer):
    return {one["properties"].get("name"): one for one in answer.json["features"]}


def test_what_lies_in_the_grid_and_200_m_around_is_there_and_no_more(city, sign_in):
    answer = sign_in("worker_a").get("/api/v1/basemap/mine")
    found = features(answer)
    assert answer.json["complete"] is True
    assert set(found) == {"内", "近", "长街", "江"}
    assert [one["properties"]["layer"] for one in answer.json["features"]] == [
        "surface",
        "street",
        "building",
        "building",
    ]
    assert found["内"]["properties"]["floors"] == 6
    assert found["内"]["id"]
    for name in ("长街", "江"):
        _, south, _, north = from_geojson(str(found[name]["geometry"]).replace("'", '"')).bounds
        assert south > SOUTH - 210 / DEGREE_M
        assert north < SOUTH + SIDE + 210 / DEGREE_M


def test_it_is_read_once(city, sign_in):
    client = sign_in("worker_a")
    first = client.get("/api/v1/basemap/mine")
    again = client.get("/api/v1/basemap/mine", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_another_grid_has_another_map(city, sign_in):
    assert set(features(sign_in("worker_b2").get("/api/v1/basemap/mine"))) == {"江"}


def test_too_much_for_a_phone_is_cut_to_the_nearest_and_said(city, sign_in, monkeypatch):
    monkeypatch.setattr(basemap, "MOST_FEATURES", 2)
    answer = sign_in("dispatcher_district").get("/api/v1/basemap/mine")
    assert answer.json["complete"] is False
    assert len(answer.json["features"]) == 2


def test_nothing_around_is_an_empty_map(sign_in):
    answer = sign_in("worker_a").get("/api/v1/basemap/mine")
    assert (answer.json["features"], answer.json["complete"]) == ([], True)
