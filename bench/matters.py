"""Half a million open tasks of one category, for the look-up of what may be the same matter."""

from __future__ import annotations

import psycopg

from bench.stage import HEIGHT, SOUTH, WEST, WIDTH, Stage

OPEN = 500_000

FILL = """
insert into task (id, version, stage, source, edition, category_code, description, geom, grid_id, located,
  reported_at, received_at)
select gen_random_uuid(), 1, 'report', 'hotline', (select version from catalogue_edition), '06010',
  '路口有暴露垃圾，影响通行', ST_SetSRID(ST_MakePoint(%(west)s + random() * %(width)s,
  %(south)s + random() * %(height)s), 4326), (select id from grid where level = 'district'), true, now(), now()
from generate_series(1, %(count)s)
"""


def fill(made: Stage) -> None:
    """Put them there as rows alone: events and the feed's log have no part in the look-up."""
    values = {"west": WEST, "width": WIDTH, "south": SOUTH, "height": HEIGHT, "count": OPEN}
    with psycopg.connect(made.dsn, autocommit=True) as connection:
        connection.execute("alter table task disable trigger user")
        connection.execute(FILL, values)
        connection.execute("alter table task enable trigger user")
        connection.execute("vacuum analyze task")
