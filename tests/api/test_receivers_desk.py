"""Receivers at the admin's desk: added with a secret shown once, edited, and no further than the operator allows."""

from __future__ import annotations

import re

from gridapp.db import session
from gridapp.models import Delivery, Receiver
from gridapp.services.words import outbox
from tests.api.test_deliveries import app, go_out, program
from tests.support import tasking
from tests.support.world import signed_in

__all__ = ["app", "program"]


def form(world, program, **given):
    plain = {"name": "热线", "url": program.url, "area": world.areas["a"].code, "events": ["task.*"], "active": "1"}
    return {**plain, **given}


def admin(app, world, who="admin_a"):
    return signed_in(app, world.people[who], browser=True)


def test_a_secret_is_shown_once_and_signs_what_is_sent(app, world, program):
    desk = admin(app, world)
    made = desk.post("/admin/receivers/new", data=form(world, program))
    secret = re.search(r"whsec_[\w+/=]+", made.text)
    assert secret
    receiver = session.query(Receiver).one()
    page = desk.get(f"/admin/receivers/{receiver.id}")
    assert page.status_code == 200
    assert "whsec_" not in page.text
    tasking.file(world)
    go_out()
    assert program.got[0].signed_by(secret[0])
    message = session.query(Delivery).one().id
    shown = desk.get(f"/admin/deliveries/{message}").text
    assert "task.report" in shown
    assert "204" in shown
    session.rollback()
    assert desk.post(f"/admin/deliveries/{message}/replay").status_code == 303
    go_out()
    assert len(program.got) == 2
    assert "sent again" not in desk.get("/admin/audit").text  # in Chinese
    assert "重新发送" in desk.get("/admin/audit").text


def test_letters_and_messages_belong_to_the_receivers_of_the_desk(app, world, program):
    desk = admin(app, world)
    desk.post("/admin/receivers/new", data=form(world, program))
    tasking.file(world)
    go_out()
    message = session.query(Delivery).one().id
    for page in ("receivers", "letters", f"deliveries/{message}"):
        tabs = re.findall(r'<a href="([^"]+)" aria-current="page">', desk.get(f"/admin/{page}").text)
        assert [tab for tab in tabs if tab.startswith("/admin/")] == ["/admin/receivers"]


def test_what_is_wrong_comes_back_in_the_form(app, world, program):
    desk = admin(app, world)
    for field, value in (
        ("url", "http://10.0.0.7/"),
        ("url", "http://169.254.169.254/latest/meta-data"),
        ("url", "file:///etc/passwd"),
        ("url", "https://nobody.invalid/"),
        ("events", ["task.explode"]),
        ("events", []),
        ("area", world.areas["b"].code),
        ("name", ""),
    ):
        answer = desk.post("/admin/receivers/new", data=form(world, program, **{field: value}))
        assert (answer.status_code, answer.text.count('class="wrong"')) == (422, 1), (field, value)
    assert session.query(Receiver).count() == 0


def test_a_receiver_is_edited_on_what_was_seen_and_switched_off(app, world, program):
    desk = admin(app, world)
    desk.post("/admin/receivers/new", data=form(world, program))
    receiver = session.query(Receiver).one()
    address = f"/admin/receivers/{receiver.id}"
    off = form(world, program, version="1", name="旧热线")
    del off["active"]
    session.rollback()
    assert desk.post(address, data=off).status_code == 303
    assert desk.post(address, data=off).status_code == 412
    tasking.file(world)
    while outbox.hand_on():
        session.commit()
    assert session.query(Delivery).count() == 0
    assert not session.query(Receiver).one().active


def test_only_admins_keep_receivers_and_auditors_look_on(app, world, program):
    admin(app, world).post("/admin/receivers/new", data=form(world, program))
    address = f"/admin/receivers/{session.query(Receiver).one().id}"
    session.rollback()
    auditor, planner = admin(app, world, "auditor_a"), admin(app, world, "planner_a")
    assert auditor.get(address).status_code == 200
    assert auditor.post(address, data=form(world, program, version="1")).status_code == 403
    assert planner.get(address).status_code == 403
    assert admin(app, world, "admin_b").get(address).status_code == 404
