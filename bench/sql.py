"""The floor under the floor: the report's own statement by psycopg alone, no HTTP, no guard."""

from __future__ import annotations

import random
import threading
import time
import uuid
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from bench.stage import HEIGHT, SOUTH, WEST, WIDTH, Stage
from gridapp.db import HOT_OPTIONS
from gridapp.services.reporting import filing
from gridapp.timesource import now


def reports_values(edition: str, person: uuid.UUID, scope: int) -> dict[str, Any]:
    """Values of one report at a random place."""
    lon, lat = WEST + random.random() * WIDTH * 0.99, SOUTH + random.random() * HEIGHT * 0.99  # noqa: S311
    task_id, at = uuid.uuid4(), now()
    return {
        "id": task_id,
        "event": uuid.uuid4(),
        "action": "report",
        "stage": "report",
        "edition": edition,
        "category": "06010",
        "condition_code": None,
        "task_class": None,
        "description": "路口有暴露垃圾，影响通行",
        "severity": None,
        "fields": Jsonb({}),
        "lon": lon,
        "lat": lat,
        "raw_x": lon,
        "raw_y": lat,
        "raw_crs": "wgs84",
        "accuracy": 8.5,
        "mock": False,
        "address": None,
        "scope_grid": scope,
        "scope_ids": [scope],
        "reporter": person,
        "role": "worker",
        "source": "worker",
        "duplicate_of": None,
        "self_handled": False,
        "post": None,
        "handler": None,
        "handlers": [],
        "handled_at": None,
        "note": None,
        "reported_at": at,
        "at": at,
        "photos": ["ab" * 32],
        "phases": ["before"],
        "hash": b"0" * 32,
        "facts": None,
        "own_grids": None,
        "far_m": 0,
    }


def reports_loop(made: Stage, until: float, times: list[float]) -> None:
    """File reports over one connection until a time."""
    with psycopg.connect(made.dsn, autocommit=True, options=HOT_OPTIONS) as connection:
        row = connection.execute("select id, scope_grid_id from person where username = 'bench0'").fetchone()
        edition = connection.execute("select version from catalogue_edition").fetchone()
        if row is None or edition is None:
            raise SystemExit("the stage is not set")
        while time.monotonic() < until:
            values = reports_values(edition[0], row[0], row[1])
            begun = time.perf_counter()
            filing.file_row(connection, values)
            times.append(time.perf_counter() - begun)


def reports_rate(made: Stage, connections: int, *, seconds: int) -> tuple[float, list[float]]:
    """Reports a second over so many connections, and the time of each."""
    times: list[float] = []
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=reports_loop, args=(made, until, times)) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(times) / seconds, times
