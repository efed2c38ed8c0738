"""A phone that was away for a week: 40,000 changes come page by page, each once, in memory that one page needs."""

from __future__ import annotations

import tracemalloc

from sqlalchemy import text

from gridapp.db import session
from tests.api.test_changes import read
from tests.support import tasking

THINGS, CHANGES, PAGE = 2_000, 40_000, 2_000
TRACED = 3
"""Pages whose memory is measured, which makes them several times slower."""

MOST_BYTES = 60_000_000

# Every thing in turn, so that each page is about as many things as it has rows: the dearest that a page can be.
A_WEEK = """
insert into change (kind, key, grid_id)
select 'task', t.id::text, t.grid_id from generate_series(1, :rounds) round cross join task t order by round, t.id
"""


def test_40_000_changes_come_in_pages_and_one_page_is_all_that_is_held(live_app, live_sign_in, world):
    with live_app.app_context():
        known = {str(tasking.file(world)) for _ in range(THINGS)}
        session.commit()
    client = live_sign_in("worker_a")
    _, cursor = read(client)
    with live_app.app_context():
        session.execute(text(A_WEEK), {"rounds": CHANGES // THINGS})
        session.commit()
    told, pages, peak = 0, 0, 0
    while True:
        traced = pages < TRACED
        if traced:
            tracemalloc.start()
        page = client.get("/api/v1/changes", query_string={"since": cursor, "limit": PAGE}).get_json()
        if traced:
            peak = max(peak, tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        told, pages, cursor = told + len(page["changes"]), pages + 1, page["cursor"]
        assert {one["id"] for one in page["changes"]} <= known
        if not page["more"]:
            break
    assert (told, pages) == (CHANGES, CHANGES // PAGE)
    assert peak < MOST_BYTES
    assert read(client, cursor)[0] == []


def test_a_worker_in_another_grid_has_nothing_left_of_the_old_one(live_app, live_sign_in, world):
    client = live_sign_in("worker_a")
    with live_app.app_context():
        old, stop = str(tasking.file(world)), str(tasking.stop(world).id)
        alarm = str(tasking.alarm(world, "chief_a").id)
        session.commit()
    present, cursor = read(client)
    assert old in {one["id"] for one in present}
    with live_app.app_context():
        values = {"grid": world.areas["b2"].id, "person": world.people["worker_a"].id}
        session.execute(
            text("update post set during = tstzrange(lower(during), now()) where person_id = :person"), values
        )
        session.execute(text("update person set scope_grid_id = :grid where id = :person"), values)
        session.commit()
    told, _ = read(client, cursor)
    left = {(one["kind"], one["id"]) for one in told if one["op"] == "remove"}
    assert {("task", old), ("grid", str(world.areas["a1"].id)), ("post", str(world.people["worker_a"].post))} <= left
    kept = {(one["kind"], one["id"]) for one in told if one["op"] == "upsert"}
    assert ("stop", stop) in left
    assert ("alarm", alarm) not in left, "the chief's alarm lies in the community, which the worker never saw"
    assert ("grid", str(world.areas["b2"].id)) in kept
    assert not left & kept
