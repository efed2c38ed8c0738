"""Exports asked for on a page and made by the job: for who asked, in scope, for some days."""

from __future__ import annotations

import datetime as dt
import re

from flask import Flask
from sqlalchemy import select

from gridapp.db import commit, session
from gridapp.jobs import exports as job
from gridapp.models import ExportOrder
from gridapp.services import exports
from gridapp.timesource import now
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.world import World

PAGE = {"Accept": "text/html"}


def test_an_export_is_asked_for_made_and_fetched(live_app: Flask, live_sign_in: SignIn, world: World) -> None:
    with live_app.app_context():
        tasking.file(world, description="电话 13812345678")
        tasking.file(world, who="chief_b", location=world.inside("b1"), description="别处的事")
        commit()
    desk = live_sign_in("dispatcher_a", browser=True)
    form = {"area": world.areas["a"].code, "form": "csv", "since": "2026-01-01"}
    assert desk.post("/exports", data=form, headers=PAGE).status_code == 303
    assert "/file" not in desk.get("/exports", headers=PAGE).text
    with live_app.app_context():
        job.make_exports()
        commit()
    [path] = re.findall(r'href="(/exports/[0-9a-f-]{36}/file)"', desk.get("/exports", headers=PAGE).text)
    fetched = desk.get(path, buffered=True)
    assert fetched.status_code == 200
    assert "138****5678" in fetched.text
    assert "别处的事" not in fetched.text
    assert live_sign_in("dispatcher_district", browser=True).get(path).status_code == 404
    with live_app.app_context():
        assert exports.prune(now() + dt.timedelta(days=1)) == 1
        commit()
    assert desk.get(path).status_code == 404


def test_what_lies_outside_the_scope_or_runs_backwards_is_refused(sign_in: SignIn, world: World) -> None:
    desk = sign_in("dispatcher_a", browser=True)
    for wrong in ({"area": world.areas["b"].code}, {"since": "2026-03-02", "until": "2026-03-01"}, {"form": "exe"}):
        form = {"area": world.areas["a"].code, "form": "csv", **wrong}
        assert desk.post("/exports", data=form, headers=PAGE).status_code == 422
    assert sign_in("worker_a", browser=True).get("/exports", headers=PAGE).status_code == 403


def test_an_export_that_cannot_be_made_is_given_up_and_says_so(
    live_app: Flask, live_sign_in: SignIn, world: World
) -> None:
    desk = live_sign_in("dispatcher_a", browser=True)
    form = {"area": world.areas["a"].code, "form": "csv"}
    assert desk.post("/exports", data=form, headers=PAGE).status_code == 303
    with live_app.app_context():
        (live_app.extensions["settings"].instance / "exports").write_text("no folder")
        for _ in range(exports.TRIES):
            job.make_exports()
            commit()
        order = session.scalars(select(ExportOrder)).one()
        assert (order.tries, order.made_at) == (exports.TRIES, None)
        assert order.failed_at is not None
    assert "生成失败" in desk.get("/exports", headers=PAGE).text
