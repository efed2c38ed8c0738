"""The floors, raw Flask in autocommit without a guard: a report as one INSERT, and a look-up of what lies near."""

from __future__ import annotations

import os

import orjson
from flask import Flask, Response, request
from psycopg_pool import ConnectionPool
from werkzeug.middleware.proxy_fix import ProxyFix

from gridapp.timesource import now

INSERT = "insert into bare values (%s, %s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4326), %s, %s) on conflict do nothing"
NEAR = """
select t.id, ST_Distance(t.geom::geography, p.geom::geography) as metres
from task t, (select ST_SetSRID(ST_MakePoint(%s, %s), 4326) as geom) p
where t.outcome is null and t.check_of is null and t.category_code = '06010'
  and ST_DWithin(t.geom, p.geom, 0.0006) and ST_DWithin(t.geom::geography, p.geom::geography, 50)
order by metres limit 10
"""
pool = ConnectionPool(
    os.environ["BENCH_DSN"], min_size=1, max_size=8, kwargs={"autocommit": True, "prepare_threshold": 1}
)
app = Flask("floor")
behind_proxy = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)


@app.put("/api/v1/reports/<uuid:task_id>")
def report(task_id: object) -> Response:
    body = request.get_json()
    place = body["location"]
    values = (task_id, body["category"], body["description"], place["lon"], place["lat"], body["reported_at"], now())
    with pool.connection() as connection:
        connection.execute(INSERT, values)
    return Response('{"ok":true}', 201, content_type="application/json")


@app.get("/api/v1/reports/similar")
def similar() -> Response:
    with pool.connection() as connection:
        found = connection.execute(NEAR, (float(request.args["lon"]), float(request.args["lat"]))).fetchall()
    return Response(orjson.dumps({"items": found}), content_type="application/json")
