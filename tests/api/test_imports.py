"""Orders, tracks and people from files: safe to repeat, every row accounted for, tasks that follow their source."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings, strategies
from shapely.geometry import Point
from sqlalchemy import text

from geodata.errors import GeodataError
from geodata.io import read_table
from gridapp.config import read_settings
from gridapp.db import session
from gridapp.services.bulk import wire
from gridapp.services.doctor.tasks import events
from gridapp.services.field import track_import
from gridapp.services.ground import locate, locate_sets
from gridapp.services.orders import task_export, task_import
from gridapp.services.orders.order_mapping import load_mapping
from gridapp.timesource import now
from tests.support import tasking
from tests.support.command import gridapp_here
from tests.support.shared import shared
from tests.support.world import SIDE, SOUTH, WEST

MAPPING = """
origin = "hotline"
timezone = "Asia/Shanghai"
crs = "wgs84"
[columns]
number = "no"
description = ["words"]
address = ["address"]
lon = "x"
lat = "y"
opened = "opened"
closed = "closed"
status = "status"
[status]
open = ["处理中"]
closed = ["已办结"]
[category]
columns = ["kind"]
[category.codes]
"垃圾" = "06001"
"""
HEADER = ("no", "words", "address", "x", "y", "opened", "closed", "status", "kind")
INSIDE, OUTSIDE = (WEST + SIDE / 2, SOUTH + SIDE / 2), (0.0, 0.0)


def row(
    no="1",
    *,
    words="有垃圾",
    address="一号楼",
    place=INSIDE,
    opened="2026-03-01 08:00",
    closed="",
    status="处理中",
    kind="垃圾",
):
    return (no, words, address, *place, opened, closed, status, kind)


@pytest.fixture
def imported(world, app, tmp_path):
    """Imports rows of orders in the world; answers the counts."""
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    mapping = load_mapping(tmp_path / "mapping.toml")

    def run(*rows):
        with (tmp_path / "orders.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADER, *rows])
        return task_import.import_orders(read_table(tmp_path / "orders.csv"), mapping, "orders.csv")

    with app.app_context():
        yield run


def counts(result):
    return result.created, result.unchanged, result.updated, len(result.refused)


def task(number="1"):
    query = text("select t.*, g.code as grid from task t join grid g on g.id = t.grid_id where origin_number = :number")
    session.expire_all()
    return session.execute(query, {"number": number}).one()


def test_the_same_file_again_creates_nothing(imported):
    rows = row("1"), row("2", closed="2026-03-02 09:00", status="已办结")
    assert counts(imported(*rows)) == (2, 0, 0, 0)
    assert counts(imported(*rows)) == (0, 2, 0, 0)
    assert (task("1").stage, task("1").outcome, task("1").grid[-3:]) == ("report", None, "001")
    assert (task("2").stage, task("2").outcome, task("2").score_speed) == ("review", "resolved", None)
    assert task("1").reported_at.isoformat() == "2026-03-01T00:00:00+00:00"
    assert differing() == []


def test_a_task_follows_its_source(imported):
    imported(row("1"))
    assert counts(imported(row("1", words="堆了很多垃圾", place=(WEST + 2.5 * SIDE, SOUTH + SIDE / 2)))) == (0, 0, 1, 0)
    assert (task().description, task().grid[-6:], task().version) == ("堆了很多垃圾", "002001", 2)
    assert counts(imported(row("1", closed="2026-03-02 09:00", status="已办结"))) == (0, 0, 1, 0)
    assert (task().stage, task().outcome) == ("review", "resolved")
    assert counts(imported(row("1"))) == (0, 0, 1, 0)
    assert (task().stage, task().outcome, task().closed_at) == ("report", None, None)
    assert differing() == []


def test_what_was_done_here_is_kept_but_what_the_source_closed_is_resolved(imported, world):
    imported(row("1"))
    tasking.act(world, "dispatcher_a", task().id, "assign")
    imported(row("1", words="别的话"))
    assert (task().stage, task().description) == ("assign", "有垃圾")
    imported(row("1", words="别的话", closed="2026-03-02 09:00", status="已办结"))
    assert (task().stage, task().outcome, task().assignee_post_id) == (
        "review",
        "resolved",
        world.people["worker_a"].post,
    )
    assert differing() == []


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (row(""), "no_number"),
        (row(opened=""), "no_time"),
        (row(opened="never"), "bad_time"),
        (row(opened="0001-01-01 00:00"), "bad_time"),
        (row(opened="2999-01-01 00:00"), "in_the_future"),
        (row(closed="soon", status="已办结"), "bad_time"),
        (row(closed="2999-01-01 00:00", status="已办结"), "in_the_future"),
        (row(closed="1999-01-01 00:00", status="已办结"), "closed_before_opened"),
        (row(status="?"), "unknown_status"),
        (row(kind="dead"), "unknown_category"),
        (row(address="", place=OUTSIDE), "no_place"),
        (row(address="", place=("", "")), "no_place"),
        (row(address="", place=("x", "999")), "no_place"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_a_reason_and_the_others_are_filed(imported, order, code):
    result = imported(row("good"), order)
    assert [(one.row, one.code) for one in result.refused] == [(3, code)]
    assert all(one.en and one.zh for one in result.refused)
    assert (result.rows, counts(result)) == (2, (1, 0, 0, 1))


def test_a_number_that_comes_twice_is_refused_the_second_time(imported):
    result = imported(row("1"), row("1", words="again"))
    assert [(one.row, one.code) for one in result.refused] == [(3, "twice")]


@pytest.mark.parametrize("place", [OUTSIDE, ("", ""), ("999", "999"), ("nan", "nan")])
def test_without_a_point_the_address_waits_in_the_queue_of_the_topmost_area(imported, world, place):
    result = imported(row("1", place=place))
    assert (result.created, result.located, result.unlocated) == (1, 0, 1)
    assert (task().located, task().grid, task().geom) == (False, world.areas["district"].code, None)


def test_outside_every_grid_the_nearest_one_is_a_hint(imported, world):
    imported(row("1", place=(WEST - SIDE, SOUTH + SIDE / 2)))
    assert (task().located, task().grid) == (False, world.areas["district"].code)
    assert task().nearest_grid_id == world.areas["a1x"].id
    assert task().nearest_m == pytest.approx(SIDE * 111_320 * 0.877, rel=0.01)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(strategies.lists(strategies.tuples(strategies.integers(-2, 10), strategies.integers(-2, 6)), min_size=1))
def test_a_set_of_points_lands_where_each_one_alone_would(app, world, places):
    """Corners and edges of the drawing among them: half units are edges of building grids or lie inside."""
    at = now()
    with app.app_context(), wire() as connection:
        points = [Point(WEST + SIDE * x / 2, SOUTH + SIDE * y / 2) for x, y in places]
        values = ", ".join(f"({n}, ST_GeomFromText('{p.wkt}', 4326), now())" for n, p in enumerate(points))
        root = locate_sets.first_root(connection) or 0
        rows = f"select * from (values {values}) v (row, geom, opened)"
        locate_sets.place(connection, rows, at, root)
        found = dict(connection.execute("select row, boundary_id from placed").fetchall())
        alone = f"select {locate.leaf_sql('%(p)s::geometry', '%(at)s')}"
        for n, point in enumerate(points):
            place = {"p": f"SRID=4326;{point.wkt}", "at": at}
            assert connection.execute(alone.encode(), place).fetchone() == (found[n],)


def test_exports_mask_people_and_defuse_formulas(imported, tmp_path, world):
    imported(row("1", words="=1+1 请打13812345678"), row("2", words="@cmd"))
    for name in ("t.csv", "t.xlsx", "t.parquet", "t.gpkg"):
        assert task_export.export(tmp_path / name, None, None, world.areas["a"].code) == 2
    told = (tmp_path / "t.csv").read_text(encoding="utf-8-sig")
    assert "'=1+1 请打138****5678" in told
    assert "'@cmd" in told
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    assert sheet is not None
    assert "f" not in {cell.data_type for cells in sheet.iter_rows() for cell in cells}
    assert pq.read_table(tmp_path / "t.parquet").num_rows == 2
    assert task_export.export(tmp_path / "none.csv", None, None, world.areas["b"].code) == 0


def test_a_mapping_that_names_what_is_not_there(empty_app, tmp_path):
    (tmp_path / "o.csv").write_text("no\n1\n", encoding="utf-8")
    for content, said in (("origin = 1", "columns"), ("]", "TOML"), (MAPPING, "there is no column address")):
        (tmp_path / "m.toml").write_text(content, encoding="utf-8")
        ran = gridapp_here(empty_app, "tasks", "import", tmp_path / "o.csv", "--mapping", tmp_path / "m.toml")
        assert ran.status == 2
        assert said in ran.err
        assert "Traceback" not in ran.err


def differing() -> list[str]:
    session.flush()
    return [trouble.en for trouble in events(read_settings())]


READ = {"cerknicko-jezero.gpx": 296, "korita-zbevnica.gpx": 513, "around-visnjan-with-car.gpx": 104}


def test_tracks_of_real_devices_are_read_or_refused(live_app):
    for file in sorted(shared("gps", "gpx").glob("*.gpx")):
        with live_app.app_context():
            outcome = stored_of(file)
            session.rollback()
        assert outcome is None or outcome > 0
        if file.name in READ:
            assert outcome == READ[file.name]


def stored_of(file: Path) -> int | None:
    """Points stored, None where the file is refused by a typed error that names it."""
    try:
        return track_import.import_tracks([file], "worker_a").stored
    except GeodataError as error:
        assert file.name in error.message_en
        return None
