"""`gridapp tasks export` as a script meets it: a row a task, below an area and in a time, or one sentence."""

import csv

import pytest

from gridapp.db import session
from tests.support import tasking
from tests.support.command import gridapp_here as gridapp


@pytest.fixture
def two_tasks(live_app, world):
    with live_app.app_context():
        made = [tasking.bring_to(world, stage) for stage in ("handled", "reported")]
        session.commit()
    return made


def test_tasks_leave_as_a_file(live_app, world, two_tasks, tmp_path):
    out = tmp_path / "tasks.csv"
    words = ("tasks", "export", out, "--json", "--scope")
    ran = gridapp(live_app, *words, world.areas["a"].code, "--from", "2026-01-01", terminal=True)
    assert (ran.status, ran.document) == (0, {"file": str(out), "tasks": 2}), ran.err
    assert "Writing tasks.csv  [" in ran.err and "100%" in ran.err
    rows = list(csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines()))
    assert {row["id"] for row in rows} == set(map(str, two_tasks))
    assert gridapp(live_app, *words, world.areas["b"].code).document["tasks"] == 0
    nowhere = gridapp(live_app, "tasks", "export", tmp_path / "none.csv", "--scope", "999999")
    assert (nowhere.status, nowhere.out, (tmp_path / "none.csv").exists()) == (2, "", False)
    assert nowhere.err.startswith("Error: scope: ")
