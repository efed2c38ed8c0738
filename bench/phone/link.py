"""A bad network, really: packets between a network namespace and this machine are late, slow, and some are lost.

Two TUN devices, one here and one in a namespace; a thread carries packets across. TCP on both sides is the kernel's
own, so that what is lost is sent again as on a street. Needs root and ``/dev/net/tun``.
"""

from __future__ import annotations

import contextlib
import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
HERE, THERE = "10.123.7.1", "10.123.7.2"
MTU, BITS = 1500, 8
MOST_WAITING_S = 1.0  # a router drops what would wait longer
NAMESPACE = "gridbench"
IP = "/usr/sbin/ip"


@dataclass(frozen=True)
class Quality:
    """How bad it is.

    Attributes:
        round_trip_s: of a small packet there and back.
        loss: share of packets lost, in each direction.
        down, up: bits a second to the phone and from it.
    """

    round_trip_s: float
    loss: float
    down: float
    up: float


THIRD_GENERATION = Quality(round_trip_s=0.3, loss=0.05, down=1_600_000, up=750_000)


def possible() -> bool:
    """Whether this machine lets us make namespaces and devices."""
    return os.geteuid() == 0 and os.access("/dev/net/tun", os.W_OK) and os.access(IP, os.X_OK)


@dataclass
class Lane:
    """One direction: packets leave at the rate of the line, and arrive late or not at all."""

    rate: float
    delay_s: float
    loss: float
    free_at: float = 0.0
    waiting: list[tuple[float, int, bytes]] = field(default_factory=list)
    passed: int = 0
    bytes_passed: int = 0
    lost: int = 0

    def take(self, packet: bytes, now: float, dice: random.Random) -> None:
        """Let a packet wait for its turn, or lose it."""
        begins = max(now, self.free_at)
        if begins - now > MOST_WAITING_S or dice.random() < self.loss:
            self.lost += 1
            return
        self.free_at = begins + len(packet) * BITS / self.rate
        self.passed += 1
        self.bytes_passed += len(packet)
        heapq.heappush(self.waiting, (self.free_at + self.delay_s, self.passed, packet))

    def due(self, now: float) -> Iterator[bytes]:
        """The packets that arrive by now."""
        while self.waiting and self.waiting[0][0] <= now:
            yield heapq.heappop(self.waiting)[2]


@dataclass
class Link:
    """The link while it is there.

    Attributes:
        address: of this machine, as the namespace sees it.
        command: what runs a program in the namespace.
        down, up: what was carried so far.
    """

    address: str
    command: list[str]
    down: Lane
    up: Lane


@contextlib.contextmanager
def bad_network(quality: Quality, seed: int = 1) -> Iterator[Link]:
    """A namespace from which this machine is reached over a bad network, and nothing else at all."""
    _run("netns", "add", NAMESPACE)
    try:
        with _device("gb0") as here, _device("gb1") as there:
            _run("link", "set", "gb1", "netns", NAMESPACE)
            _up(HERE, THERE, "gb0")
            _up(THERE, HERE, "gb1", inside=True)
            _run("link", "set", "lo", "up", inside=True)
            half = quality.round_trip_s / 2
            link = Link(
                HERE,
                [IP, "netns", "exec", NAMESPACE],
                down=Lane(quality.down, half, quality.loss),
                up=Lane(quality.up, half, quality.loss),
            )
            over = threading.Event()
            carrier = threading.Thread(target=_carry, args=(here, there, link, over, random.Random(seed)))  # noqa: S311
            carrier.start()
            try:
                yield link
            finally:
                over.set()
                carrier.join()
    finally:
        _run("netns", "del", NAMESPACE)


def _carry(here: int, there: int, link: Link, over: threading.Event, dice: random.Random) -> None:
    lanes = {here: (link.down, there), there: (link.up, here)}
    while not over.is_set():
        ends = [lane.waiting[0][0] for lane, _ in lanes.values() if lane.waiting]
        wait = min([0.05, *(max(0.0, end - time.monotonic()) for end in ends)])
        readable, _, _ = select.select(list(lanes), [], [], wait)
        now = time.monotonic()
        for device in readable:
            lanes[device][0].take(os.read(device, MTU + 100), now, dice)
        for lane, target in lanes.values():
            for packet in lane.due(now):
                os.write(target, packet)


@contextlib.contextmanager
def _device(name: str) -> Iterator[int]:
    device = os.open("/dev/net/tun", os.O_RDWR)
    try:
        fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
        yield device
    finally:
        os.close(device)


def _up(own: str, other: str, name: str, *, inside: bool = False) -> None:
    _run("addr", "add", own, "peer", other, "dev", name, inside=inside)
    _run("link", "set", name, "up", inside=inside)


def _run(*words: str, inside: bool = False) -> None:
    prefix = ["netns", "exec", NAMESPACE, IP] if inside else []
    subprocess.run([IP, *prefix, *words], check=True)
