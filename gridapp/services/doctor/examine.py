"""Every check in its order; each one says what is wrong, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gridapp.config import Settings
from gridapp.services.bulk import take_time, wire
from gridapp.services.doctor import assists, clockwork, grids, machine, stores, tasks, words
from gridapp.services.doctor.finding import Trouble

CHECKS: dict[str, Callable[[Settings], Iterator[Trouble]]] = {
    "versions": machine.versions,
    "durability": machine.durability,
    "migrations": machine.migrations,
    "clock": machine.clock,
    "disk": machine.disk,
    "catalogue": stores.catalogue,
    "partitions": stores.partitions,
    "feed": stores.feed,
    "photos": stores.photos,
    "srid": grids.srid,
    "topology": grids.topology,
    "queue": tasks.queue,
    "tasks": tasks.events,
    "assists": assists.parts,
    "clocks": clockwork.steps,
    "holidays": clockwork.holidays,
    "words": words.waiting,
}
FIRST = ("migrations",)
"""Without these the others would ask tables that are not there."""


@dataclass(frozen=True)
class Check:
    """One check with what it found."""

    name: str
    troubles: tuple[Trouble, ...]

    @property
    def mark(self) -> str:
        """One sign for a list: something is wrong, will be, or all is well."""
        if any(not trouble.warning for trouble in self.troubles):
            return "!"
        return "~" if self.troubles else "ok"


def examine(settings: Settings, *, moved: Callable[[int], object] = lambda _checks: None) -> list[Check]:
    """All checks in their order; nothing is changed."""
    with wire() as connection:
        take_time(connection)
    done: list[Check] = []
    for name, check in CHECKS.items():
        done.append(Check(name, tuple(check(settings))))
        moved(1)
        if name in FIRST and done[-1].troubles:
            break
    return done
