"""A receiver of webhooks as another program would be: a real HTTP server that verifies, keeps, and can be down."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Got:
    """One request that came."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def said(self) -> Any:
        return json.loads(self.body)

    def signed_by(self, secret: str) -> bool:
        """Whether one of its signatures is by this secret, as Standard Webhooks has it."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return wanted in self.headers["webhook-signature"].split(" ")


@dataclass
class Program:
    """The program behind the address; ``answers`` are the statuses of the next requests, 204 when they are used up."""

    port: int
    got: list[Got] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    moved_to: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?of=gridapp"

    def take(self, one: Got) -> int:
        self.got.append(one)
        return self.answers.pop(0) if self.answers else 204


def _handler(program: Program) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = program.take(Got({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)
            if program.moved_to:
                self.send_header("Location", program.moved_to)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            return

    return Handler


@contextmanager
def up(program: Program | None = None) -> Iterator[Program]:
    """The program while it is up; with one that was up before, at its old address."""
    server = ThreadingHTTPServer(("127.0.0.1", program.port if program else 0), BaseHTTPRequestHandler)
    there = program or Program(server.server_port)
    server.RequestHandlerClass = _handler(there)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield there
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
