"""A small application with what a server gets wrong: long answers, streams, queries that wait, large bodies."""

import os
import time
from collections.abc import Iterator

import psycopg
from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from gridapp.server.bodies import read_to_the_end
from gridapp.server.compression import compress

app = Flask(__name__)
app.after_request(compress)
app.config["MAX_CONTENT_LENGTH"] = 60_000_000
app.wsgi_app = read_to_the_end(app.wsgi_app, 60_000_000)  # type: ignore[assignment]


@app.get("/")
def hello() -> str:
    return "hello"


@app.get("/who")
def who() -> dict[str, object]:
    facts: dict[str, object] = {
        "pid": os.getpid(),
        "address": request.remote_addr,
        "scheme": request.scheme,
        "host": request.host,
    }
    return facts | {"forwarded": request.headers.get("X-Forwarded-For")}


@app.get("/large")
def large() -> Response:
    return Response('{"words": "' + "网格" * 2000 + '"}', mimetype="application/json", headers={"ETag": '"7"'})


@app.put("/body")
def body() -> dict[str, int]:
    return {"bytes": len(request.get_data())}


@app.put("/refused")
def refused() -> tuple[str, int]:
    """Answers without a look at the body."""
    return "no", 401


@app.get("/live")
def live() -> Response:
    def ticks() -> Iterator[str]:
        yield "data: first\n\n"
        time.sleep(1000)

    return Response(ticks(), mimetype="text/event-stream")


@app.get("/api/v1/changes")
def changes() -> dict[str, object]:
    """Waits inside a query, as one that listens for a notification does."""
    seconds = float(request.args.get("wait", "0"))
    with psycopg.connect(os.environ["TRIAL_DSN"]) as connection:
        connection.execute("select pg_sleep(%s)", [seconds])
    return {"pid": os.getpid()}


@app.get("/die")
def die() -> str:
    os._exit(1)


behind_proxy = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)
