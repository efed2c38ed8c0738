"""A mail server for tests: real SMTP on a port of its own; keeps what it takes, and can refuse."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from flask import Flask

from gridapp.cluster import Cluster
from tests.support.database import app_on, scratch_database, test_settings


@dataclass
class Mailbox:
    """What came; ``refused`` are addresses that the server knows nothing of."""

    port: int
    letters: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    signed_in: list[str] = field(default_factory=list)
    server: Controller | None = None

    def open(self) -> None:
        """Let letters in."""
        self.server = Controller(
            self, hostname="127.0.0.1", port=self.port, authenticator=self.let_in, auth_require_tls=False
        )
        self.server.start()

    def close(self) -> None:
        """Be down."""
        if self.server is not None:
            self.server.stop()
        self.server = None

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 no such person here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        letter = message_from_bytes(cast("bytes", envelope.content), policy=policy.default)
        self.letters.append(letter)
        self.to += envelope.rcpt_tos
        return "250 taken"

    def words(self, number: int = -1) -> str:
        """The words of a letter, the last one by default."""
        return cast("str", self.letters[number].get_content())

    def let_in(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        who = cast("LoginPassword", data)
        self.signed_in.append(who.login.decode())
        return AuthResult(success=who.password == b"letters please")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """The server while it is up."""
    there = Mailbox(_free_port())
    there.open()
    try:
        yield there
    finally:
        there.close()


@contextmanager
def app_with_mail(cluster: Cluster, template: str, mailbox: Mailbox, folder: Path) -> Iterator[Flask]:
    """An app on a copy of a database, with real commits, whose letters go to a mail server of the tests."""
    settings = test_settings(
        folder / "instance",
        mail_host="127.0.0.1",
        mail_port=mailbox.port,
        mail_security="none",
        mail_from="grid@city.example",
        public_url="https://grid.city.example",
    )
    with (
        scratch_database(cluster, template) as name,
        app_on(cluster, name, settings) as made,
        made.app_context(),
    ):
        yield made
