"""What happens elsewhere, told to open screens as server-sent events.

One poller a process reads the log while somebody listens and hands each listener what lies in their scope, through a
queue that holds so many and no more. An event bears the cursor after it; a browser that comes back names the last one
that it saw and is told what it missed before anything else. A listener who is too slow is let go and comes back
likewise. Threads and greenlets do equally: nothing here holds a database connection while it waits.
"""

from __future__ import annotations

import datetime as dt
import itertools
import logging
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from queue import Empty, Full, Queue
from typing import Any, cast

import orjson
from flask import Blueprint, Flask, Response, current_app, request
from flask.blueprints import BlueprintSetupState

from gridapp.access import Principal, may
from gridapp.doors import COOKIE, permit, principal
from gridapp.errors import Problem
from gridapp.services import auth
from gridapp.services.feeds import watch

log = logging.getLogger(__name__)
blueprint = Blueprint("live", __name__)

POLL_SECONDS = 0.25
POLLS_A_POSITION = 4
BEAT_SECONDS = 15.0
QUEUE_LENGTH = 200
RETRY_MS = 1000
RIGHTS = ("person", "post")
"""Kinds of news about oneself that change what one may see."""


@dataclass(frozen=True)
class Said:
    """One event for a screen."""

    name: str
    data: Any
    cursor: str

    def encode(self) -> bytes:
        """The event on the wire."""
        return b"event: %b\nid: %b\ndata: %b\n\n" % (
            self.name.encode(),
            self.cursor.encode(),
            orjson.dumps(self.data),
        )


@dataclass(eq=False)
class Listener:
    """One open stream: who listens, what waits to be sent, and whether their rights have to be read again."""

    who: Principal
    waiting: Queue[Said] = field(default_factory=lambda: Queue(QUEUE_LENGTH))
    lost: bool = False
    stale: bool = False

    def hear(self, said: Said) -> None:
        """Queue an event; who cannot keep up is let go."""
        if self.lost:
            return
        try:
            self.waiting.put_nowait(said)
        except Full:
            self.lost = True


class Hub:
    """Reads the log for all listeners of this process; its thread lives while somebody listens."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._listeners: set[Listener] = set()
        self._heard: dict[uuid.UUID, dt.datetime] = {}
        self._turn = 0
        self.cursor = ""

    def join(self, who: Principal) -> Listener:
        """Begin to listen: whatever is committed after this returns reaches the listener."""
        listener = Listener(who)
        with self._lock:
            if not self._listeners:
                self.cursor = watch.start()
                self._heard = watch.positions()
                self._turn += 1
                threading.Thread(target=self._run, args=(self._turn,), name="live", daemon=True).start()
            self._listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """Listen no more."""
        with self._lock:
            self._listeners.discard(listener)

    def _run(self, turn: int) -> None:
        pause = threading.Event()
        for poll in itertools.count(1):
            pause.wait(POLL_SECONDS)
            with self._lock:
                if not self._listeners or turn != self._turn:
                    return
            try:
                with self._app.app_context(), watch.reachable():
                    self._poll()
                    if poll % POLLS_A_POSITION == 0:
                        self._poll_positions()
            except watch.Closed:
                for listener in self._present():
                    listener.lost = True
                return
            except Problem as error:
                log.warning("the log cannot be read now; the cursor is kept: %s", error)

    def _poll(self) -> None:
        try:
            batch = watch.since(self.cursor)
        except Problem:
            batch = watch.Batch(watch.start(), ())
            for listener in self._present():
                listener.hear(Said("reset", {}, batch.cursor))
        for listener in self._present() if batch.news else ():
            theirs = told(batch, listener.who)
            listener.stale |= any(n.person_id == listener.who.person_id and n.kind in RIGHTS for n in batch.news)
            if theirs:
                listener.hear(Said("change", theirs, batch.cursor))
        self.cursor = batch.cursor

    def _poll_positions(self) -> None:
        heard = watch.positions()
        fresh = [person for person, at in heard.items() if self._heard.get(person) != at]
        self._heard = heard
        moved = watch.moved(fresh) if fresh else []
        for listener in self._present() if moved else ():
            theirs = [position(m) for m in moved if not m.areas.isdisjoint(listener.who.scope_ids)]
            if theirs and may(listener.who, "position.read"):
                listener.hear(Said("positions", theirs, self.cursor))

    def _present(self) -> list[Listener]:
        with self._lock:
            return list(self._listeners)


def told(batch: watch.Batch, who: Principal) -> list[dict[str, str]]:
    """What a person may know of a batch, each thing once."""
    each = (news.for_person(who) for news in batch.news)
    return list({(said["kind"], said["id"]): said for said in each if said is not None}.values())


def position(moved: watch.Moved) -> dict[str, Any]:
    """A position as the map takes it."""
    return {
        "id": str(moved.person_id),
        "name": moved.name,
        "lon": moved.lon,
        "lat": moved.lat,
        "at": moved.at.isoformat(),
    }


@blueprint.record_once
def _open_hub(state: BlueprintSetupState) -> None:
    state.app.extensions["live_hub"] = Hub(cast("Flask", state.app))


@blueprint.get("/live")
@permit("feed.read", rated=False)
def live() -> Response:
    """The stream of a signed-in person: ``hello`` with what was missed, then ``change``, ``positions``, ``reset``."""
    app = cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001  # documented
    secret = request.cookies.get(COOKIE) or (request.authorization and request.authorization.token) or ""
    cursor = request.headers.get("Last-Event-ID") or request.args.get("since", "")
    answer = Response(stream(app, secret, principal(), cursor), mimetype="text/event-stream")
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def stream(app: Flask, secret: str, who: Principal, cursor: str) -> Iterator[bytes]:
    """Bytes of one stream until the person's rights end, the listener falls behind or the database goes away."""
    hub: Hub = app.extensions["live_hub"]
    listener: Listener | None = None
    try:
        with app.app_context(), watch.reachable():
            listener = hub.join(who)
            first = missed(who, cursor)
        yield b"retry: %d\n\n" % RETRY_MS + first.encode()
        while not listener.lost:
            mark = hub.cursor  # all up to here is queued already, so an empty queue means that it was delivered
            try:
                yield listener.waiting.get(timeout=BEAT_SECONDS).encode()
            except Empty:
                listener.stale = True
                yield Said("beat", {}, mark).encode()
            if listener.stale:
                with app.app_context(), watch.reachable():
                    listener.who = auth.principal_of(app.extensions["settings"], secret, rated=False)
                listener.stale = False
    except Problem:
        yield b"event: end\ndata: {}\n\n"
    except watch.Unreachable as error:
        log.warning("a stream ends, its browser comes back: %s", error)
    finally:
        if listener is not None:
            hub.leave(listener)


def missed(who: Principal, cursor: str) -> Said:
    """The first event: what happened since the cursor, or ``reset`` where that cannot be told."""
    if not cursor:
        return Said("hello", [], watch.start())
    try:
        batch = watch.since(cursor)
    except Problem:
        return Said("reset", {}, watch.start())
    return Said("hello", told(batch, who), batch.cursor)
