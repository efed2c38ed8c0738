"""The rows: what is measured, at which numbers of connections, against which floor."""

from __future__ import annotations

import concurrent.futures
import http.client
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg

from bench import load, matters, sql
from bench.stage import Stage, serving

CONNECTIONS = (1, 8, 32)
POINTS_A_BATCH = 100
ABORTED = 200


RAW, ALONE = "raw Flask", "its SQL alone"


@dataclass(frozen=True)
class Row:
    """One line of the table; ``against`` has the rate as a ratio to that of each named floor in the same run."""

    what: str
    connections: int
    rate: float
    unit: str
    p50_ms: float
    p99_ms: float
    bad: int = 0
    against: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For the JSON file."""
        return asdict(self)


def measure(made: Stage, *, seconds: int, rounds: int) -> Iterator[Row]:
    """All rows; the floors first, so that each ratio is of this run."""
    floors: dict[str, dict[int, dict[str, float]]] = {"report": {}, "lookup": {}}
    with serving(made, "bench.floor") as address:
        for count in CONNECTIONS:
            figure = load.run(made, address, "report.lua", count, seconds=seconds, rounds=rounds)
            for floor in floors.values():
                floor[count] = {RAW: figure.rate}
            yield _row("raw Flask, one INSERT", count, figure)
    for count in CONNECTIONS:
        figure = sql.run(made, sql.reports, count, seconds=seconds, rounds=rounds)
        floors["report"][count][ALONE] = figure.rate
        yield _row("the report's SQL by psycopg alone", count, figure, unit="reports/s")
    for count in CONNECTIONS:
        figure = sql.run(made, sql.lookups, count, seconds=seconds, rounds=rounds)
        floors["lookup"][count][ALONE] = figure.rate
        yield _row("the look-up's SQL by psycopg alone", count, figure, unit="look-ups/s")
    with serving(made) as address:
        for count in CONNECTIONS:
            figure = load.run(made, address, "report.lua", count, seconds=seconds, rounds=rounds)
            yield _row("PUT /reports", count, figure, floors["report"][count])
        for count in CONNECTIONS:
            figure = load.run(made, address, "locate.lua", count, seconds=seconds, rounds=rounds)
            yield _row("GET /locate", count, figure, floors["lookup"][count])
        for count in CONNECTIONS:
            figure = load.run(made, address, "positions.lua", count, seconds=seconds, rounds=rounds)
            rate = figure.rate * POINTS_A_BATCH
            yield Row(
                "POST /positions, 100 a batch", count, rate, "positions/s", figure.p50_ms, figure.p99_ms, figure.bad
            )
        yield from _aborted(made, address, seconds=seconds, rounds=rounds)
    matters.fill(made)
    yield from similar(made, seconds=seconds, rounds=rounds)


def similar(made: Stage, *, seconds: int, rounds: int) -> Iterator[Row]:
    """The look-up of the same matter among many open tasks, against its bare statement."""
    bare = {}
    with serving(made, "bench.floor") as address:
        for count in CONNECTIONS[:2]:
            figure = load.run(made, address, "similar.lua", count, seconds=seconds, rounds=rounds)
            bare[count] = {RAW: figure.rate}
            yield _row(f"raw Flask, one look-up among {matters.OPEN:,} open tasks", count, figure)
    with serving(made) as address:
        for count in CONNECTIONS[:2]:
            figure = load.run(made, address, "similar.lua", count, seconds=seconds, rounds=rounds)
            yield _row(f"GET /reports/similar among {matters.OPEN:,} open tasks", count, figure, bare[count])


def _row(
    what: str, count: int, figure: load.Figure, floors: dict[str, float] | None = None, *, unit: str = "requests/s"
) -> Row:
    against = {name: figure.rate / rate for name, rate in (floors or {}).items()}
    return Row(what, count, figure.rate, unit, figure.p50_ms, figure.p99_ms, figure.bad, against)


def _aborted(made: Stage, address: str, *, seconds: int, rounds: int) -> Iterator[Row]:
    """The same load before and after 200 uploads that break off in the middle; and no transaction left open."""
    before = load.run(made, address, "report.lua", 8, seconds=seconds, rounds=rounds)
    host = address.removeprefix("http://")
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: _break_off(host, made.tokens[0]), range(ABORTED)))
    with psycopg.connect(made.dsn, autocommit=True) as connection:
        counted = connection.execute("select count(*) from pg_stat_activity where state like 'idle in transaction%'")
        left = (counted.fetchone() or (0,))[0]
    after = load.run(made, address, "report.lua", 8, seconds=seconds, rounds=rounds)
    yield _row(f"PUT /reports after {ABORTED} broken uploads", 8, after, {"before them": before.rate})
    yield Row("transactions left open by them", 8, float(left), "transactions", 0, 0)


def _break_off(host: str, token: str) -> None:
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.putrequest("PUT", f"/api/v1/photos/{uuid.uuid4().hex * 2}")
    connection.putheader("Authorization", f"Bearer {token}")
    connection.putheader("Content-Type", "image/jpeg")
    connection.putheader("Content-Length", "1000000")
    connection.endheaders()
    connection.send(b"\xff\xd8\xff" + b"\0" * 100_000)
    connection.close()


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    head = ["| what | connections | rate | p50 | p99 | against |", "| --- | --- | --- | --- | --- | --- |"]
    return "\n".join(head + [_line(row) for row in rows])


def _line(row: Row) -> str:
    against = ", ".join(f"{ratio:.2f} x {floor}" for floor, ratio in row.against.items())
    bad = f" ({row.bad} failed)" if row.bad else ""
    return (
        f"| {row.what} | {row.connections} | {row.rate:,.0f} {row.unit}{bad} | {row.p50_ms:.1f} ms "
        f"| {row.p99_ms:.1f} ms | {against} |"
    )
