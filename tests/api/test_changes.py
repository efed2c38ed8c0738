"""The feed as a phone reads it, with real commits: the present in pages, then every change once."""

from __future__ import annotations

import datetime as dt
import time
import uuid

import psycopg
import pytest

from gridapp.cluster.backup import DUMP, restore_dump, unpacked, write_backup
from gridapp.services.feeds import feed
from gridapp.timesource import now
from tests.support.catalogue import LITTER
from tests.support.database import scratch_database

PATIENCE = 120


def file(client, world, area="a1"):
    body = {"category": LITTER, "description": "x", "location": world.inside(area), "reported_at": now().isoformat()}
    return client.put(f"/api/v1/reports/{uuid.uuid4()}", json=body).json["id"]


def read(client, since=None, limit=500):
    """All changes after a cursor, and the cursor after them."""
    told = []
    while True:
        query = {"limit": limit, **({"since": since} if since else {})}
        page = client.get("/api/v1/changes", query_string=query)
        assert page.status_code == 200
        assert len(page.json["changes"]) <= limit
        told += page.json["changes"]
        since = page.json["cursor"]
        if not page.json["more"]:
            return told, since


def test_the_present_first_then_what_changed(live_sign_in, world):
    worker, stranger = live_sign_in("worker_a"), live_sign_in("worker_b")
    before = file(worker, world)
    present, cursor = read(worker, limit=2)
    told = {(one["kind"], one["id"]) for one in present}
    assert ("task", before) in told
    assert ("catalogue", world.edition) in told
    assert ("grid", str(world.areas["a1"].id)) in told
    assert ("grid", str(world.areas["b1"].id)) not in told
    assert len(told) == len(present)
    file(stranger, world, "b1")
    after = file(worker, world)
    news, cursor = read(worker, cursor)
    assert [(one["op"], one["kind"], one["id"]) for one in news] == [("upsert", "task", after)]
    assert news[0]["thing"]["stage"] == "report"
    assert read(worker, cursor)[0] == []


def test_a_wait_ends_with_the_news_or_with_its_time(live_sign_in, world):
    worker = live_sign_in("worker_a")
    _, cursor = read(worker)
    nothing = worker.get("/api/v1/changes", query_string={"since": cursor, "wait": 0.5})
    assert nothing.json["changes"] == []
    task = file(worker, world)
    news = worker.get("/api/v1/changes", query_string={"since": nothing.json["cursor"], "wait": 25})
    assert [one["id"] for one in news.json["changes"]] == [task]


def test_a_page_already_read_is_304_until_there_is_news(live_sign_in, world):
    worker = live_sign_in("worker_a")
    _, cursor = read(worker)
    first = worker.get("/api/v1/changes", query_string={"since": cursor})
    seen = {"If-None-Match": first.headers["ETag"]}
    file(live_sign_in("worker_b"), world, "b1")
    assert worker.get("/api/v1/changes", query_string={"since": cursor}, headers=seen).status_code == 304
    file(worker, world)
    assert worker.get("/api/v1/changes", query_string={"since": cursor}, headers=seen).status_code == 200


@pytest.mark.parametrize("since", ["x", "W10", "WyJ4IiwieCIsIngiLG51bGwsbnVsbF0", "\x00"])
def test_a_cursor_that_is_none_of_ours_is_refused(live_sign_in, since):
    answer = live_sign_in("worker_a").get("/api/v1/changes", query_string={"since": since})
    assert answer.status_code in (410, 422)


def test_a_cursor_of_another_scope_starts_afresh(live_sign_in):
    _, cursor = read(live_sign_in("worker_b"))
    answer = live_sign_in("worker_a").get("/api/v1/changes", query_string={"since": cursor})
    assert (answer.status_code, answer.json["code"]) == (410, "cursor_too_old")


def pruned_until_too_old(client, cursor):
    """Prune until a cursor is refused: rows beside open transactions, also of other databases, stay until these end."""
    give_up = time.monotonic() + PATIENCE
    while (answer := client.get("/api/v1/changes", query_string={"since": cursor})).status_code == 200:
        assert time.monotonic() < give_up
        feed.prune(now() + dt.timedelta(minutes=1))
    return answer


def test_a_cursor_older_than_the_log_starts_afresh(live_app, live_sign_in, world):
    client = live_sign_in("worker_a")
    _, old = read(client)
    file(client, world)
    with live_app.app_context():
        assert feed.prune(now() - dt.timedelta(days=1)) == 0
        assert read(client, old)[0]
        gone = pruned_until_too_old(client, old)
    assert (gone.status_code, gone.json["code"]) == (410, "cursor_too_old")
    _, cursor = read(client)
    filed = file(client, world)
    assert filed in [one["id"] for one in read(client, cursor)[0]]


def test_a_new_cursor_is_good_though_a_transaction_was_open_at_the_pruning(cluster, live_app, live_sign_in, world):
    client = live_sign_in("worker_a")
    name = live_app.config["SQLALCHEMY_DATABASE_URI"].split("?")[0].rsplit("/", 1)[-1]
    with psycopg.connect(cluster.dsn(name)) as slow, live_app.app_context():
        slow.execute("select pg_current_xact_id()")
        file(client, world)
        feed.prune(now() + dt.timedelta(minutes=1))
        _, cursor = read(client)
        filed = file(client, world)
        assert filed in [one["id"] for one in read(client, cursor)[0]]


def test_after_a_restore_every_cursor_starts_afresh(cluster, live_app, live_sign_in, world, tmp_path):
    file(live_sign_in("worker_a"), world)
    name = live_app.config["SQLALCHEMY_DATABASE_URI"].split("?")[0].rsplit("/", 1)[-1]
    epoch = "select epoch, (select count(*) from change) from feed_state"
    with psycopg.connect(cluster.dsn(name)) as connection:
        before = connection.execute(epoch).fetchone()
    write_backup(tmp_path / "city.tar", cluster.dsn(name), tmp_path / "photos")
    with unpacked(tmp_path / "city.tar", tmp_path) as (folder, manifest), scratch_database(cluster) as fresh:
        restore_dump(folder / DUMP, cluster.dsn(fresh), manifest["rows"])
        with psycopg.connect(cluster.dsn(fresh)) as connection:
            after = connection.execute(epoch).fetchone()
    assert before is not None
    assert after is not None
    assert before[1] > 0
    assert after[1] == 0
    assert after[0] != before[0]
