"""The sample district in the database: every stage, sound by our own checks, loaded once."""

from __future__ import annotations

import stat
import threading

import pytest
from sqlalchemy import text
from werkzeug.serving import make_server

from gridapp.cli import live
from gridapp.db import session
from gridapp.services import demo, doctor
from gridapp.services.auth import sign_in
from gridapp.timesource import now
from gridapp.workflow import STAGES
from tests.support import database
from tests.support.servers import until

# Held by a person, above whom there is always somebody, and nevertheless never to go up, however late.
FORGOTTEN = """
select count(*) from task t
where outcome is null and held_at is null and stage in ('assign', 'handle') and assignee_post_id is not null
and not exists (select from clock_step s where s.task_id = t.id and s.step = 'escalate' and s.due_at > now())
"""


LIVED = """
select exists (select from task t join task_event e on e.task_id = t.id where t.reported_at >= :since
  and e.action in ('report', 'assign', 'accept') group by t.id having count(distinct e.action) = 3)
"""


@pytest.fixture(scope="module")
def small_app(cluster, migrated, tmp_path_factory):
    """An app on a small sample district, loaded once for all tests here."""
    settings = database.test_settings(tmp_path_factory.mktemp("demo") / "instance")
    with database.scratch_database(cluster, migrated) as name, database.app_on(cluster, name, settings) as app:
        with app.app_context():
            demo.load(settings, demo.demo_password(settings), "small", 1)
            session.commit()
        yield app


def test_a_small_district_is_sound_and_loaded_once(small_app):
    settings = small_app.extensions["settings"]
    with small_app.app_context():
        password = demo.demo_password(settings)
        found = demo.loaded()
        assert {
            check.name: check.troubles
            for check in doctor.examine(settings)
            if check.troubles and check.name != "holidays"
        } == {}
        assert set(
            session.scalars(text("select distinct stage from task where outcome is null or stage = 'review'"))
        ) == set(STAGES)
        assert session.scalar(text("select count(*) from last_position")) == found.accounts["worker"]
        assert sign_in(settings, "worker1", password, device="test").person.role == "worker"
        assert session.scalar(text("select count(*) from task_event where action = 'escalate'")) > 0
        assert session.scalar(text(FORGOTTEN)) == 0
        demo.load(settings, password, "small", 1)
        assert demo.loaded() == found
    assert (demo.demo_password(settings), mode_of(settings.instance / "demo_password")) == (password, 0o600)


def test_made_up_workers_report_and_handle_through_the_api_until_it_is_over(small_app):
    settings, since, over = small_app.extensions["settings"], now(), threading.Event()
    server = make_server("127.0.0.1", 0, small_app, threaded=True)
    serving = threading.Thread(target=server.serve_forever, args=(0.02,))
    serving.start()
    url = f"http://127.0.0.1:{server.server_port}"
    lives = live.start(url, demo.demo_password(settings), 3, over, pause=0.05)

    def lived() -> bool:
        with small_app.app_context():
            return session.scalar(text(LIVED), {"since": since}) is True

    try:
        until(lived)
    finally:
        over.set()
        for life in lives:
            life.join()
        server.shutdown()
        serving.join()
        server.server_close()


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)
