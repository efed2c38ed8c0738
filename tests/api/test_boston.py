"""A real city: Boston's wards and precincts, and half a year of its service requests, through the same code."""

from __future__ import annotations

import http.client
import json
import threading
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import text
from werkzeug.serving import make_server

from gridapp.access import SYSTEM
from gridapp.db import session
from gridapp.models import Role
from gridapp.services.staff import people
from tests.support.command import gridapp
from tests.support.shared import SHARED, shared

TASKS = SHARED / "tasks"
ORDERS = TASKS / "boston_311_2011H2.parquet"


@pytest.fixture(autouse=True)
def orders_are_there():
    shared("tasks", ORDERS.name)


CITY_HALL = (42.3594, -71.0587)
SINCE = ("--from", "2011-01-01")
FAULTS_OF_WARDS = "edge_mismatch,gap,multipart,overlap,self_intersection,sliver"
FAULTS_OF_PRECINCTS = f"{FAULTS_OF_WARDS},not_covered,outside_parent,spike"
HARBOUR_ISLANDS = "0115"
"""The one precinct that lies in no ward of the file."""
PASSWORD = "Faneuil-Hall-1742"
PHOTO = "ab" * 32
SENDERS = 8


def test_half_a_year_of_a_city(empty_app: Flask):
    import_boundaries(empty_app)
    first = gridapp(empty_app, "tasks", "import", ORDERS, "--mapping", "boston_311.toml", "--json")
    assert first.status == (1 if first.document["refused"] else 0), first.err
    check_sums(first.document, created=58_251 - len(first.document["refused"]))
    again = gridapp(empty_app, "tasks", "import", ORDERS, "--mapping", "boston_311.toml", "--json")
    check_sums(again.document, created=0)
    assert again.document["updated"] == 0
    assert share_in_labelled_precinct(empty_app) >= 0.95
    check_doctor(empty_app)
    check_same_grids_over_http(empty_app)


def import_boundaries(app: Flask) -> None:
    wards = ("grids", "import", TASKS / "boston_wards.geojson", "--level", "community", "--code", "WARD", *SINCE)
    stopped = gridapp(app, *wards, "--json")
    assert stopped.status == 1
    assert not stopped.document["stored"]
    assert {finding["kind"] for finding in stopped.document["findings"]} <= set(FAULTS_OF_WARDS.split(","))
    stored = gridapp(app, *wards, "--accept", FAULTS_OF_WARDS, "--json").document
    assert (stored["created"], len(stored["mended"])) == (22, 3)
    precincts = TASKS / "boston_precincts_4326_with_households.parquet"
    named = ("--level", "group", "--code", "WARD_PRECINCT", "--households", "households")
    stored = gridapp(app, "grids", "import", precincts, *named, *SINCE, "--accept", FAULTS_OF_PRECINCTS, "--json")
    assert stored.status == 1, stored.err
    assert (stored.document["stored"], stored.document["created"]) == (True, 255)
    with app.app_context():
        roots = session.scalars(text("select code from grid where level = 'group' and parent_id is null")).all()
    assert roots == [HARBOUR_ISLANDS]


def check_sums(result: dict[str, object], *, created: int) -> None:
    assert result["rows"] == 58_251
    assert result["created"] == created
    kept = sum(int(str(result[name])) for name in ("created", "unchanged", "updated"))
    refused = result["refused"]
    assert isinstance(refused, list)
    assert all(row["reason"] for row in refused)
    assert kept + len(refused) == 58_251
    assert int(str(result["located"])) + int(str(result["unlocated"])) == kept


def share_in_labelled_precinct(app: Flask) -> float:
    """Of the rows that do not sit on the default point, blank labels counted as misses."""
    rows = pq.read_table(ORDERS, columns=["case_enquiry_id", "precinct", "latitude", "longitude"]).to_pylist()
    placed = grids_by_number(app)
    real = [row for row in rows if (row["latitude"], row["longitude"]) != CITY_HALL]
    hits = sum(placed[str(row["case_enquiry_id"])] == row["precinct"] for row in real)
    return float(hits / len(real))


def grids_by_number(app: Flask) -> dict[str, str | None]:
    """Code of the grid that holds each order's place; None outside all of them."""
    query = "select t.origin_number, case when t.located then g.code end from task t join grid g on g.id = t.grid_id"
    with app.app_context():
        return dict(session.execute(text(f"{query} where t.origin = 'boston-311'")).all())


def check_doctor(app: Flask) -> None:
    """Imported tasks are what their events add up to; what is wrong with the city's boundaries stays known."""
    seen = gridapp(app, "doctor", "--json")
    assert [finding for finding in seen.document["findings"] if finding["check"] == "tasks"] == []


def check_same_grids_over_http(app: Flask) -> None:
    sample = pq.read_table(ORDERS, columns=["case_enquiry_id", "longitude", "latitude", "open_dt"]).to_pylist()
    numbers = {line.split(",", 1)[0] for line in sample_lines()}
    chosen = {str(row["case_enquiry_id"]): row for row in sample if str(row["case_enquiry_id"]) in numbers}
    assert len(chosen) == 5_000
    with served(app) as port:
        token = token_of_a_dispatcher(app, port)
        filed = put_all(port, token, list(chosen.values()))
    imported = grids_by_number(app)
    by_id = {uuid.uuid5(uuid.NAMESPACE_OID, number): number for number in chosen}
    assert {by_id[key]: grid for key, grid in filed.items()} == {number: imported[number] for number in chosen}
    assert stored_grids(app, by_id) == filed


def sample_lines() -> list[str]:
    return (TASKS / "boston_311_sample5k.csv").read_text(encoding="utf-8").splitlines()[1:]


def stored_grids(app: Flask, ids: dict[uuid.UUID, str]) -> dict[uuid.UUID, str | None]:
    query = "select t.id, case when t.located then g.code end from task t join grid g on g.id = t.grid_id"
    with app.app_context():
        rows = session.execute(text(f"{query} where t.id = any(:ids)"), {"ids": list(ids)})
        return dict(rows.all())


@contextmanager
def served(app: Flask) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def token_of_a_dispatcher(app: Flask, port: int) -> str:
    with app.app_context():
        draft = people.PersonDraft(username="hotline", name="Hotline", role=Role.DISPATCHER, scope="1")
        people.add_person(SYSTEM, draft, SecretStr(PASSWORD))
        session.commit()
    body = {"username": "hotline", "password": PASSWORD, "device": "test"}
    status, answer = call(port, "POST", "/api/v1/auth/token", body)
    assert status == 200
    return str(answer["token"])


def put_all(port: int, token: str, rows: list[dict[str, object]]) -> dict[uuid.UUID, str | None]:
    """File each order as a report; answers the code of its grid as the phone is told it."""

    def put(row: dict[str, object]) -> tuple[uuid.UUID, str | None]:
        key = uuid.uuid5(uuid.NAMESPACE_OID, str(row["case_enquiry_id"]))
        report = {
            "category": "10999",
            "description": str(row["case_enquiry_id"]),
            "location": {"lon": row["longitude"], "lat": row["latitude"]},
            "reported_at": f"{row['open_dt']:%Y-%m-%dT%H:%M:%S}-04:00",
            "photos": [PHOTO],
        }
        status, task = call(port, "PUT", f"/api/v1/reports/{key}", report, token)
        assert status == 201, task
        return key, task["grid"]["code"] if task["located"] else None

    with ThreadPoolExecutor(SENDERS) as senders:
        return dict(senders.map(put, rows))


def call(port: int, method: str, path: str, body: Mapping[str, object], token: str | None = None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    connection.request(method, path, json.dumps(body), headers)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, json.loads(content)


def test_the_same_place_in_feet_without_a_word_about_it(empty_app: Flask, tmp_path: Path):
    raw = TASKS / "boston_precincts_RAW_wrongcrs_epsg2249_labelled_none.geojson"
    refused = gridapp(empty_app, "grids", "import", raw, "--level", "group", "--code", "WARD_PRECINCT", "--json")
    assert refused.status == 2
    assert raw.name in refused.err
    assert "--crs" in refused.err
    assert "Traceback" not in refused.err
