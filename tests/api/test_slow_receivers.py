"""Receivers as they are: some drip for ever, some show the certificate of somebody else."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
import trustme

from gridapp.services.deliveries.sending import Outcome, Parcel, send
from tests.support.database import test_settings

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"
LONG_HEADER = b"HTTP/1.1 200 OK\r\nX-Long: "
BODY = b"{}"
TLS_RECORD = b"\x16\x03\x03\x40\x00"


@contextmanager
def receiver(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port at which one connection is served."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def answer() -> None:
            with suppress(OSError):
                line, _ = door.accept()
                with line:
                    serve(line)

        thread = threading.Thread(target=answer)
        thread.start()
        yield door.getsockname()[1]
        thread.join()


def dripping(first: bytes) -> Callable[[socket.socket], None]:
    """Says how it begins, and then one byte after the other until nobody listens."""

    def serve(line: socket.socket) -> None:
        line.sendall(first)
        while True:
            line.sendall(b"x")
            threading.Event().wait(0.02)

    return serve


def with_certificate(authority: trustme.CA, name: str) -> Callable[[socket.socket], None]:
    def serve(line: socket.socket) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        with context.wrap_socket(line, server_side=True) as secured:
            said = b""
            while not said.endswith(BODY):
                said += secured.recv(65_536)
            secured.sendall(NO_CONTENT)

    return serve


def tried(tmp_path, scheme: str, port: int, within: float = 60) -> Outcome:
    settings = test_settings(tmp_path).model_copy(update={"webhook_networks": LOOPBACK})
    return send(settings, Parcel(f"{scheme}://localhost:{port}/hooks", "1", BODY, ("whsec_c2VjcmV0",)), within)


@pytest.mark.parametrize(("scheme", "first"), [("http", LONG_HEADER), ("https", TLS_RECORD)])
def test_a_receiver_that_drips_is_left_after_a_while(tmp_path, scheme, first):
    with receiver(dripping(first)) as port:
        outcome = tried(tmp_path, scheme, port, within=0.5)
    assert (outcome.status, outcome.error) == (None, "no answer in 0.5 s")


@pytest.mark.parametrize(("name", "status"), [("localhost", 204), ("elsewhere.example", None)])
def test_the_certificate_must_be_that_of_the_receivers_name(tmp_path, monkeypatch, name, status):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with receiver(with_certificate(authority, name)) as port:
        outcome = tried(tmp_path, "https", port)
    assert outcome.status == status
    assert status or "SSLCertVerificationError" in str(outcome.error)


def test_a_certificate_of_nobody_known_is_refused(tmp_path):
    with receiver(with_certificate(trustme.CA(), "localhost")) as port:
        outcome = tried(tmp_path, "https", port)
    assert outcome.status is None
    assert "SSLCertVerificationError" in str(outcome.error)
