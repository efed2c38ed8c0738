"""Where the workers of the sample district were in the last hours."""

from __future__ import annotations

import datetime as dt

from geodata.sample import SampleDistrict, make_tracks
from gridapp.services.bulk import copy_into, wire
from gridapp.services.demo.people import Cast
from gridapp.services.field import tracks

HOURS = 2
POSITION = ("person_id", "at", "lon", "lat", "accuracy", "speed", "heading", "battery", "received_at")

LAST = """
insert into last_position (person_id, at, lon, lat, accuracy, battery)
select distinct on (person_id) person_id, at, lon, lat, accuracy, battery from position
where person_id = any(%s) order by person_id, at desc
on conflict (person_id) do nothing
"""


def prepare(now: dt.datetime) -> None:
    """Make the partitions beforehand: they are made by a transaction of their own."""
    tracks.ensure_partitions({(now + dt.timedelta(hours=hours)).date() for hours in (-HOURS, 0, 24)})


def load_positions(district: SampleDistrict, cast: Cast, now: dt.datetime) -> int:
    """Store the fixes of every worker until now; how many there are."""
    frame = make_tracks(district, now, hours=HOURS)
    ids = {name: person.person_id for name, person in cast.people.items()}
    rows = zip(
        [ids[name] for name in frame["username"]],
        frame["at"].dt.to_pydatetime(),
        *(frame[name].tolist() for name in POSITION[2:-1]),
        frame["at"].dt.to_pydatetime(),
        strict=True,
    )
    with wire() as connection:
        copy_into(connection, "position", POSITION, rows)
        connection.execute(LAST, ([person.person_id for person in cast.of_role("worker")],))
    return len(frame)
