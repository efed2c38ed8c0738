"""Editions at the admin desk: who was first, who changed what, what differs, and an earlier one published again."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from gridapp.catalogue import load_catalogue
from gridapp.db import session
from gridapp.models import AuditEntry, Category
from gridapp.services.editions import publishing
from tests.conftest import SignIn
from tests.support.catalogue import BILLS, LITTER, SMALL
from tests.support.catalogue_desk import PAGE, form_of, in_force, limit_of, save
from tests.support.world import World


def test_of_two_admins_the_second_is_told_who_was_first(desk: FlaskClient, world: World, sign_in: SignIn) -> None:
    other = sign_in("admin_district", browser=True)
    stale, elsewhere = form_of(other, BILLS, sample_share="0.9"), form_of(other, LITTER, accuracy_m="30")
    assert save(desk, BILLS, sample_share="0.3").status_code == 303
    assert other.post("/admin/catalogue/category", data=elsewhere, headers=PAGE).status_code == 303
    refused = other.post("/admin/catalogue/category", data=stale, headers=PAGE)
    assert refused.status_code == 412
    assert "Admin District" in refused.text
    assert session.get_one(Category, (in_force().version, BILLS)).sample_share == 0.3
    assert f'value="{in_force().version}"' in refused.text, "what is shown now can be saved"
    assert desk.post("/admin/catalogue/category", data={**stale, "seen": ""}, headers=PAGE).status_code == 428
    assert desk.post("/admin/catalogue/category", data={**stale, "seen": "nil"}, headers=PAGE).status_code == 412


def test_the_audit_list_says_who_changed_what(desk: FlaskClient, world: World) -> None:
    save(desk, LITTER, similar_radius_m="25", **{f"{LITTER}-1.handle.amount": "6"})
    entry = session.scalars(select(AuditEntry).where(AuditEntry.subject_kind == "catalogue")).one()
    assert (entry.actor_id, entry.subject_id) == (world.people["admin_district"].id, f"{world.edition}_1")
    changed = {"similar_radius_m": [50.0, 25.0], f"handle {LITTER}-1": [[4, "working_hour"], [6, "working_hour"]]}
    assert entry.detail["changed"] == changed
    shown = desk.get("/admin/audit?kind=catalogue", headers=PAGE).text
    assert "判重距离（米）: 50 → 25" in shown
    assert f"处置时限 {LITTER}-1: 4 工作时 → 6 工作时" in shown


def test_earlier_editions_are_read_with_what_differs_and_published_again(desk: FlaskClient, world: World) -> None:
    save(desk, BILLS, sample_share="0.3")
    save(desk, BILLS, sample_share="0.6", **{f"{BILLS}-1.handle.unit": "urgent_hour"})
    page = desk.get("/admin/catalogue/editions", headers=PAGE).text
    assert page.index(f"{world.edition}_2") < page.index(f"{world.edition}_1")
    assert "抽查比例: 0.3 → 0.6" in page
    assert "处置时限: 4 工作时 → 4 紧急工作时" in page
    assert "首个版本" in page
    before = desk.get(f"/admin/catalogue/category?code={BILLS}&edition={world.edition}_1", headers=PAGE).text
    assert "<dd>0.3</dd>" in before
    assert "已失效" in before
    undo = {"edition": f"{world.edition}_1", "seen": f"{world.edition}_2"}
    assert desk.post("/admin/catalogue/editions/again", data=undo, headers=PAGE).status_code == 303
    edition = in_force()
    assert edition.version == f"{world.edition}_3"
    assert session.get_one(Category, (edition.version, BILLS)).sample_share == 0.3
    assert limit_of(edition.version, f"{BILLS}-1") == (4, "working_hour")
    assert desk.post("/admin/catalogue/editions/again", data=undo, headers=PAGE).status_code == 412
    for wrong in ("nil", ""):
        form = {"edition": wrong, "seen": edition.version}
        assert desk.post("/admin/catalogue/editions/again", data=form, headers=PAGE).status_code == 404


def test_two_who_save_at_the_same_moment_publish_one_after_the_other(
    live_app: Flask, world: World, live_sign_in: SignIn
) -> None:
    desks = [live_sign_in("admin_district", browser=True) for _ in range(4)]
    shares = ["0.1", "0.2", "0.3", "0.4"]
    forms = [form_of(desk, BILLS, sample_share=share) for desk, share in zip(desks, shares, strict=True)]
    with ThreadPoolExecutor(len(desks)) as threads:
        answers = list(
            threads.map(
                lambda one: one[0].post("/admin/catalogue/category", data=one[1], headers=PAGE).status_code,
                zip(desks, forms, strict=True),
            )
        )
    assert sorted(answers) == [303, 412, 412, 412]
    with live_app.app_context():
        first = float(shares[answers.index(303)])
        assert session.get_one(Category, (in_force().version, BILLS)).sample_share == first


def test_a_new_version_of_the_program_is_one_entry_with_what_the_district_set_in_it(
    desk: FlaskClient, world: World
) -> None:
    save(desk, BILLS, sample_share="0.3")
    stale = form_of(desk, BILLS, sample_share="0.7")
    small = load_catalogue(SMALL)
    farther = tuple(replace(one, near_hours=100.0) if one.code == LITTER else one for one in small.categories)
    publishing.publish(replace(small, version="test-2", categories=farther))
    page = desk.get("/admin/catalogue/editions", headers=PAGE).text
    assert re.findall(r"<b>([\w-]+)</b>", page) == ["test-2_1", "test-1_1", "test-1"]
    assert "判重时长（小时）: 72 → 100" in page
    assert page.count("抽查比例") == 1, "what the district set is no change by the program"
    refused = desk.post("/admin/catalogue/category", data=stale, headers=PAGE)
    assert refused.status_code == 412
    assert "程序新版本" in refused.text
