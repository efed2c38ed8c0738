"""A wire between a browser and a server that can really be cut: at once, in the middle of an upload, before an answer.

``Wire`` listens on a port of its own and passes bytes on. While it is cut, connections are reset and new ones too. A
``Cut`` waits for one request and breaks its connection after so much of its body, or when its answer is on the way. A
``Hold`` keeps one request back, or the rest of its body, until it is let go.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

PIECE = 65_536
LONGEST_HOLD_S = 120
RESET = struct.pack("ii", 1, 0)
HEAD = re.compile(rb"(?P<method>[A-Z]+) (?P<path>\S+) HTTP/1\.[01]\r\n(?P<headers>.*?)\r\n\r\n", re.DOTALL)
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass
class Cut:
    """What is to be broken, once.

    Attributes:
        request: what the request's line must match, such as ``PUT /api/v1/photos/``.
        share: how much of the body passes before the connection breaks; None lets all pass and keeps the answer back.
        done: set once it happened.
    """

    request: str
    share: float | None
    done: threading.Event = field(default_factory=threading.Event)

    def fits(self, method: bytes, path: bytes) -> bool:
        return not self.done.is_set() and re.match(self.request, f"{method.decode()} {path.decode()}") is not None


@dataclass
class Hold:
    """A request that is kept back, once.

    Attributes:
        request: what the request's line must match.
        share: how much of the body passes before; None keeps all of the request back.
        reached: set once it is there.
        go: to be set to let it pass.
    """

    request: str
    share: float | None = None
    reached: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    def fits(self, method: bytes, path: bytes) -> bool:
        return not self.reached.is_set() and re.match(self.request, f"{method.decode()} {path.decode()}") is not None

    def keep(self) -> None:
        self.reached.set()
        self.go.wait(LONGEST_HOLD_S)


class Wire:
    """Passes what a browser says to a server and back, until it is cut."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._door = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: set[socket.socket] = set()
        self._cuts: list[Cut] = []
        self._holds: list[Hold] = []
        self._is_cut = threading.Event()
        self._lock = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def cut(self) -> None:
        """Break every connection and let nobody through."""
        self._is_cut.set()
        with self._lock:
            for one in list(self._open):
                _reset(one)

    def mend(self) -> None:
        self._is_cut.clear()

    def cut_once(self, request: str, share: float | None) -> Cut:
        """Break the connection of the next request that matches; the ones after it pass."""
        cut = Cut(request, share)
        self._cuts.append(cut)
        return cut

    def hold(self, request: str, share: float | None = None) -> Hold:
        """Keep the next request that matches back, or what comes after so much of its body."""
        hold = Hold(request, share)
        self._holds.append(hold)
        return hold

    def close(self) -> None:
        self.cut()
        self._door.close()

    def _listen(self) -> None:
        while True:
            try:
                browser, _ = self._door.accept()
            except OSError:
                return
            if self._is_cut.is_set():
                _reset(browser)
                continue
            threading.Thread(target=self._serve, args=(browser,), daemon=True).start()

    def _serve(self, browser: socket.socket) -> None:
        server = socket.create_connection(self._target)
        pair = (browser, server)
        with self._lock:
            self._open.update(pair)
        hush = threading.Event()
        back = threading.Thread(target=_pass_on, args=(server, browser, hush), daemon=True)
        back.start()
        try:
            self._upstream(browser, server, hush)
        except OSError:
            pass
        finally:
            if hush.is_set():
                back.join()
                _reset(browser)
            _end(server)
            back.join()
            with self._lock:
                self._open.difference_update(pair)
            for one in pair:
                one.close()

    def _upstream(self, browser: socket.socket, server: socket.socket, hush: threading.Event) -> None:
        """Requests one after the other on a connection, each looked at for a cut."""
        waiting = b""
        while piece := browser.recv(PIECE):
            waiting += piece
            while found := HEAD.match(waiting):
                length = LENGTH.search(found["headers"])
                body = int(length[1]) if length else 0
                cut = next((one for one in self._cuts if one.fits(found["method"], found["path"])), None)
                if cut and cut.share is None:
                    hush.set()
                held = [one for one in self._holds if one.fits(found["method"], found["path"])]
                _keep(held, None)
                server.sendall(waiting[: found.end()])
                waiting = waiting[found.end() :]
                limit = body if cut is None or cut.share is None else int(body * cut.share)
                rest = self._body(browser, server, waiting, limit, held)
                if rest is None:
                    return
                waiting = rest
                if cut:
                    cut.done.set()
                    if cut.share is not None:
                        _reset(browser)
                    return

    @staticmethod
    def _body(
        browser: socket.socket, server: socket.socket, waiting: bytes, length: int, held: list[Hold]
    ) -> bytes | None:
        """So much of a request's body; gives what the browser said after it, None where it is gone."""
        passed = 0
        while passed < length:
            part, waiting = waiting[: length - passed], waiting[length - passed :]
            server.sendall(part)
            passed += len(part)
            _keep(held, passed / length)
            if passed < length:
                waiting = browser.recv(PIECE)
                if not waiting:
                    return None
        return waiting


def _keep(held: list[Hold], passed: float | None) -> None:
    """Keep back what has come as far as it is to pass: no share of it where its body has not begun."""
    for one in held:
        is_here = one.share is None if passed is None else one.share is not None and passed >= one.share
        if is_here and not one.reached.is_set():
            one.keep()


def _pass_on(server: socket.socket, browser: socket.socket, hush: threading.Event) -> None:
    """Answers; once hushed, the next one is taken from the server and thrown away."""
    with suppress(OSError):
        while piece := server.recv(PIECE):
            if hush.is_set():
                return
            browser.sendall(piece)
        browser.shutdown(socket.SHUT_WR)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


def _reset(one: socket.socket) -> None:
    """End a connection as a broken network does: without a farewell."""
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        one.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        one.close()


@contextmanager
def wire_to(port: int) -> Iterator[Wire]:
    wire = Wire(port)
    try:
        yield wire
    finally:
        wire.close()
