"""What is measured against: an instance with 100,000 grids, people with tokens, servers on a free port."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import flask_migrate
import psycopg

from gridapp.app import create_app
from gridapp.catalogue import load_catalogue
from gridapp.cluster import Cluster
from gridapp.config import read_settings
from gridapp.db import session
from gridapp.services.auth import hash_secret
from gridapp.services.editions import publishing

WEST, SOUTH, WIDTH, HEIGHT = 104.4, 28.6, 0.4, 0.25
COLUMNS, ROWS = 400, 250
DEVICES = 64

GRIDS = """
with cell as (
  select x, y, x / 80 as cx, y / 50 as cy, x / 4 as gx, y / 5 as gy
  from generate_series(0, %(columns)s - 1) x, generate_series(0, %(rows)s - 1) y),
named as (
  select 'district' as level, '511502' as code, null as parent, 0 as x0, 0 as y0, %(columns)s as x1, %(rows)s as y1
  union all select distinct 'community', format('511502001%%s', lpad((cx * 5 + cy + 1)::text, 3, '0')), '511502',
    cx * 80, cy * 50, cx * 80 + 80, cy * 50 + 50 from cell
  union all select distinct 'group', format('511502001%%s%%s', lpad((cx * 5 + cy + 1)::text, 3, '0'),
      lpad((gx %% 20 * 10 + gy %% 10 + 1)::text, 3, '0')),
    format('511502001%%s', lpad((cx * 5 + cy + 1)::text, 3, '0')), gx * 4, gy * 5, gx * 4 + 4, gy * 5 + 5 from cell
  union all select 'building', format('511502001%%s%%s%%s', lpad((cx * 5 + cy + 1)::text, 3, '0'),
      lpad((gx %% 20 * 10 + gy %% 10 + 1)::text, 3, '0'), lpad((x %% 4 * 5 + y %% 5 + 1)::text, 3, '0')),
    format('511502001%%s%%s', lpad((cx * 5 + cy + 1)::text, 3, '0'),
      lpad((gx %% 20 * 10 + gy %% 10 + 1)::text, 3, '0')), x, y, x + 1, y + 1 from cell)
select level, code, parent, ST_Multi(ST_Segmentize(ST_MakeEnvelope(
  %(west)s + x0 * %(dx)s, %(south)s + y0 * %(dy)s, %(west)s + x1 * %(dx)s, %(south)s + y1 * %(dy)s, 4326), %(dx)s / 11))
  as geom into temp drawn from named
"""

LOAD = """
insert into grid (code, name, level, created_at) select code, code, level, '2025-01-01Z' from drawn
order by array_position(array['district', 'community', 'group', 'building'], level), code;
update grid g set parent_id = p.id from drawn d join grid p on p.code = d.parent where g.code = d.code;
update grid g set path = t.path from (
  with recursive t as (
    select id, array[id] as path from grid where parent_id is null
    union all select g.id, t.path || g.id from grid g join t on g.parent_id = t.id) select * from t) t
where t.id = g.id;
insert into boundary (grid_id, code, level, geom, during, area_m2)
select g.id, g.code, g.level, d.geom, tstzrange('2025-01-01Z', null), 1 from grid g join drawn d using (code);
create table bare (id uuid primary key, category text, description text, geom geometry(Point, 4326),
  reported_at timestamptz, received_at timestamptz);
create index on bare using gist (geom);
"""


@dataclass
class Stage:
    """Where everything is.

    Attributes:
        instance: folder of the instance.
        dsn: the database.
        tokens: secrets of signed-in workers on duty, one a device.
        environment: of the servers.
    """

    instance: Path
    dsn: str
    tokens: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)


@contextlib.contextmanager
def founded(instance: Path) -> Iterator[Stage]:
    """An instance with tables and a catalogue, and nothing else; its cluster is stopped at the end.

    Rate limits are raised: devices are few.
    """
    settings = read_settings(instance=instance)
    cluster = Cluster(instance)
    cluster.ensure()
    try:
        cluster.create_database("gridapp")
        app = create_app(settings, url=cluster.url())
        with app.app_context():
            flask_migrate.upgrade()
            publishing.publish(load_catalogue())
            session.commit()
            session.remove()
        environment = {
            **os.environ,
            "GRIDAPP_INSTANCE": str(instance),
            "GRIDAPP_RATE_PER_MINUTE": "100000000",
            "GRIDAPP_RATE_PER_SECOND": "10000000",
            "BENCH_DSN": cluster.dsn(),
        }
        yield Stage(instance, cluster.dsn(), environment=environment)
    finally:
        cluster.stop()


@contextlib.contextmanager
def stage(instance: Path) -> Iterator[Stage]:
    """An instance filled for measuring."""
    with founded(instance) as made:
        with psycopg.connect(made.dsn, autocommit=True) as connection:
            if connection.execute("select count(*) from grid").fetchone() == (0,):
                fill(connection)
            made.tokens = sign_in(connection)
        yield made


def fill(connection: psycopg.Connection[Any]) -> None:
    """100,000 building grids of 45 vertices in 5,000 groups and 25 communities; one statement drawn per step."""
    values = {
        "columns": COLUMNS,
        "rows": ROWS,
        "west": WEST,
        "south": SOUTH,
        "dx": WIDTH / COLUMNS,
        "dy": HEIGHT / ROWS,
    }
    connection.execute("set statement_timeout = 0")
    connection.execute(psycopg.sql.SQL(GRIDS), values)
    connection.execute(LOAD)
    connection.execute("vacuum analyze")


def sign_in(connection: psycopg.Connection[Any]) -> list[str]:
    """Sign in workers, on duty since yesterday; their scope is the district, since places come from all of it."""
    tokens = []
    grid = (connection.execute("select id from grid where level = 'district'").fetchone() or (None,))[0]
    for number in range(DEVICES):
        secret = secrets.token_urlsafe(32)
        connection.execute(
            "with p as (insert into person (id, username, name, role, scope_grid_id, password_hash, created_at) "
            "values (gen_random_uuid(), %s, 'w', 'worker', %s, '-', now()) "
            "on conflict (username) do update set scope_grid_id = excluded.scope_grid_id returning id), "
            "s as (insert into shift (id, person_id, during) select gen_random_uuid(), id, "
            "tstzrange(now() - interval '1 day', null) from p on conflict do nothing) "
            "insert into token (id, person_id, secret_hash, kind, device, created_at, last_used_at) "
            "select gen_random_uuid(), id, %s, 'device', 'bench', now(), now() from p",
            (f"bench{number}", grid, hash_secret(secret)),
        )
        tokens.append(secret)
    return tokens


def free_port() -> int:
    """A port nobody uses now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@contextlib.contextmanager
def serving(made: Stage, module: str = "gridapp.server.wsgi") -> Iterator[str]:
    """The production server with an application of one's own choice; answers its address."""
    with running(made, module) as (address, _):
        yield address


@contextlib.contextmanager
def running(made: Stage, module: str = "gridapp.server.wsgi") -> Iterator[tuple[str, int]]:
    """The same; answers its address and the id of its first process."""
    port = free_port()
    command = [sys.executable, "-m", "bench.serve", module, str(port)]
    with subprocess.Popen(command, env=made.environment, stderr=subprocess.DEVNULL) as server:
        address = f"http://127.0.0.1:{port}"
        try:
            wait_for(address, server)
            yield address, server.pid
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers, whatever it answers."""
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(OSError):
            try:
                urllib.request.urlopen(f"{address}/api/v1/openapi.json", timeout=5).close()  # noqa: S310  # our own
            except urllib.error.HTTPError:
                return
            return
        time.sleep(0.1)
    raise SystemExit("the server does not start; see its log by running it by hand")
