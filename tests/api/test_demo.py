"""The sample district in the database: every stage, sound by our own checks, loaded once."""

from __future__ import annotations

import stat

from sqlalchemy import text

from gridapp.db import session
from gridapp.services import demo, doctor
from gridapp.services.auth import sign_in
from gridapp.workflow import STAGES

# Held by a person, above whom there is always somebody, and nevertheless never to go up, however late.
FORGOTTEN = """
select count(*) from task t
where outcome is null and held_at is null and stage in ('assign', 'handle') and assignee_post_id is not null
and not exists (select from clock_step s where s.task_id = t.id and s.step = 'escalate' and s.due_at > now())
"""


def test_a_small_district_is_sound_and_loaded_once(empty_app):
    settings = empty_app.extensions["settings"]
    with empty_app.app_context():
        password = demo.demo_password(settings)
        demo.load(settings, password, "small", 1)
        session.commit()
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


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)
