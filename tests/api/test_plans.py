"""Plans: drawn below an area in scope, neighbours and grids below follow, undone, checked, weighed, kept apart."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
import shapely
from geoalchemy2.shape import from_shape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from gridapp.access import ROLES
from gridapp.db import session
from gridapp.models import Building, Plan
from gridapp.timesource import now
from tests.support import tasking
from tests.support.planning import Desk, moved
from tests.support.world import SIDE, SOUTH, WEST


@pytest.fixture
def desk(sign_in, world):
    return Desk(sign_in("planner_a", browser=True), world)


def square(x: float, y: float, side: float = 0.1) -> shapely.Polygon:
    """A square by the units of the world's drawing, its south-west corner given."""
    return shapely.box(WEST + SIDE * x, SOUTH + SIDE * y, WEST + SIDE * (x + side), SOUTH + SIDE * (y + side))


def build(app, *houses: tuple[float, float, int]) -> None:
    with app.app_context():
        session.add_all(
            Building(source="test", households=households, geom=from_shape(square(x, y), srid=4326))
            for x, y, households in houses
        )
        session.commit()


def test_a_new_plan_shows_the_grids_of_its_area(desk, world):
    grids = desk.seen["grids"]["features"]
    assert [f["properties"]["code"] for f in grids] == [world.areas[key].code for key in ("a1", "a2")]
    assert desk.seen["plan"]["status"] == "draft"
    assert desk.seen["findings"] == []


def test_an_area_that_is_not_there_is_refused_in_the_form(sign_in, world):
    client = sign_in("planner_a", browser=True)
    answer = client.post("/planning", data={"name": "新方案", "area": world.areas["b"].code})
    assert answer.status_code == 422
    assert world.areas["b"].code in answer.text
    assert client.post("/planning", data={"name": "", "area": ""}).status_code == 422


def test_a_number_that_no_grid_can_have_is_no_grid(desk):
    for place in ("", "/drawing", "/streets"):
        assert desk.client.get(f"{desk.path}{place}?parent={2**63}").status_code == 404
    assert desk.post(f"grids/{2**63}", {"type": "Polygon", "coordinates": []}).status_code == 404


def test_a_dragged_vertex_takes_the_neighbour_and_the_grids_below_along(desk):
    answer = desk.drag("a1", (1, 1), (1, 1.3))
    assert answer.status_code == 200, answer.text
    a1, a2 = desk.shape("a1"), desk.shape("a2")
    assert shapely.coverage_is_valid([a1, a2])
    assert a1.area > a2.area
    assert [f["properties"]["changed"] for f in desk.seen["grids"]["features"]] == [True, True]
    desk.load("a1")
    x, y = desk.shape("a1x"), desk.shape("a1y")
    assert shapely.coverage_is_valid([x, y])
    assert shapely.equals(shapely.union(x, y), a1)
    assert desk.seen["findings"] == []


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    x=st.floats(0.2, 1.8).map(lambda v: round(v, 4)),
    y=st.floats(0.2, 1.8).map(lambda v: round(v, 4)),
    between=st.none() | st.tuples(st.floats(0.3, 0.7), st.floats(0.6, 1.4)),
)
def test_wherever_it_is_dragged_children_tile_their_parent(sign_in, world, x, y, between):
    desk = Desk(sign_in("planner_a", browser=True), world)
    whole = shapely.union_all([desk.shape("a1"), desk.shape("a2")])
    outline = moved(desk.shape("a1"), world, (1, 1), (x, y))
    if between:
        outline = with_vertex(outline, world.point(0, 1), [WEST + SIDE * between[0], SOUTH + SIDE * between[1]])
    answer = desk.redraw("a1", outline)
    if answer.status_code == 409:
        assert answer.json["code"] == "edit_refused"
        return
    assert answer.status_code == 200, answer.text
    assert not [f for f in desk.seen["findings"] if f["blocking"]]
    shapes = [desk.shape("a1"), desk.shape("a2")]
    assert shapely.coverage_is_valid(shapes)
    assert shapely.equals(shapely.union_all(shapes), whole)
    below = [shapely.geometry.shape(f["geometry"]) for f in desk.load("a1")["grids"]["features"]]
    assert shapely.equals(shapely.union_all(below), shapes[0])


def with_vertex(shape, after, there):
    """A polygon with a further vertex before one of its own."""
    ring = [list(point) for point in shapely.get_coordinates(shape).round(6)]
    at = ring.index(list(after.values()))
    return shapely.Polygon([*ring[:at], there, *ring[at:]] if at else [*ring[:-1], there, ring[0]])


def test_steps_are_undone_and_done_again_and_kept_apart(desk):
    before = desk.shape("a1")
    desk.drag("a1", (1, 1), (1, 1.3))
    once = desk.shape("a1")
    desk.drag("a1", (1, 1.3), (1.2, 1.4))
    twice = desk.shape("a1")
    assert desk.seen["plan"] | {"step": 2, "steps": 2} == desk.seen["plan"]
    for step, shape in ((1, once), (2, twice), (0, before)):
        assert desk.post("step", {"step": step}).status_code == 200
        assert desk.shape("a1").equals_exact(shape, 0)
    assert not any(f["properties"]["changed"] for f in desk.seen["grids"]["features"])
    desk.drag("a1", (1, 1), (1, 0.8))
    assert (desk.seen["plan"]["step"], desk.seen["plan"]["steps"]) == (1, 1)


@pytest.mark.parametrize("step", [-1, 1, "1", None, True, 1.5, [0]])
def test_a_step_that_is_not_there_is_refused(desk, step):
    answer = desk.post("step", {"step": step})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["step"])


@pytest.mark.parametrize(
    "outline",
    [
        {},
        {"type": "Point", "coordinates": [1, 2]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[104.6, 28.7], [104.61, 28.7], [104.61, 28.71]]]},
        {"type": "Polygon", "coordinates": [[[104.6, 28.7], [104.61, 28.7], [104.61, 28.71], [104.6, 28.71]]]},
        {"type": "Polygon", "coordinates": [[[104.6, 99], [104.61, 99], [104.61, 98], [104.6, 99]]]},
        {"type": "Polygon", "coordinates": [[[0, 0]] * 30_000]},
        {"type": "Polygon", "coordinates": "x"},
        {"type": "Polygon", "coordinates": [[["a", "b"]] * 4]},
    ],
)
def test_what_is_no_polygon_is_refused_and_nothing_kept(desk, outline):
    answer = desk.redraw("a1", outline)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["outline"])
    assert desk.load()["plan"]["steps"] == 0


@pytest.mark.parametrize(
    ("vertex", "to", "reason"),
    [
        ((0, 0), (-0.5, -0.5), "outer_edge"),
        ((1, 1), (1, -0.5), "self_crossing"),
    ],
)
def test_an_edit_that_cannot_be_is_refused_with_the_reason_and_names(desk, vertex, to, reason):
    answer = desk.drag("a1", vertex, to)
    assert (answer.status_code, answer.json["code"], answer.json["reason"]) == (409, "edit_refused", reason)
    assert "东一组" in answer.json["detail"]


def test_deep_and_broken_json_is_refused(desk):
    for body in (b"[" * 100_000, b"{", b"[]", b"\x00"):
        answer = desk.client.post(f"{desk.path}/step", data=body, headers={"If-Match": '"1"'})
        assert (answer.status_code, answer.json["code"]) == (400, "not_json")


def test_a_stale_version_and_a_missing_one_are_refused(desk):
    desk.drag("a1", (1, 1), (1, 1.3))
    assert desk.post("step", {"step": 0}, version=1).json["code"] == "plan_changed"
    assert desk.client.post(f"{desk.path}/discard").status_code == 428


def test_a_discarded_plan_stays_readable_and_closed(desk):
    assert desk.post("discard").json["plan"]["status"] == "discarded"
    assert desk.drag("a1", (1, 1), (1, 1.3)).json["code"] == "plan_closed"
    assert desk.publish().json["code"] == "plan_closed"


def test_households_are_counted_by_buildings_and_hinted_at(app, desk):
    build(app, (0.5, 0.5, 250), (1.5, 0.5, 240), (0.5, 1.5, 310), (0.85, 1.05, 20))
    desk.load()
    counts = {f["properties"]["code"]: f["properties"]["households"] for f in desk.seen["grids"]["features"]}
    assert list(counts.values()) == [490, 330]
    desk.drag("a1", (1, 1), (1, 1.4))
    properties = [f["properties"] for f in desk.seen["grids"]["features"]]
    assert [(p["households"], p["fit"]) for p in properties] == [(510, "many"), (310, "enough")]
    (hint,) = desk.seen["findings"]
    assert (hint["kind"], hint["blocking"], hint["names"]) == ("households_many", False, ["东一组"])
    impact = desk.client.get(f"{desk.path}/impact").json
    assert (impact["households"], impact["buildings"]) == (20, 1)


def test_the_impact_counts_open_tasks_and_workers(app, desk, world):
    with app.app_context():
        tasking.file(world, location=world.point(1, 1.2))
        closed = tasking.file(world, location=world.point(1, 1.21))
        tasking.act(world, "dispatcher_a", closed, "dismiss")
        tasking.file(world, location=world.point(1.9, 1.9))
        session.commit()
    desk.drag("a1", (1, 1), (1, 1.3))
    impact = desk.client.get(f"{desk.path}/impact").json
    assert impact["tasks"] == 1
    assert impact["workers"] == ["Worker A", "Worker A2"]
    by_code = {grid["code"]: grid for grid in impact["grids"]}
    assert by_code[world.areas["a2"].code]["tasks_out"] == 1
    assert sum(grid["tasks_in"] for grid in impact["grids"] if grid["level"] == "building") == 1


def test_an_empty_plan_is_not_published(desk):
    assert desk.client.get(f"{desk.path}/impact").json["grids"] == []
    assert desk.publish().json["code"] == "plan_empty"
    desk.drag("a1", (1, 1), (1, 1.3))
    desk.drag("a1", (1, 1.3), (1, 1))
    assert desk.publish().json["code"] == "plan_empty"


@pytest.mark.parametrize("start", ["2020-01-01T00:00:00+08:00", "2099-01-01T00:00", "morgen", 5, {}])
def test_a_start_in_the_past_or_without_zone_is_refused(desk, start):
    desk.drag("a1", (1, 1), (1, 1.3))
    answer = desk.publish(effective_from=start)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["effective_from"])


def test_the_planner_of_another_community_finds_nothing(desk, sign_in, world):
    desk.drag("a1", (1, 1), (1, 1.3))
    other = sign_in("planner_b", browser=True)
    match = {"If-Match": f'"{desk.seen["plan"]["version"]}"'}
    for call in ("", "/drawing", "/impact"):
        assert other.get(desk.path + call).status_code == 404
    for call in (f"/grids/{world.areas['a1'].id}", "/step", "/publish", "/discard"):
        assert other.post(desk.path + call, json={}, headers=match).status_code == 404
    assert "调整一号" not in other.get("/planning").text
    assert world.areas["a"].code not in other.get("/planning/areas?area=5115").text


def test_grids_outside_the_area_of_the_plan_cannot_be_drawn_by_id(sign_in, world):
    desk = Desk(sign_in("planner_district", browser=True), world)
    outline = shapely.geometry.mapping(square(0, 0, 1))
    for grid in ("b1", "a", "street"):
        assert desk.post(f"grids/{world.areas[grid].id}", outline).status_code == 404
        if grid != "a":
            assert desk.client.get(f"{desk.path}/drawing?parent={world.areas[grid].id}").status_code == 404
    assert desk.client.get(f"/planning/{uuid.uuid4()}").status_code == 404


@pytest.mark.parametrize("role", ROLES)
def test_only_planners_draw_and_publish(app, desk, sign_in, role):
    desk.drag("a1", (1, 1), (1, 1.3))
    client = sign_in(f"{role}_a", browser=True)
    match = {"If-Match": f'"{desk.seen["plan"]["version"]}"'}
    wanted = 200 if role == "planner" else 403
    assert client.post(desk.path + "/publish", json={}, headers=match).status_code == wanted
    reads = role in ("planner", "dispatcher", "admin", "auditor")
    assert client.get(desk.path + "/drawing").status_code == (200 if reads else 403)
    with app.app_context():
        published = session.scalar(select(func.count()).select_from(Plan).where(Plan.status == "published"))
    assert published == (1 if role == "planner" else 0)


def test_a_community_is_redrawn_with_everything_below(sign_in, world):
    desk = Desk(sign_in("planner_district", browser=True), world, "street")
    answer = desk.drag("a", (2, 1), (1.8, 1))
    assert answer.status_code == 200, answer.text
    assert [f["kind"] for f in desk.seen["findings"]] == []
    a = desk.shape("a")
    below = desk.load("a")["grids"]["features"]
    assert shapely.equals(shapely.union_all([shapely.geometry.shape(f["geometry"]) for f in below]), a)
    assert desk.publish(effective_from=(now() + dt.timedelta(days=1)).isoformat()).status_code == 200
