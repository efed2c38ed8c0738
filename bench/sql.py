"""The floor under the floor: a report's and a look-up's own statement by psycopg alone, no HTTP, no guard.

Each connection has a process of its own, so that no client waits for another one's Python.
"""

from __future__ import annotations

import multiprocessing
import random
import statistics
import time
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from bench.load import Figure
from bench.stage import HEIGHT, SOUTH, WEST, WIDTH, Stage
from gridapp.db import HOT_OPTIONS
from gridapp.services.ground import locate
from gridapp.services.reporting import filing
from gridapp.timesource import now

Connection = psycopg.Connection[Any]
READY_S = 2.0
"""From the start of the processes until all of them are connected and have their statement prepared."""


def place() -> tuple[float, float]:
    """A random place inside the district."""
    return WEST + random.random() * WIDTH * 0.99, SOUTH + random.random() * HEIGHT * 0.99  # noqa: S311


def report_values(edition: str, person: uuid.UUID, scope: int) -> dict[str, Any]:
    """Values of one report at a random place."""
    lon, lat = place()
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


def reports(connection: Connection) -> Callable[[], object]:
    """Files one report with each call."""
    row = connection.execute("select id, scope_grid_id from person where username = 'bench0'").fetchone()
    edition = connection.execute("select version from catalogue_edition").fetchone()
    if row is None or edition is None:
        raise SystemExit("the stage is not set")
    return lambda: filing.file_row(connection, report_values(edition[0], *row))


def lookups(connection: Connection) -> Callable[[], object]:
    """Looks one place up with each call, for somebody of the whole district."""
    (scope,) = connection.execute("select id from grid where level = 'district'").fetchone() or (0,)

    def look_up() -> object:
        return locate.LOCATE.row(connection, {**locate.values_of(*place(), 0.0, None), "scope_ids": [scope]})

    return look_up


def _loop(dsn: str, what: Callable[[Connection], Callable[[], object]], begin: float, seconds: int) -> list[float]:
    """The time of each call over one connection, one after the other until the time is up."""
    random.seed()
    times: list[float] = []
    with psycopg.connect(dsn, autocommit=True, options=HOT_OPTIONS) as connection:
        call = what(connection)
        call()
        time.sleep(max(0.0, begin - time.monotonic()))
        while (begun := time.monotonic()) < begin + seconds:
            call()
            times.append(time.monotonic() - begun)
    return times


def run(
    made: Stage, what: Callable[[Connection], Callable[[], object]], connections: int, *, seconds: int, rounds: int
) -> Figure:
    """Medians over the rounds of ``reports`` or ``lookups`` over so many connections."""
    found = []
    for _ in range(rounds):
        with multiprocessing.get_context("fork").Pool(connections) as pool:
            task = (made.dsn, what, time.monotonic() + READY_S, seconds)
            found.append([one for times in pool.starmap(_loop, [task] * connections, chunksize=1) for one in times])
    cuts = [statistics.quantiles(times, n=100) for times in found]
    return Figure(
        rate=statistics.median(len(times) / seconds for times in found),
        p50_ms=statistics.median(cut[49] for cut in cuts) * 1e3,
        p99_ms=statistics.median(cut[98] for cut in cuts) * 1e3,
        bad=0,
    )
