"""The floor under a report: raw Flask with one INSERT in autocommit, no guard, no check, no grid, no event."""

from __future__ import annotations

import os

from flask import Flask, Response, request
from psycopg_pool import ConnectionPool
from werkzeug.middleware.proxy_fix import ProxyFix

from gridapp.timesource import now

INSERT = "insert into bare values (%s, %s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4326), %s, %s) on conflict do nothing"
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
