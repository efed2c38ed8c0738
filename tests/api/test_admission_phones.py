"""Phones hear of an admission when it is decided, and again when its day comes."""

from __future__ import annotations

import datetime as dt

from flask import Flask

from gridapp.db import commit
from gridapp.services import admission
from gridapp.services.admission import Ruled, turns
from gridapp.services.clockwork import health
from gridapp.services.drafts import parse
from gridapp.timesource import now
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.hours import set_clock
from tests.support.world import World

CLOSED = "07001"
"""Not admitted by the catalogue."""


def ruled(world: World, begins: dt.date) -> None:
    draft = {"item": CLOSED, "area": world.areas["a"].code, "begins": begins.isoformat(), "words": "会议纪要第 3 号"}
    admission.rule_item(tasking.principal(world, "admin_a"), parse(Ruled, {**draft, "verdict": "admit"}))


def test_phones_hear_of_a_decision_when_it_is_made_and_when_its_day_comes(
    live_app: Flask, world: World, live_sign_in: SignIn
) -> None:
    phone = live_sign_in("worker_a")
    first = phone.get("/api/v1/catalogue")
    page = phone.get("/api/v1/changes?limit=500").get_json()
    while page["more"]:
        page = phone.get("/api/v1/changes", query_string={"since": page["cursor"], "limit": 500}).get_json()
    tag = first.headers["ETag"]
    assert phone.get("/api/v1/catalogue", headers={"If-None-Match": tag}).status_code == 304

    def news() -> list[str]:
        nonlocal page
        page = phone.get("/api/v1/changes", query_string={"since": page["cursor"], "wait": 0}).get_json()
        return [change["thing"]["etag"] for change in page["changes"] if change["kind"] == "catalogue"]

    with live_app.app_context():
        ruled(world, (now() + dt.timedelta(days=2)).date())
        assert not turns.tell_turns()
        health.succeeded(turns.JOB, dt.timedelta())
        commit()
    assert news() == [tag.strip('"')]
    assert phone.get("/api/v1/catalogue", headers={"If-None-Match": tag}).status_code == 304
    with set_clock((now() + dt.timedelta(days=3)).strftime("%Y-%m-%d 00:01")):
        with live_app.app_context():
            assert turns.tell_turns()
            health.succeeded(turns.JOB, dt.timedelta())
            commit()
        [changed] = news()
        answer = phone.get("/api/v1/catalogue", headers={"If-None-Match": tag})
        assert (answer.status_code, answer.headers["ETag"].strip('"')) == (200, changed)
        majors = answer.get_json()["categories"]
        assert next(minor["admitted"] for major in majors for minor in major["children"] if minor["code"] == CLOSED)
