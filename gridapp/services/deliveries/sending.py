"""One try to hand a message to its receiver: no redirects, bounded in time and in what is read of the answer."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

from gridapp import __version__
from gridapp.config import Settings
from gridapp.services.deliveries import reach, signing
from gridapp.timesource import now

CONNECT_S, READ_S = 5.0, 15.0
LONGEST_S = 30.0
"""Seconds for all of it, for each byte of a receiver that drips would begin the reading anew."""
HEARD = 2000
"""Bytes of an answer that are kept."""
GOOD = range(200, 300)


@dataclass(frozen=True)
class Parcel:
    """A message about to be sent."""

    url: str
    message_id: str
    body: bytes
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of a try: the status answered, or why there was none."""

    status: int | None
    error: str | None
    took_ms: int

    @property
    def good(self) -> bool:
        """Whether the receiver has it."""
        return self.status in GOOD


def send(settings: Settings, parcel: Parcel, within: float = LONGEST_S) -> Outcome:
    """Try once, for so many seconds at most; whatever goes wrong is an outcome."""
    began = time.monotonic()
    try:
        status, heard = _post(reach.look_up(settings, parcel.url), parcel, within)
        error = None if status in GOOD else heard
    except reach.Unreachable as refusal:
        status, error = None, str(refusal)
    except (HTTPException, OSError) as trouble:
        status, error = None, f"{type(trouble).__name__}: {trouble}"
    if time.monotonic() - began >= within:  # cut off within its headers, an answer looks like a whole one
        status, error = None, f"no answer in {within:g} s"
    return Outcome(status, error[:HEARD] if error else None, round((time.monotonic() - began) * 1000))


def _post(target: reach.Target, parcel: Parcel, within: float) -> tuple[int, str]:
    headers = {
        "Host": target.name,
        "Content-Type": "application/json",
        "User-Agent": f"gridapp/{__version__}",
        **signing.headers(parcel.message_id, now(), parcel.body, parcel.keys),
    }
    with _line(target, within) as line:
        line.request("POST", target.path, parcel.body, headers)
        answer = line.getresponse()
        heard = b"" if answer.status in GOOD else answer.read(HEARD)
    return answer.status, heard.decode("utf-8", "replace").replace("\0", "")


@contextmanager
def _line(target: reach.Target, within: float) -> Iterator[HTTPConnection]:
    """A connection to the checked address, cut after so many seconds; the certificate must be that of the name."""
    bare = socket.create_connection((target.address, target.port), CONNECT_S)
    with bare.dup() as twin, _cut_after(within, twin):
        line = HTTPConnection(target.host, target.port)
        with closing(line):
            line.sock = _secured(bare, target.host) if target.secure else bare
            line.sock.settimeout(READ_S)
            yield line


def _secured(bare: socket.socket, name: str) -> ssl.SSLSocket:
    with bare:  # closed where the handshake fails, handed over where not
        return ssl.create_default_context().wrap_socket(bare, server_hostname=name)


@contextmanager
def _cut_after(seconds: float, line: socket.socket) -> Iterator[None]:
    ends = threading.Timer(seconds, _cut, (line,))
    ends.daemon = True
    ends.start()
    try:
        yield
    finally:
        ends.cancel()


def _cut(line: socket.socket) -> None:
    with suppress(OSError):  # it may have been closed meanwhile
        line.shutdown(socket.SHUT_RDWR)
