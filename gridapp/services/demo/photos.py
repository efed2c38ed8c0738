"""Photos drawn for the purpose: a street with the matter and the same street without it, some for each category."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Iterable

from geodata.sample import draw_photo
from gridapp.access import Principal
from gridapp.config import Settings
from gridapp.services.bulk import wire
from gridapp.services.pictures import photos

VARIANTS = 2
SHOWN = """
insert into photo_upload (sha256, person_id, at)
select distinct tp.sha256, e.actor_id, %(at)s::timestamptz
from task_photo tp join task_event e on e.id = tp.event_id join photo p on p.sha256 = tp.sha256
where e.actor_id is not null on conflict do nothing"""
Drawn = dict[tuple[str, str], list[str]]


def draw(categories: Iterable[tuple[str, str]], who: Principal, settings: Settings) -> Drawn:
    """Keep photos for categories ``(code, name)``; their SHA-256 by code and phase."""
    drawn: Drawn = {}
    for number, (code, name) in enumerate(categories):
        for phase in ("before", "after"):
            drawn[code, phase] = [_keep(name, number * VARIANTS + n, phase, who, settings) for n in range(VARIANTS)]
    return drawn


def hand_over(at: dt.datetime) -> None:
    """Make everybody the uploader of the photos that their own reports and feedback show."""
    with wire() as connection:
        connection.execute(SHOWN, {"at": at})


def _keep(name: str, seed: int, phase: str, who: Principal, settings: Settings) -> str:
    content = draw_photo(name, seed, "before" if phase == "before" else "after")
    sha256 = hashlib.sha256(content).hexdigest()
    photos.put(who, settings, sha256, io.BytesIO(content))
    return sha256
