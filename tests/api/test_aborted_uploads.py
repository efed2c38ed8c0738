"""Clients that go away in the middle of a request leave no open transaction, no files, and a server that answers."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from flask import appcontext_tearing_down
from werkzeug.serving import make_server

from tests.support import pictures
from tests.support.pictures import sha256
from tests.support.servers import until

ABORTED = 200
QUEUE = 2 * ABORTED
"""How many connections may wait to be taken up: all, for a full queue drops what its client believes was sent."""

OPEN = "select count(*) from pg_stat_activity where datname = %s and state like 'idle in transaction%%'"


@pytest.fixture
def ended(live_app):
    """Grows by one with each request that is over: before all are, an empty folder says nothing about the next one."""
    over = []
    with appcontext_tearing_down.connected_to(lambda _app, **_more: over.append(1), live_app):
        yield over


@pytest.fixture
def port(live_app):
    live_app.testing = False
    server = make_server("127.0.0.1", 0, live_app, threaded=True)
    server.socket.listen(QUEUE)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.port
    server.shutdown()
    thread.join()
    server.server_close()


def begin_and_go(port, secret, path, kind, content):
    """Announce a body, send a part of it and hang up."""
    head = f"PUT {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {secret}\r\nContent-Type: {kind}\r\n"
    with socket.create_connection(("127.0.0.1", port)) as wire:
        wire.sendall(f"{head}Content-Length: {len(content) * 2}\r\n\r\n".encode() + content)


def test_200_uploads_broken_off_leave_nothing_behind(cluster, live_app, live_sign_in, port, ended):
    client = live_sign_in("worker_a")
    secret, content = client.environ_base["HTTP_AUTHORIZATION"], pictures.photo()
    photo, report = f"/api/v1/photos/{sha256(content)}", f"/api/v1/reports/{'0' * 8}-0000-4000-8000-{'0' * 12}"
    before = len(ended)
    with ThreadPoolExecutor(8) as many:
        for n in range(ABORTED):
            path, kind = (photo, "image/jpeg") if n % 2 else (report, "application/json")
            many.submit(begin_and_go, port, secret, path, kind, content if n % 2 else b'{"category": "06')
    until(lambda: len(ended) >= ABORTED + before)
    assert client.put(photo, data=content).status_code == 201
    database = live_app.config["SQLALCHEMY_DATABASE_URI"].split("?")[0].rsplit("/", 1)[-1]
    incoming = live_app.extensions["settings"].instance / "photos" / "incoming"
    with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
        assert connection.execute(OPEN, [database]).fetchone() == (0,)
    assert list(incoming.iterdir()) == []
