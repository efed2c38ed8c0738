"""An e-mail address is asked first: a link that works once and not for long; until then nothing else goes there."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridapp.cluster import Cluster
from gridapp.db import session
from gridapp.jobs import deliveries
from gridapp.models import Contact, Letter
from gridapp.services import auth
from gridapp.services.words import contacts, outbox
from gridapp.services.words.contacts import ContactDraft
from tests.support import tasking
from tests.support.hours import SetClock, set_clock
from tests.support.mailbox import Mailbox, app_with_mail
from tests.support.world import World, signed_in

LINK = re.compile(r"https://grid\.city\.example(/confirm-email\?token=[\w-]+)")


@pytest.fixture
def clock() -> Iterator[SetClock]:
    with set_clock("2026-03-04 12:00") as clock:
        yield clock


@pytest.fixture
def app(
    cluster: Cluster, peopled: tuple[str, World], mailbox: Mailbox, tmp_path: Path, clock: SetClock
) -> Iterator[Flask]:
    """The world with a mail server, with real commits; nobody has an address yet."""
    with app_with_mail(cluster, peopled[0], mailbox, tmp_path) as made:
        yield made


def choose(world: World, email: str | None, who: str = "worker_a") -> None:
    contacts.choose(tasking.principal(world, who), ContactDraft(email=email))
    session.commit()


def contact_of(world: World, who: str = "worker_a") -> Contact:
    session.expire_all()
    return session.get_one(Contact, world.people[who].id)


def go_out() -> None:
    """What the jobs do."""
    while outbox.hand_on():
        session.commit()
    deliveries._send_letters()
    session.commit()


def told_of_a_task(world: World) -> uuid.UUID:
    task_id = tasking.file(world)
    tasking.act(world, "dispatcher_a", task_id, "assign")
    session.commit()
    return task_id


def link(mailbox: Mailbox) -> str:
    """The link of the last letter."""
    [path] = set(LINK.findall(mailbox.words()))
    return str(path)


def follow(app: Flask, path: str) -> tuple[int, str]:
    """Open the page and press its button, as somebody who is not signed in."""
    stranger = app.test_client()
    looked = stranger.get(path)
    token = path.partition("token=")[2]
    pressed = stranger.post("/confirm-email", data={"token": token}, headers={"Sec-Fetch-Site": "same-origin"})
    return looked.status_code, re.findall(r'data-state="(\w+)"', pressed.text)[0]


def test_a_new_address_gets_one_letter_in_both_languages_and_nothing_else(
    app: Flask, world: World, mailbox: Mailbox
) -> None:
    choose(world, "wang@city.example")
    told_of_a_task(world)
    for _ in range(3):
        go_out()
    assert mailbox.to == ["wang@city.example"]
    words = mailbox.words()
    assert "请在 48 小时内打开以下链接确认" in words
    assert "Confirm it within 48 hours" in words
    assert "#" not in words
    assert contact_of(world).state == "asked"


def test_once_confirmed_letters_go_there(app: Flask, world: World, mailbox: Mailbox, clock: SetClock) -> None:
    choose(world, "wang@city.example")
    go_out()
    path = link(mailbox)
    assert follow(app, path) == (200, "done")
    assert contact_of(world).state == "confirmed"
    told_of_a_task(world)
    go_out()
    assert len(mailbox.letters) == 2
    assert "任务 #" in mailbox.letters[1]["Subject"]


def test_a_link_works_once_and_looking_does_not_use_it_up(app: Flask, world: World, mailbox: Mailbox) -> None:
    choose(world, "wang@city.example")
    go_out()
    path = link(mailbox)
    assert [app.test_client().get(path).status_code for _ in range(3)] == [200] * 3
    assert contact_of(world).state == "asked"
    assert follow(app, path)[1] == "done"
    assert follow(app, path) == (404, "void")


def test_a_link_is_too_old_after_its_hours_and_another_can_be_sent(
    app: Flask, world: World, mailbox: Mailbox, clock: SetClock
) -> None:
    choose(world, "wang@city.example")
    go_out()
    old = link(mailbox)
    clock.on(hours=48)
    assert follow(app, old) == (404, "void")
    page = signed_in(app, world.people["worker_a"], browser=True)
    assert 'data-state="asked"' in page.get("/notices/settings").text
    assert page.post("/notices/settings/ask").status_code == 303
    go_out()
    assert follow(app, link(mailbox)) == (200, "done")


def test_no_strangers_mailbox_is_filled(app: Flask, world: World, mailbox: Mailbox, clock: SetClock) -> None:
    for n in range(5):
        choose(world, f"stranger{n}@city.example")
        go_out()
    assert mailbox.to == ["stranger0@city.example"]
    clock.on(minutes=2)
    go_out()
    assert mailbox.to == ["stranger0@city.example", "stranger4@city.example"]


def test_only_the_hash_of_a_link_is_kept(app: Flask, world: World, mailbox: Mailbox) -> None:
    choose(world, "wang@city.example")
    go_out()
    token = link(mailbox).partition("token=")[2]
    assert contact_of(world).confirm_hash == auth.hash_secret(token)


def test_another_address_is_asked_anew_and_the_same_one_is_not(
    app: Flask, world: World, mailbox: Mailbox, clock: SetClock
) -> None:
    choose(world, "wang@city.example")
    go_out()
    first = link(mailbox)
    follow(app, first)
    choose(world, "wang@city.example")
    assert contact_of(world).state == "confirmed"
    clock.on(minutes=5)
    choose(world, "li@city.example")
    assert contact_of(world).state == "waiting"
    told_of_a_task(world)
    go_out()
    assert mailbox.to == ["wang@city.example", "li@city.example"]
    assert follow(app, first) == (404, "void")
    choose(world, None)
    assert contact_of(world).state == "none"
    assert follow(app, link(mailbox)) == (404, "void")


def test_letters_that_wait_do_not_follow_to_an_address_that_nobody_confirmed(
    app: Flask, world: World, mailbox: Mailbox, clock: SetClock
) -> None:
    choose(world, "wang@city.example")
    go_out()
    follow(app, link(mailbox))
    told_of_a_task(world)
    while outbox.hand_on():
        session.commit()
    choose(world, "li@city.example")
    clock.on(minutes=5)
    go_out()
    assert mailbox.to == ["wang@city.example", "li@city.example"]
    assert "/confirm-email" in mailbox.words()
    assert session.query(Letter).filter_by(state="dropped").count() == 1


def test_an_address_that_cannot_be_reached_is_tried_again_then_shown(
    app: Flask, world: World, mailbox: Mailbox, clock: SetClock
) -> None:
    mailbox.refused.add("nobody@city.example")
    choose(world, "nobody@city.example")
    for _ in range(20):
        go_out()
        clock.on(hours=25)
    assert contact_of(world).state == "refused"
    assert "no such person" in str(contact_of(world).ask_error)
    assert mailbox.letters == []
    admin = signed_in(app, world.people["admin_a"], browser=True)
    page = admin.get(f"/admin/persons/{world.people['worker_a'].id}").text
    assert 'data-address="refused"' in page
    assert "n***@city.example" in page
    assert "nobody@" not in page


def test_the_admin_sees_whether_an_address_is_confirmed(app: Flask, world: World, mailbox: Mailbox) -> None:
    admin = signed_in(app, world.people["admin_a"], browser=True)

    def state(client: FlaskClient = admin) -> str:
        page = client.get(f"/admin/persons/{world.people['worker_a'].id}").text
        return str(re.findall(r'data-address="(\w+)"', page)[0])

    assert state() == "none"
    choose(world, "wang@city.example")
    assert state() == "waiting"
    go_out()
    assert state() == "asked"
    follow(app, link(mailbox))
    assert state() == "confirmed"


def test_nobody_confirms_from_another_site(app: Flask, world: World, mailbox: Mailbox) -> None:
    choose(world, "wang@city.example")
    go_out()
    token = link(mailbox).partition("token=")[2]
    answer = app.test_client().post("/confirm-email", data={"token": token}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert contact_of(world).state == "asked"
