"""Photos in parts through the real nginx and the real workers: a wire that is cut keeps what came before."""

from __future__ import annotations

import os
import signal
import socket
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import flask_migrate
import psycopg
import pytest

from gridapp.app import create_app
from gridapp.cluster import Cluster
from gridapp.config import read_settings
from gridapp.db import session
from tests.support import pictures
from tests.support.database import all_closed_after
from tests.support.pictures import sha256
from tests.support.servers import PATIENCE, Server, until
from tests.support.world import build_world, signed_in

OPEN = "select count(*) from pg_stat_activity where state like 'idle in transaction%'"
LOST_AT_MOST = 1 << 14
ABORTED = 200
CUT = 3 * LOST_AT_MOST
ESTABLISHED = frozenset({"01", "08"})
"""States of a connection in /proc/net/tcp: both sides are there, or the other one has gone."""


class Phone:
    """A phone of worker A before a running server."""

    def __init__(self, server: Server, secret: str) -> None:
        self.server = server
        self.said = {"Authorization": secret, "Tus-Resumable": "1.0.0"}

    def offset(self, content: bytes) -> int | None:
        answer = self.server.ask(f"/api/v1/photos/{sha256(content)}", "HEAD", None, **self.said)
        return int(answer.headers["Upload-Offset"]) if answer.status == 200 else None

    def begin(self, content: bytes, start: int) -> socket.socket:
        """Announce all that is left, without sending it."""
        wire = socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE)
        said = {
            **self.said,
            "Host": "localhost",
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(len(content) - start),
            "Upload-Offset": str(start),
            "Upload-Length": str(len(content)),
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        wire.sendall(f"PATCH /api/v1/photos/{sha256(content)} HTTP/1.1\r\n{head}\r\n".encode())
        return wire

    def send(self, content: bytes, start: int) -> int:
        """All that is left; the status."""
        with self.begin(content, start) as wire:
            wire.sendall(content[start:])
            return int(wire.recv(1000).split(b" ")[1])

    def arrives(self, content: bytes) -> bool:
        """Whether it is here after one more try; what was still under way may have moved the offset meanwhile.

        With a pause, for nginx writes a line for each try into a pipe that nobody empties.
        """
        threading.Event().wait(0.2)
        try:
            return self.send(content, self.offset(content) or 0) == 204
        except OSError:  # nobody is there yet
            return False

    def picture(self, content: bytes) -> bytes:
        return self.server.ask(f"/api/v1/photos/{sha256(content)}?size=original", "GET", None, **self.said).body


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    folder = tmp_path_factory.mktemp("parts")
    cluster = Cluster(folder)
    cluster.ensure()
    app = create_app(read_settings(instance=folder))
    with all_closed_after(app), app.app_context():
        flask_migrate.upgrade()
        world = build_world()
        session.commit()
        client = signed_in(app, world.people["worker_a"])
    yield folder, client.environ_base["HTTP_AUTHORIZATION"]
    cluster.stop()


@pytest.fixture(scope="module")
def phone(instance: tuple[Path, str]) -> Iterator[Phone]:
    server = Server(instance[0], "gridapp.server.wsgi").wait_until_ready()
    yield Phone(server, instance[1])
    server.stop()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_an_upload_of_6_mb_that_is_cut_goes_on_where_it_was_cut(phone: Phone, share: float) -> None:
    content = pictures.heavy(seed=int(share * 1000))
    cut = int(len(content) * share)
    with phone.begin(content, 0) as wire:
        wire.sendall(content[:cut])
    until(lambda: (phone.offset(content) or 0) > cut - LOST_AT_MOST)
    offset = phone.offset(content)
    assert offset is not None
    assert offset <= cut
    until(lambda: phone.arrives(content))
    assert phone.offset(content) == len(content)
    assert phone.picture(content) == content


def test_a_worker_that_is_killed_in_the_middle_loses_nothing_that_arrived(phone: Phone) -> None:
    content = pictures.heavy(seed=4)
    with phone.begin(content, 0) as wire:
        wire.sendall(content[:3_000_000])
        until(lambda: (phone.offset(content) or 0) > 3_000_000 - LOST_AT_MOST)
        for pid, words in phone.server.processes().items():
            if "gunicorn" in words:
                os.kill(pid, signal.SIGKILL)
    assert phone.offset(content), "it is on disk"
    until(lambda: phone.arrives(content))
    assert phone.picture(content) == content


def test_slow_senders_hold_up_nobody_and_hold_no_transaction(phone: Phone, instance: tuple[Path, str]) -> None:
    with ExitStack() as slow:
        contents = [pictures.photo(width=700 + n) for n in range(40)]
        for content in contents:
            slow.enter_context(phone.begin(content, 0)).sendall(content[:2000])
        quick = pictures.photo(width=699)
        assert phone.send(quick, 0) == 204
        assert phone.picture(quick) == quick
        with psycopg.connect(Cluster(instance[0]).dsn(), autocommit=True) as connection:
            assert connection.execute(OPEN).fetchone() == (0,)
    for content in contents:
        until(partial(phone.arrives, content))


def test_many_parts_that_are_cut_leave_what_arrived_and_nothing_else(phone: Phone, instance: tuple[Path, str]) -> None:
    contents = [other(n) for n in range(ABORTED)]
    with ThreadPoolExecutor(8) as many:
        list(many.map(partial(cut, phone), contents))
    until(lambda: all((size(instance[0], content) or 0) > CUT - LOST_AT_MOST for content in contents))
    until(lambda: in_transaction(instance[0]) == 0)
    assert max(size(instance[0], content) or 0 for content in contents) <= CUT
    assert list((instance[0] / "photos").glob("incoming/*")) == []
    quick = pictures.photo(width=697)
    assert phone.send(quick, 0) == 204
    assert phone.picture(quick) == quick


def test_many_uploads_that_are_cut_before_the_server_without_nginx_leave_nothing_open(
    instance: tuple[Path, str],
) -> None:
    """Nobody keeps bodies back there until they are whole: each of them reaches the application."""
    phone = Phone(Server(instance[0], "gridapp.server.wsgi", "--without-nginx").wait_until_ready(), instance[1])
    try:
        contents = [other(ABORTED + n) for n in range(ABORTED)]
        with ThreadPoolExecutor(8) as many:
            list(many.map(partial(cut, phone), contents[::2]))
            list(many.map(partial(cut_whole, phone), contents[1::2]))
        until(lambda: connected(phone.server.port) == 0)
        until(lambda: in_transaction(instance[0]) == 0)
        assert all((size(instance[0], content) or 0) > CUT - LOST_AT_MOST for content in contents[::2])
        assert [size(instance[0], content) for content in contents[1::2]] == [None] * (ABORTED // 2)
        assert list((instance[0] / "photos").glob("incoming/*")) == []
        quick = pictures.photo(width=696)
        assert phone.send(quick, 0) == 204
        assert phone.picture(quick) == quick
    finally:
        assert phone.server.stop() == 0


def other(n: int) -> bytes:
    """Something to send that is like nothing else."""
    return n.to_bytes(4, "big") * CUT


def cut(phone: Phone, content: bytes) -> None:
    """Begin a part and go away in the middle of it."""
    with phone.begin(content, 0) as wire:
        wire.sendall(content[:CUT])


def cut_whole(phone: Phone, content: bytes) -> None:
    """Begin a photo in one go, or a report, and go away in the middle of it."""
    photo = (f"/api/v1/photos/{sha256(content)}", "image/jpeg", content)
    report = (f"/api/v1/reports/{uuid.uuid4()}", "application/json", b'{"category": "06')
    path, kind, sent = photo if content[3] % 4 == 1 else report
    said = {**phone.said, "Host": "localhost", "Content-Type": kind, "Content-Length": str(2 * len(sent))}
    head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    with socket.create_connection(("127.0.0.1", phone.server.port), timeout=PATIENCE) as wire:
        wire.sendall(f"PUT {path} HTTP/1.1\r\n{head}\r\n".encode() + sent)


def size(folder: Path, content: bytes) -> int | None:
    """Bytes of an unfinished photo that are on disk; None where it was not begun."""
    found = list((folder / "photos" / "partial").glob(f"*/{sha256(content)}-*"))
    return found[0].stat().st_size if found else None


def in_transaction(folder: Path) -> int:
    """Connections that hold a transaction open and do nothing."""
    with psycopg.connect(Cluster(folder).dsn(), autocommit=True) as connection:
        row = connection.execute(OPEN).fetchone()
    return int(row[0]) if row else 0


def connected(port: int) -> int:
    """Connections that a server at a port has not let go of, those included that it has not taken up."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] in ESTABLISHED for row in rows)


def test_no_worker_is_there_the_phone_is_told_to_come_again(phone: Phone) -> None:
    """nginx answers in our words also behind the way that parts take."""
    for pid, words in phone.server.processes().items():
        if "gunicorn" in words:
            os.kill(pid, signal.SIGKILL)
    content = pictures.photo(width=698)
    assert phone.send(content, 0) in {503, 204}, "204 where it was started again already"
    until(lambda: phone.arrives(content))
