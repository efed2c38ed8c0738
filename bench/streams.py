"""Thousands of open streams of the production server: how soon all of them hear of one report, and what they weigh."""

from __future__ import annotations

import asyncio
import json
import resource
import secrets
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import psycopg

from bench.calls import Caller, report_body
from bench.lines import Line, rounds_ms
from bench.processes import family
from bench.stage import HEIGHT, SOUTH, WEST, WIDTH, Stage, running
from gridapp.doors import COOKIE
from gridapp.services.auth import hash_secret

STREAMS, ROUNDS = 2_000, 5
AT_ONCE = 32
"""Streams that are being opened at one moment."""
SPARE_FILES = 200
PATIENCE_S = 120
AIM = "2 s"

SIGN_IN = """
with p as (
  insert into person (id, username, name, role, scope_grid_id, password_hash, created_at)
  select gen_random_uuid(), 'screen' || nth, 's', 'dispatcher', g.id, '-', now()
  from grid g, generate_series(1, %(count)s) nth where g.level = 'district'
  on conflict (username) do update set name = excluded.name returning id, username)
insert into token (id, person_id, secret_hash, kind, device, created_at, last_used_at)
select gen_random_uuid(), p.id, s.hash, 'browser', 'bench', now(), now()
from p join unnest(%(hashes)s::bytea[]) with ordinality s (hash, nth) on p.username = 'screen' || s.nth
"""


@dataclass
class Screens:
    """Open streams, and when each heard of which report.

    Attributes:
        address: of the server, ``http://host:port``.
        greeted: how many were told ``hello``.
        heard: by the report's id, the time at which each stream was first told of it (``time.monotonic``).
    """

    address: str
    greeted: int = 0
    heard: dict[str, dict[str, float]] = field(default_factory=dict)
    _opening: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def open(self, secret: str) -> None:
        """Listen as a page does, until it is cancelled.

        Raises:
            ConnectionError: the stream was refused, or ended.
        """
        parts = urlsplit(self.address)
        async with self._opening:
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            # A client of HTTP 1.0 gets the events as they are, not in chunks.
            head = f"GET /live?since= HTTP/1.0\r\nHost: {parts.netloc}\r\nCookie: {COOKIE}={secret}\r\n\r\n"
            writer.write(head.encode())
            await self._until_hello(reader)
        while line := await reader.readline():
            if line.startswith(b"data: ["):
                at = time.monotonic()
                for told in json.loads(line[len(b"data: ") :]):
                    if told["id"] in self.heard:
                        self.heard[told["id"]].setdefault(secret, at)
        raise ConnectionError("a stream ended")

    async def _until_hello(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            if line == b"event: hello\n":
                self.greeted += 1
                return
        raise ConnectionError("a stream was refused")


def measure(made: Stage) -> Iterator[Line]:
    """First and last stream that hear of a report, counted from its sending; memory of the process that holds them."""
    with running(made) as (address, pid):
        before = _holder_kb(pid)
        secrets_of = _sign_in(made)
        yield from asyncio.run(_listened(made, address, secrets_of, pid, before))


def _sign_in(made: Stage) -> list[str]:
    """Sessions of so many dispatchers, a browser each."""
    _allow_files(STREAMS + SPARE_FILES)
    made_up = [secrets.token_urlsafe(32) for _ in range(STREAMS)]
    with psycopg.connect(made.dsn, autocommit=True) as connection:
        connection.execute(SIGN_IN, {"count": STREAMS, "hashes": [hash_secret(one) for one in made_up]})
    return made_up


def _allow_files(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise SystemExit(f"{count} open files are needed, and the system allows {hard}: raise `ulimit -Hn`")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))


async def _listened(made: Stage, address: str, made_up: list[str], pid: int, before: int) -> list[Line]:
    screens = Screens(address)
    begun = time.monotonic()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(screens.open(one)) for one in made_up]
        await _until(lambda: screens.greeted == STREAMS)
        opened = time.monotonic() - begun
        rounds = [await _told(screens, made.tokens[0]) for _ in range(ROUNDS)]
        after = _holder_kb(pid)
        for task in tasks:
            task.cancel()
    each = (after - before) / STREAMS
    first, last = zip(*rounds, strict=True)
    what = f"{STREAMS:,} open streams, a report elsewhere:"
    weight = f"{after / 1024:,.0f} MB, {each:.0f} KB a stream; all were open after {opened:.1f} s"
    return [
        rounds_ms(f"{what} the first stream hears of it", first),
        rounds_ms(f"{what} the last stream hears of it", last, AIM),
        Line(
            f"memory of the process that holds {STREAMS:,} streams",
            weight,
            figures={"memory_kb": after, "a_stream_kb": each, "opened_s": opened},
        ),
    ]


async def _until(done: Callable[[], bool]) -> None:
    """Wait until something is so.

    Raises:
        SystemExit: it does not come about.
    """
    until = time.monotonic() + PATIENCE_S
    while not done():
        if time.monotonic() > until:
            raise SystemExit(f"not all of {STREAMS:,} streams were served")
        await asyncio.sleep(0.01)


async def _told(screens: Screens, token: str) -> tuple[float, float]:
    """Milliseconds from the sending of a report until the first and the last stream heard of it."""
    task_id = str(uuid.uuid4())
    screens.heard[task_id] = {}
    begun = time.monotonic()
    report = report_body(WEST + WIDTH / 3, SOUTH + HEIGHT / 3)
    await asyncio.to_thread(Caller(screens.address, token).call, "PUT", f"/reports/{task_id}", report)
    await _until(lambda: len(screens.heard[task_id]) == STREAMS)
    times = [(at - begun) * 1e3 for at in screens.heard[task_id].values()]
    return min(times), max(times)


def _holder_kb(pid: int) -> int:
    """Resident memory of the largest of the processes that hold streams."""
    return max(one.memory_kb for one in family(pid).values() if "gunicorn" in one.command)
