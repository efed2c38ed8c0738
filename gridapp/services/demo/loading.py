"""Loading the sample district: everything in one transaction, so that it is there as a whole or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select

from geodata.sample import SampleDistrict, make_district
from geodata.sample.sizes import SizeName
from gridapp.config import Settings
from gridapp.db import session
from gridapp.models import Grid, Person, Task
from gridapp.services.bulk import take_time, wire
from gridapp.services.clockwork import plan
from gridapp.services.demo import ground, people, photos, stories, tracks
from gridapp.services.demo.matters import matters
from gridapp.services.editions.first_edition import ensure_edition
from gridapp.timesource import now

STANDS_SINCE = dt.timedelta(days=365)
PARTS, OF_TASKS = 20, 11


@dataclass(frozen=True)
class Loaded:
    """What the instance holds: counts, and the accounts by role with their number."""

    grids: int
    tasks: int
    accounts: dict[str, int]


def load(
    settings: Settings,
    password: str,
    size: SizeName,
    seed: int,
    *,
    moved: Callable[[int], object] = lambda _parts: None,
) -> None:
    """Draw and store the district, unless one is there.

    Args:
        settings: where photos are kept.
        password: of every account; those of a district that is there get it too.
        size: small, medium or large.
        seed: another district for another seed.
        moved: told how many more of ``PARTS`` are done.
    """
    if people.is_loaded():
        return
    at = now()
    edition = ensure_edition()
    tracks.prepare(at)
    with wire() as connection:
        take_time(connection)
    district = make_district(size, seed)
    moved(1)
    since = (at - STANDS_SINCE).replace(hour=0, minute=0, second=0, microsecond=0)
    cast = _load_ground_and_people(district, password, since)
    moved(1)
    wanted = matters(edition)
    drawn = photos.draw([(one.code, one.name) for one in wanted], cast.of_role("worker")[0], settings)
    moved(1)
    stories.load_tasks(district, edition, wanted, cast, drawn, at, _in_parts(OF_TASKS, moved))
    plan.begin(at)
    photos.hand_over(at)
    moved(1)
    people.go_on_duty(cast, at - dt.timedelta(hours=tracks.HOURS, minutes=5))
    tracks.load_positions(district, cast, at)
    moved(PARTS - OF_TASKS - 4)


def _in_parts(parts: int, moved: Callable[[int], object]) -> Callable[[float], None]:
    """Hears of a share that is done, from 0 to 1, and tells how many more of so many parts that is."""
    told = 0

    def hear(share: float) -> None:
        nonlocal told
        reached = round(share * parts)
        moved(reached - told)
        told = reached

    return hear


def _load_ground_and_people(district: SampleDistrict, password: str, since: dt.datetime) -> people.Cast:
    ground.load_grids(district, since)
    ground.load_base(district)
    return people.load_people(district, ground.ids(), password, since)


def loaded() -> Loaded:
    """What is there."""
    roles = session.execute(select(Person.role, func.count()).where(Person.retired_at.is_(None)).group_by(Person.role))
    return Loaded(
        grids=session.scalar(select(func.count()).select_from(Grid)) or 0,
        tasks=session.scalar(select(func.count()).select_from(Task)) or 0,
        accounts=dict(roles.all()),
    )
