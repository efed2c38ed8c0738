"""The server as its operator and its clients meet it: real nginx, granian and gunicorn before a small application."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import psycopg
import pytest

from gridapp.cluster import Cluster
from tests.support.servers import ROOT, Server, until

WITHOUT_ROOTS_KEYS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--")


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("server") / "with blank"
    cluster = Cluster(folder)
    cluster.ensure()
    yield folder
    cluster.stop()


@pytest.fixture(scope="module")
def server(instance: Path) -> Iterator[Server]:
    server = Server(instance, "trial").wait_until_ready()
    yield server
    server.stop()


def test_it_tells_the_app_who_calls_and_believes_nobody_else(server: Server) -> None:
    facts = server.ask(
        "/who", X_Forwarded_For="6.6.6.6", X_Forwarded_Proto="https", X_Forwarded_Host="evil.example"
    ).json()
    assert facts["address"] == facts["forwarded"] == "127.0.0.1"
    assert facts["scheme"] == "http"
    assert facts["host"] == f"127.0.0.1:{server.port}"


def test_those_who_wait_in_the_database_wait_in_one_process_beside_each_other(server: Server, instance: Path) -> None:
    def waiting() -> int:
        with psycopg.connect(Cluster(instance).dsn()) as connection:
            row = connection.execute("select count(*) from pg_stat_activity where query like 'select pg_sleep(%'")
            return int((row.fetchone() or [0])[0])

    with ThreadPoolExecutor(20) as pool:
        calls = [pool.submit(server.ask, "/api/v1/changes?wait=3600") for _ in range(20)]
        until(lambda: waiting() == 20)
        assert server.ask("/").body == b"hello"
        with psycopg.connect(Cluster(instance).dsn(), autocommit=True) as connection:
            connection.execute("select pg_cancel_backend(pid) from pg_stat_activity where query like 'select pg_sl%'")
        assert len(calls) == 20


def test_open_streams_tell_at_once_and_keep_nobody_from_being_answered(server: Server) -> None:
    with ExitStack() as stack:
        streams = [stack.enter_context(server.open("/live")) for _ in range(50)]
        assert {stream.readline() for stream in streams} == {b"data: first\n"}
        assert server.ask("/").body == b"hello"


def test_data_is_gzipped_and_keeps_its_strong_etag(server: Server) -> None:
    answer = server.ask("/large", Accept_Encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["ETag"] == '"7"'
    assert "Accept-Encoding" in answer.headers["Vary"]
    plain = server.ask("/large")
    assert plain.headers["Content-Encoding"] is None
    assert plain.headers["ETag"] == '"7"'


def test_static_files_come_typed_and_cached(server: Server) -> None:
    answer = server.ask("/static/vendor/leaflet/leaflet.js?v=1.9.4", Accept_Encoding="gzip")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "max-age=3600" in server.ask("/static/vendor/leaflet/leaflet.js").headers["Cache-Control"]
    assert server.ask("/static/../server/wsgi.py").status in {400, 404}
    assert server.ask("/static/%2e%2e/server/wsgi.py").status in {400, 404}


def test_a_photo_passes_and_more_is_refused_in_the_caller_s_language(server: Server) -> None:
    assert server.ask("/body", "PUT", bytes(50_000_000)).json() == {"bytes": 50_000_000}
    answer = server.ask("/body", "PUT", bytes(51_000_001), Accept_Language="zh-CN")
    assert answer.status == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Grid-API"] == "1", "by which a phone knows who refuses"
    document = answer.json()
    assert document["code"] == "too_large"
    assert "超过上限" in str(document["detail"])


def test_a_refusal_reaches_those_who_send_much_before_they_are_heard(server: Server) -> None:
    assert {server.ask("/refused", "PUT", bytes(20_000_000)).status for _ in range(20)} == {401}


@pytest.mark.parametrize("path", ["/%00", "/" + "x" * 9000])
def test_what_is_no_request_is_told_so_as_a_document(server: Server, path: str) -> None:
    answer = server.ask(path, Accept_Language="en")
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Grid-API"] == "1"
    assert answer.json()["code"] == "bad_request"


def test_uploads_broken_off_in_the_middle_never_reach_the_app(server: Server) -> None:
    head = b"PUT /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n" + bytes(1000)
    for _ in range(200):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(head)
    assert server.ask("/").body == b"hello"


@pytest.mark.parametrize("part", ["granian", "gunicorn", "nginx: master"])
def test_a_part_that_is_killed_is_started_again(part: str, server: Server) -> None:
    victims = [pid for pid, words in server.processes().items() if part in words]
    assert victims
    for pid in victims:
        os.kill(pid, signal.SIGKILL)

    def well() -> bool:
        parts = server.processes()
        try:
            return (
                any(part in words for pid, words in parts.items() if pid not in victims)
                and server.ask("/").body == b"hello"
                and server.ask("/api/v1/changes").status == 200
            )
        except OSError:  # nginx is away for a moment
            return False

    until(well)


def test_a_worker_that_dies_in_a_request_is_told_as_busy_and_started_again(server: Server) -> None:
    answer = server.ask("/die", Accept_Language="en")
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "2"
    assert answer.headers["X-Grid-API"] == "1"
    assert answer.json()["code"] == "busy"
    until(lambda: server.ask("/").body == b"hello")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_leaves_nothing_behind_also_with_open_streams(number: signal.Signals, instance: Path) -> None:
    server = Server(instance, "trial").wait_until_ready()
    with server.open("/live") as stream:
        assert stream.readline() == b"data: first\n"
        running = server.processes()
        assert len(running) >= 6
        server.process.send_signal(number)
        server.process.communicate()
    assert server.process.returncode == 0
    assert [words for pid, words in running.items() if _lives(pid, words)] == []
    assert not (instance / f"run-{server.port}").exists()


def test_where_the_supervisor_is_killed_its_children_end_too(instance: Path) -> None:
    server = Server(instance, "trial").wait_until_ready()
    running = server.processes()
    server.process.kill()
    server.process.communicate()
    until(lambda: not any(_lives(pid, words) for pid, words in running.items()))


def test_a_new_server_shares_no_socket_with_a_killed_one_whose_parts_remove_theirs_later(instance: Path) -> None:
    killed = Server(instance, "trial").wait_until_ready()
    before = sockets(instance, killed)
    killed.process.kill()
    again = Server(instance, "trial", port=killed.port).wait_until_ready()
    try:
        after = sockets(instance, again)
        assert len(before) == len(after) == 2
        assert not before & after
        assert again.ask("/").body == b"hello"
    finally:
        killed.process.communicate()
        again.stop()


def sockets(instance: Path, server: Server) -> set[Path]:
    return set((instance / f"run-{server.port}").rglob("*.sock"))


def test_a_plain_user_s_server_reaches_its_own_sockets(instance: Path) -> None:
    """Root opens every file; without that right the modes of files count, as they do for everybody else."""
    server = Server(instance, "trial", before=WITHOUT_ROOTS_KEYS if os.geteuid() == 0 else ())

    def answers() -> bool:
        with suppress(OSError):
            return server.ask("/").body == b"hello"
        return False

    try:
        until(answers)
    finally:
        server.stop()


def test_without_nginx_gevent_serves_everything_and_says_so(instance: Path) -> None:
    server = Server(instance, "trial", "--without-nginx").wait_until_ready()
    try:
        assert any("apt-get install nginx" in line for line in server.said)
        with ExitStack() as stack:
            streams = [stack.enter_context(server.open("/live")) for _ in range(20)]
            assert {stream.readline() for stream in streams} == {b"data: first\n"}
        facts = server.ask("/who", X_Forwarded_For="6.6.6.6").json()
        assert facts["address"] == "127.0.0.1", "nobody stands before it, so nobody is believed"
    finally:
        assert server.stop() == 0


def test_a_taken_port_is_told_in_one_sentence(server: Server, instance: Path) -> None:
    environment = {**os.environ, "GRIDAPP_INSTANCE": str(instance), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "gridapp", "serve", "--port", str(server.port)]
    tried = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert tried.returncode == 3
    assert tried.stderr.startswith(f"Error: port {server.port} of 127.0.0.1 is taken")
    assert "--port" in tried.stderr
    assert server.ask("/").body == b"hello"


def test_an_application_that_does_not_start_ends_the_server(instance: Path) -> None:
    server = Server(instance, "broken")
    server.process.communicate()
    assert server.process.returncode == 3
    words = server.log.read_text()
    assert "this application is broken" in words
    assert "gunicorn ends right after its start" in words


def _lives(pid: int, words: str) -> bool:
    try:
        title = Path("/proc", str(pid), "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except FileNotFoundError:
        return False
    return title != "" and title[:40] == words[:40]
