import io
from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PIL import Image

from geodata.sample import CategoryWeight, draw_photo, make_district, make_tasks, make_tracks
from geodata.sample.names import numeral

STAGES = ("report", "assign", "handle", "feedback", "review")
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
CATEGORIES = [
    CategoryWeight("06010", "暴露垃圾", 5),
    CategoryWeight("09009", "机动车乱停放", 3),
    CategoryWeight("dispute", "邻里纠纷"),
]


@pytest.fixture(scope="module", params=["small", "medium"])
def district(request):
    return make_district(request.param, seed=4)


@pytest.fixture(scope="module")
def tasks(district):
    return make_tasks(district, CATEGORIES, NOW, count=900)


def test_the_demo_has_the_counts_that_were_promised():
    medium = make_district("medium")
    groups = medium.level("group")
    assert (len(medium.level("community")), (groups["kind"] == "normal").sum()) == (36, 300)
    assert len(medium.with_role("worker")) == 300
    assert 115_000 < medium.buildings["households"].sum() < 125_000
    tasks = make_tasks(medium, CATEGORIES, NOW)
    assert (len(tasks), set(tasks["stage"])) == (3_000, set(STAGES))
    assert len(make_district("small").level("community")) == 3


def test_each_level_is_a_coverage_without_gaps(district):
    outline = district.level("district").union_all()
    for level in ("street", "community", "group", "building"):
        shapes = district.level(level).geometry.to_numpy()
        assert shapely.is_valid(shapes).all()
        assert shapely.coverage_is_valid(shapes)
        whole = shapely.coverage_union_all(shapes)
        assert shapely.equals_exact(shapely.normalize(whole), shapely.normalize(outline))


def test_children_tile_their_parent_vertex_for_vertex(district):
    grids = district.grids.set_index("code")
    for parent, children in district.grids.groupby("parent"):
        whole = shapely.coverage_union_all(children.geometry.to_numpy())
        assert shapely.equals_exact(shapely.normalize(whole), shapely.normalize(grids.geometry[parent]))
        assert children["households"].sum() == grids["households"][parent]
        assert all(code.startswith(parent) for code in children["code"])


def test_a_group_grid_holds_300_to_500_households_and_a_special_one_none(district):
    groups = district.level("group")
    assert groups.loc[groups["kind"] == "normal", "households"].between(300, 500).all()
    assert (groups.loc[groups["kind"] == "special", "households"] == 0).all()
    assert {"market", "park", "campus", "mall"} <= set(groups["use"])


def test_every_building_stands_in_its_grid_and_off_the_streets(district):
    inside = district.buildings.sjoin(district.level("building")[["code", "geometry"]], predicate="within")
    assert len(inside) == len(district.buildings)
    assert (inside["code_left"] == inside["code_right"]).all()
    assert not len(district.buildings.sjoin(district.streets, predicate="intersects"))
    water = district.surfaces[district.surfaces["kind"] == "water"]
    assert not len(district.buildings.sjoin(water, predicate="intersects"))
    by_grid = district.buildings.groupby("code")["households"].sum()
    cells = district.level("building").set_index("code")["households"]
    assert (by_grid.reindex(cells.index, fill_value=0) == cells).all()


def test_group_borders_are_streets_or_the_river(district):
    water = district.surfaces.geometry[district.surfaces["kind"] == "water"].union_all()
    corners = shapely.points(shapely.get_coordinates(district.level("group").geometry.to_numpy()))
    wet = shapely.intersects(water.buffer(1e-9), corners)
    streets = shapely.STRtree(district.streets.geometry.to_numpy())
    dry = np.asarray(corners)[~wet]
    on_street = np.unique(streets.query(dry, predicate="intersects")[0])
    assert len(on_street) > 0.98 * len(dry)


def test_bridges_cross_the_river(district):
    bridges = district.streets[district.streets["bridge"]]
    water = district.surfaces.geometry[district.surfaces["kind"] == "water"].union_all()
    assert len(bridges) >= 1
    assert bridges.intersects(water).all()


def test_one_worker_a_group_grid_and_one_chief_a_community(district):
    groups = district.level("group")
    posts = [person.post for person in district.with_role("worker")]
    assert sorted(posts) == sorted(groups.loc[groups["kind"] == "normal", "code"])
    assert sorted(p.post for p in district.with_role("chief")) == sorted(district.level("community")["code"])
    usernames = [person.username for person in district.people]
    assert len(set(usernames)) == len(usernames)
    assert {"worker1", "chief1", "dispatcher1", "reviewer1", "handler1", "planner1", "admin1", "auditor1"} <= set(
        usernames
    )
    assert {person.unit for person in district.with_role("handler")} == {unit.code for unit in district.units}
    assert all(person.phone.startswith("138 0000 ") for person in district.people)


def test_the_seed_decides_everything():
    one, same, other = make_district("small", 5), make_district("small", 5), make_district("small", 6)
    assert one.grids.equals(same.grids)
    assert one.buildings.equals(same.buildings)
    assert one.people == same.people
    assert not one.grids.geometry.equals(other.grids.geometry)
    assert make_tasks(one, CATEGORIES, NOW).equals(make_tasks(same, CATEGORIES, NOW))
    assert make_tracks(one, NOW, hours=0.2).equals(make_tracks(same, NOW, hours=0.2))


def test_tasks_lie_in_the_grids_they_name(district, tasks):
    grids = district.grids.set_index("code").geometry
    for column in ("grid", "building"):
        here = gpd.GeoSeries(grids.loc[tasks[column]].to_numpy(), crs=tasks.crs)
        assert here.contains_properly(tasks.geometry).all()


def test_every_stage_and_outcome_has_tasks(tasks):
    assert set(tasks["stage"]) == set(STAGES)
    assert set(tasks["outcome"]) == {None, "resolved", "dismissed", "merged", "withdrawn"}
    assert (tasks["outcome"] == "resolved").equals(tasks["stage"] == "review")
    assert tasks.loc[tasks["stage"] == "report", "assignee"].isna().all()
    assert tasks.loc[tasks["stage"] != "report", "assignee"].notna().all()


def test_reports_are_of_the_last_weeks_and_name_people_that_exist(district, tasks):
    assert tasks["reported_at"].is_monotonic_increasing
    assert tasks["reported_at"].max() <= NOW
    assert (NOW - tasks["reported_at"].min()).days <= 42
    usernames = {person.username for person in district.people}
    assert set(tasks["reporter"].dropna()) | set(tasks["assignee"].dropna()) <= usernames
    assert tasks.loc[tasks["source"].isin(["resident", "hotline"]), "reporter"].isna().all()
    assert tasks["id"].is_unique


def test_workers_walk_in_their_own_grid(district):
    names = [person.username for person in district.with_role("worker")][:8]
    tracks = make_tracks(district, NOW, hours=1, usernames=names)
    scope = {person.username: person.scope for person in district.people}
    grids = district.grids.set_index("code").geometry
    assert set(tracks["username"]) == set(names)
    assert tracks["at"].max() == NOW
    for username, fixes in tracks.groupby("username"):
        area = grids[scope[username]].buffer(6e-5)
        assert shapely.contains_xy(area, fixes["lon"], fixes["lat"]).all()
        pauses = fixes["at"].diff().dropna().dt.total_seconds()
        assert pauses.between(15, 30).all()
        assert (fixes["speed"] < 3).all()


@pytest.mark.parametrize(
    "category", ["暴露垃圾", "道路破损", "共享单车乱象", "占道经营", "非法小广告", "行道树", "其他"]
)
def test_a_photo_shows_the_matter_before_and_not_after(category):
    before, after = draw_photo(category, 3), draw_photo(category, 3, "after")
    picture = Image.open(io.BytesIO(before))
    assert (picture.format, picture.size) == ("JPEG", (800, 600))
    assert before == draw_photo(category, 3)
    assert len({before, after, draw_photo(category, 4)}) == 3


@pytest.mark.parametrize(
    ("number", "words"), [(1, "一"), (10, "十"), (24, "二十四"), (105, "一百零五"), (110, "一百一十")]
)
def test_chinese_numerals(number, words):
    assert numeral(number) == words
