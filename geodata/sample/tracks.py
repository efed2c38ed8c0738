"""Where workers walked in the last hours: up and down the lanes of their own grid, a fix every 15 to 30 seconds."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd

from geodata.sample.district import SampleDistrict
from geodata.sample.lattice import Floats
from geodata.sample.layout import Node as Area
from geodata.sample.partition import ring

WALKING: Final = 1.15
"""Metres a second, pauses at doors included."""
NOISE_M: Final = 2.0

Place = tuple[int, int]
Lanes = dict[Place, list[Place]]


def make_tracks(
    district: SampleDistrict, now: datetime, *, hours: float = 3, usernames: Sequence[str] | None = None
) -> pd.DataFrame:
    """Fixes of workers until `now`, by worker and time.

    Columns: username, at (UTC), lon, lat (degrees), accuracy (m), speed (m/s), heading (degrees from north),
    battery (%).

    Args:
        district: where they walk.
        now: aware time of the last fixes.
        hours: how long they have been walking.
        usernames: whose tracks; by default all workers'.
    """
    rng = np.random.default_rng([district.seed, 2])
    areas = dict(zip(district.drawing.groups.codes, district.drawing.groups.nodes, strict=True))
    end = pd.Timestamp(now).tz_convert("UTC").floor("s")
    wanted = None if usernames is None else set(usernames)
    frames = [
        _track(person.username, district, areas[person.scope], end, hours, rng)
        for person in district.with_role("worker")
        if wanted is None or person.username in wanted
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _track(
    username: str, district: SampleDistrict, area: Area, end: pd.Timestamp, hours: float, rng: np.random.Generator
) -> pd.DataFrame:
    steps = rng.integers(15, 31, int(hours * 3600 / 15))
    seconds = np.cumsum(steps)
    seconds = seconds[seconds <= hours * 3600]
    gone = np.concatenate([[0.0], np.cumsum(np.diff(seconds) * rng.uniform(0.3, 1.4, len(seconds) - 1) * WALKING)])
    walk = _walk(_lanes(area), rng)
    metres = np.array(district.lattice.metres)
    path = _metres(district, walk, gone[-1])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    place = np.stack([np.interp(gone, along, path[:, axis]) for axis in (0, 1)], axis=1)
    place = place + np.clip(rng.normal(0, NOISE_M, place.shape), -2 * NOISE_M, 2 * NOISE_M)
    move = np.diff(place, axis=0, prepend=place[:1])
    degrees = np.round(place / metres, 7)
    return pd.DataFrame(
        {
            "username": username,
            "at": end - pd.to_timedelta(seconds[-1] - seconds, unit="s"),
            "lon": degrees[:, 0],
            "lat": degrees[:, 1],
            "accuracy": np.round(rng.gamma(6, 1.4, len(place)), 1),
            "speed": np.round(np.hypot(*move.T) / np.diff(seconds, prepend=seconds[0] - 20), 2),
            "heading": np.round(np.degrees(np.arctan2(move[:, 0], move[:, 1])) % 360, 1) % 360,
            "battery": np.round(rng.uniform(60, 100) - seconds / 3600 * 7).astype(int),
        }
    )


def _lanes(area: Area) -> Lanes:
    """The lattice steps along streets inside an area; its outer edge belongs to the neighbours too and is left out."""
    lanes: Lanes = defaultdict(list)
    edge = set(_steps(area))
    for step in {step for block in area.children for step in _steps(block)} - edge:
        a, b = sorted(step)
        lanes[a].append(b)
        lanes[b].append(a)
    return {place: sorted(lanes[place]) for place in sorted(lanes)}


def _steps(area: Area) -> Iterator[frozenset[Place]]:
    places = ring(area.rect)
    for a, b in zip(places, [*places[1:], places[0]], strict=True):
        yield frozenset((a, b))


def _walk(lanes: Lanes, rng: np.random.Generator) -> Iterator[Place]:
    """A walk without end that turns round only where a lane ends."""
    here = list(lanes)[rng.integers(len(lanes))]
    before: Place | None = None
    while True:
        yield here
        ways = [place for place in lanes[here] if place != before] or lanes[here]
        before, here = here, ways[int(rng.random() * len(ways))]


def _metres(district: SampleDistrict, walk: Iterator[Place], length: float) -> Floats:
    """The first places of a walk, in metres from longitude and latitude 0, until it is long enough."""
    metres = np.array(district.lattice.metres)
    path, gone = [district.lattice.nodes[next(walk)] * metres], 0.0
    while gone <= length:
        path.append(district.lattice.nodes[next(walk)] * metres)
        gone += float(np.hypot(*(path[-1] - path[-2])))
    return np.array(path)
