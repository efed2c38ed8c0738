"""Tiles and windows show what lies in scope, in the level that suits the zoom, and say when nothing changed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from gridapp.db import session
from gridapp.models import LEVELS, LastPosition
from gridapp.services.ground import layers
from gridapp.services.ground.layers_cache import BlobCache
from gridapp.timesource import now
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.tiles import decode, tile_of
from tests.support.world import World

EVERYWHERE = "104,28,106,30"


def sql(app: Flask, words: str, **values: Any) -> Any:
    with app.app_context():
        done = session.execute(text(words), values)
        rows = done.all() if words.startswith("select") else []
        session.commit()
        return rows


def file(app: Flask, world: World, who: str = "worker_a", **given: Any) -> str:
    with app.app_context():
        task_id = tasking.file(world, who, **given)
        session.commit()
        return str(task_id)


def grids(client: FlaskClient, folder: Path, world: World, area: str, zoom: int) -> dict[str, Any]:
    tile = tile_of(world.areas[area].lon, world.areas[area].lat, zoom)
    answer = client.get("/tiles/grids/{}/{}/{}.mvt".format(*tile))
    assert answer.status_code == 200
    return decode(folder, answer.data, tile)


@pytest.mark.parametrize(
    ("zoom", "deepest"), [(8, "district"), (9, "street"), (10, "community"), (12, "group"), (15, "building")]
)
def test_a_tile_shows_the_level_that_suits_its_zoom(
    sign_in: SignIn, world: World, tmp_path: Path, zoom: int, deepest: str
) -> None:
    found = grids(sign_in("dispatcher_district"), tmp_path, world, "a1x", zoom)
    above = LEVELS[: LEVELS.index(deepest) + 1]
    assert set(found["grids"]["level"]) == set(above[-3:])
    assert set(found["grid_names"]["level"]) <= set(above[-2:])
    assert deepest in set(found["grid_names"]["level"])


def test_a_grid_in_a_tile_is_where_it_is(app: Flask, sign_in: SignIn, world: World, tmp_path: Path) -> None:
    drawn = grids(sign_in("dispatcher_district"), tmp_path, world, "a1", 12)["grids"]
    a1 = drawn[drawn["code"] == world.areas["a1"].code]
    expected = sql(
        app,
        "select ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom) from boundary where code = :code",
        code=world.areas["a1"].code,
    )[0]
    assert a1.total_bounds == pytest.approx(expected, abs=2e-5)  # one unit of the tile is 1.7e-5 degrees


@pytest.mark.parametrize("zoom", [8, 10, 12, 15])
def test_grids_of_another_community_are_in_no_tile(sign_in: SignIn, world: World, tmp_path: Path, zoom: int) -> None:
    for area in ("b1", "a1x"):
        found = grids(sign_in("dispatcher_a"), tmp_path, world, area, zoom)
        assert all(code.startswith(world.areas["a"].code) for layer in found.values() for code in layer["code"])


def test_a_scope_below_the_level_of_the_zoom_is_outlined(sign_in: SignIn, world: World, tmp_path: Path) -> None:
    found = grids(sign_in("chief_a"), tmp_path, world, "a", 8)
    assert list(found["grids"]["code"]) == [world.areas["a"].code]


def test_the_base_map_shows_streets_and_houses(app: Flask, sign_in: SignIn, world: World, tmp_path: Path) -> None:
    place = world.areas["a1"]
    sql(
        app,
        "insert into street (source, kind, name, rank, geom) values ('t', 'primary', '长江大道', 1, "
        "ST_SetSRID(ST_MakeLine(ST_MakePoint(:lon, :lat), ST_MakePoint(:lon + 0.003, :lat)), 4326))",
        lon=place.lon,
        lat=place.lat,
    )
    sql(
        app,
        "insert into building (source, name, geom) values ('t', '一号楼', "
        "ST_SetSRID(ST_MakeEnvelope(:lon, :lat, :lon + 0.0005, :lat + 0.0005), 4326))",
        lon=place.lon,
        lat=place.lat,
    )
    client = sign_in("chief_b")
    tile = tile_of(place.lon, place.lat, 15)
    found = decode(tmp_path, client.get("/tiles/base/{}/{}/{}.mvt".format(*tile)).data, tile)
    assert list(found["streets"]["name"]) == ["长江大道"]
    assert len(found["buildings"]) == 1
    assert list(found["building_names"]["name"]) == ["一号楼"]


def test_an_unchanged_tile_is_answered_304_and_a_renamed_grid_is_not(app: Flask, sign_in: SignIn, world: World) -> None:
    client = sign_in("dispatcher_a")
    path = "/tiles/grids/{}/{}/{}.mvt".format(*tile_of(world.areas["a1"].lon, world.areas["a1"].lat, 12))
    first = client.get(path)
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert not first.headers["ETag"].startswith("W/")
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    sql(app, "update grid set name = '东一组（新）' where code = :code", code=world.areas["a1"].code)
    changed = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_another_scope_has_another_tag(sign_in: SignIn, world: World) -> None:
    path = "/tiles/grids/{}/{}/{}.mvt".format(*tile_of(world.areas["a1"].lon, world.areas["a1"].lat, 12))
    tags = {sign_in(who).get(path).headers["ETag"] for who in ("dispatcher_a", "dispatcher_b", "dispatcher_district")}
    assert len(tags) == 3


@pytest.mark.parametrize("path", ["grids/4/16/0", "grids/16/0/0", "base/2/0/4", "tasks/0/0/0", "grids/-1/0/0"])
def test_a_tile_that_there_is_not_is_not_found(sign_in: SignIn, path: str) -> None:
    assert sign_in("dispatcher_a").get(f"/tiles/{path}.mvt").status_code == 404


def test_a_tile_needs_a_sign_in(client: FlaskClient) -> None:
    assert client.get("/tiles/base/0/0/0.mvt").status_code == 401


def test_the_map_opens_on_the_scope(sign_in: SignIn, world: World) -> None:
    west, south, east, north = sign_in("dispatcher_a").get("/command/bounds").get_json()["bounds"]
    assert (west, south) == pytest.approx((104.60, 28.70))
    assert (east, north) == pytest.approx((104.62, 28.72))


def window(client: FlaskClient, what: str, **args: str) -> Any:
    answer = client.get(f"/command/map/{what}", query_string={"bbox": EVERYWHERE, **args})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_tasks_of_the_window_are_those_in_scope(app: Flask, sign_in: SignIn, world: World) -> None:
    ours = file(app, world)
    theirs = file(app, world, "worker_b", location=world.inside("b1"))
    assert {p["id"] for p in window(sign_in("dispatcher_a"), "tasks")["points"]} == {ours}
    assert {p["id"] for p in window(sign_in("dispatcher_district"), "tasks")["points"]} == {ours, theirs}
    assert window(sign_in("dispatcher_a"), "tasks", stage="handle")["points"] == []


def test_too_many_tasks_come_as_counts(
    app: Flask, sign_in: SignIn, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridapp.services.ground.layers_points.MOST_POINTS", 2)
    for _ in range(3):
        file(app, world)
    found = window(sign_in("dispatcher_a"), "tasks")
    assert found["points"] == []
    assert [cell["count"] for cell in found["cells"]] == [3]


@pytest.mark.parametrize("bbox", ["", "1,2,3", "a,b,c,d", "2,0,1,1", "0,0,nan,1", "0,-100,1,1", "1e999,0,1,1"])
def test_a_window_that_is_none_is_refused(sign_in: SignIn, bbox: str) -> None:
    answer = sign_in("dispatcher_a").get(
        "/command/map/tasks", query_string={"bbox": bbox}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 422
    assert "bbox" in answer.get_json()["errors"]


def stand(app: Flask, world: World, who: str, area: str, *, hours: float = 0) -> None:
    place = world.areas[area]
    at = now() - dt.timedelta(hours=hours)
    with app.app_context():
        session.merge(LastPosition(person_id=world.people[who].id, at=at, lon=place.lon, lat=place.lat))
        session.commit()


def test_positions_are_of_people_in_scope_and_of_today(app: Flask, sign_in: SignIn, world: World) -> None:
    stand(app, world, "worker_a", "a1")
    stand(app, world, "worker_a2", "a2", hours=30)
    stand(app, world, "worker_b", "a1")  # a worker of another community walks by
    seen = window(sign_in("dispatcher_a"), "people")
    assert [person["id"] for person in seen] == [str(world.people["worker_a"].id)]


def test_positions_are_not_for_every_role(app: Flask, sign_in: SignIn, world: World) -> None:
    stand(app, world, "worker_a", "a1")
    assert window(sign_in("reviewer_a"), "people") == []


@given(st.lists(st.tuples(st.integers(0, 8), st.binary(max_size=40))))
def test_the_cache_never_holds_more_than_it_may(puts: list[tuple[int, bytes]]) -> None:
    cache = BlobCache(100)
    for key, blob in puts:
        cache.put((key,), blob)
        assert cache.get((key,)) == blob
        assert cache.held_bytes == sum(len(cache.get((k,)) or b"") for k in range(9)) <= 100


def test_a_blob_larger_than_the_cache_is_not_kept() -> None:
    cache = BlobCache(10)
    cache.put((1,), b"x" * 11)
    assert cache.get((1,)) is None
    assert cache.held_bytes == 0


def test_every_zoom_has_its_level() -> None:
    assert [layers.level_of(zoom) for zoom in (0, 9, 11, 14, 15)] == [
        "district",
        "street",
        "community",
        "group",
        "building",
    ]
