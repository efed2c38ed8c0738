"""People as use cases: drafts told field by field, nothing given beyond one's own scope, everything on record."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from gridapp.access import SYSTEM
from gridapp.db import commit, session
from gridapp.errors import Problem
from gridapp.models import AuditEntry, Post, Token
from gridapp.services import audit, auth
from gridapp.services.staff import people, posts, units
from gridapp.services.staff.people import EditDraft, PersonDraft, RevealDraft
from gridapp.services.staff.posts import EndDraft
from gridapp.timesource import now
from tests.support.desk import admin_of_a, person_draft, person_of, unit_draft, wrong_fields

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = dt.datetime.now(ZONE).date()
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _inside(app):
    with app.app_context():
        yield


@pytest.fixture
def admin(world):
    return admin_of_a(world)


def test_a_person_is_added_with_a_password_that_opens_the_door(world, admin):
    made = people.add_person(
        admin, person_draft(world, PersonDraft, username=" Li.Na ", phone="138 0013-8000", titles=("居民小组长",))
    )
    assert (made.person.username, made.person.phone, made.person.titles) == ("li.na", "13800138000", ["居民小组长"])
    assert made.password is not None
    assert auth._verify(made.person.password_hash, made.password)
    given = people.add_person(admin, person_draft(world, PersonDraft, username="two"), SecretStr("long-and-odd-7"))
    assert given.password is None
    assert auth._verify(given.person.password_hash, "long-and-odd-7")


def test_the_system_adds_people_anywhere(world):
    assert (
        people.add_person(SYSTEM, person_draft(world, PersonDraft, scope=world.areas["b1"].code)).person.scope_grid.name
        == "西一组"
    )


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"name": "  "}, {"name"}),
        ({"name": "x" * 101}, {"name"}),
        ({"name": "a\0b"}, {"name"}),
        ({"name": "a\ud800b"}, {"name"}),
        ({"username": "a"}, {"username"}),
        ({"username": "two words"}, {"username"}),
        ({"role": "king"}, {"role"}),
        ({"role": "system"}, {"role"}),
        ({"phone": "call me"}, {"phone"}),
        ({"phone": "１３８００１３８０００"}, {"phone"}),
        ({"language": "fr"}, {"language"}),
        ({"titles": tuple("abcdefghijk")}, {"titles"}),
        ({"surplus": "x"}, {"surplus"}),
        ({"username": None, "name": None}, {"username", "name"}),
    ],
)
def test_each_wrong_field_is_told_in_both_languages(world, given, fields):
    with pytest.raises(Problem) as caught:
        person_draft(world, PersonDraft, **given)
    assert wrong_fields(caught.value) == fields
    for told in caught.value.errors.values():
        assert told.en
        assert any("\u4e00" <= letter <= "\u9fff" for letter in told.zh)
        assert "{" not in told.en + told.zh


@pytest.mark.parametrize("area", ["b", "b1", "street", "district"])
def test_nobody_gets_a_scope_beyond_the_own(world, admin, area):
    with pytest.raises(Problem) as caught:
        people.add_person(admin, person_draft(world, PersonDraft, scope=world.areas[area].code))
    assert wrong_fields(caught.value) == {"scope"}


def test_a_handler_needs_a_unit_of_the_scope_and_others_have_none(world, admin):
    for given in ({"role": "handler"}, {"role": "handler", "unit": "unit_b"}, {"role": "worker", "unit": "unit_a"}):
        with pytest.raises(Problem) as caught:
            people.add_person(admin, person_draft(world, PersonDraft, **given))
        assert wrong_fields(caught.value) == {"unit"}
    assert (
        people.add_person(admin, person_draft(world, PersonDraft, role="handler", unit="unit_a")).person.unit_id
        == world.units["a"]
    )


def test_a_user_name_is_taken_once(world, admin):
    with pytest.raises(Problem) as caught:
        people.add_person(admin, person_draft(world, PersonDraft, username="worker_b"))
    assert caught.value.code == "username_taken"


@pytest.mark.parametrize("password", ["short", "password123", "newcomer-2026", "aaaaaaaaaa", "12345678", "x" * 201])
def test_a_password_that_is_guessed_at_once_is_refused(world, admin, password):
    with pytest.raises(Problem) as caught:
        people.add_person(admin, person_draft(world, PersonDraft), SecretStr(password))
    assert wrong_fields(caught.value) == {"password"}


def test_an_edit_keeps_the_number_that_the_form_never_held(world, admin):
    made = people.add_person(admin, person_draft(world, PersonDraft, phone="13800138000")).person
    edited = people.edit_person(admin, made.id, made.version, person_draft(world, EditDraft, name="改名"))
    assert (edited.name, edited.phone, edited.version) == ("改名", "13800138000", 2)
    edited = people.edit_person(admin, made.id, 2, person_draft(world, EditDraft, name="改名", drop_phone="1"))
    assert edited.phone is None


def test_an_edit_on_an_old_version_names_who_was_first(world, admin):
    made = people.add_person(admin, person_draft(world, PersonDraft)).person
    people.edit_person(admin, made.id, 1, person_draft(world, EditDraft, name="第一个"))
    with pytest.raises(Problem) as caught:
        people.edit_person(admin, made.id, 1, person_draft(world, EditDraft, name="第二个"))
    assert caught.value.code == "changed_meanwhile"
    assert caught.value.detail("zh").startswith("Admin A 已先行处理：修改，")


def test_nobody_locks_themselves_out(world, admin):
    me = person_of(world, "admin_a")
    lowered = person_draft(
        world, EditDraft, username="admin_a", name="Admin A", role="auditor", scope=world.areas["a"].code
    )
    with pytest.raises(Problem, match="ask another administrator"):
        people.edit_person(admin, me.id, me.version, lowered)
    with pytest.raises(Problem, match="ask another administrator"):
        people.retire_person(admin, me.id, me.version)


def test_a_worker_with_a_post_keeps_role_and_scope(world, admin):
    worker = person_of(world, "worker_a")
    for given, field in (({"role": "chief"}, "role"), ({"scope": world.areas["a2"].code}, "scope")):
        kept = {"username": "worker_a", "role": "worker", "scope": world.areas["a1"].code}
        with pytest.raises(Problem) as caught:
            people.edit_person(admin, worker.id, worker.version, person_draft(world, EditDraft, **{**kept, **given}))
        assert wrong_fields(caught.value) == {field}
    wider = person_draft(world, EditDraft, username="worker_a", scope=world.areas["a"].code)
    assert people.edit_person(admin, worker.id, worker.version, wider).scope_grid_id == world.areas["a"].id


def test_retiring_ends_posts_and_every_sign_in(world, admin, sign_in):
    phone = sign_in("worker_a")
    assert phone.get("/api/v1/me").status_code == 200
    worker = person_of(world, "worker_a")
    people.retire_person(admin, worker.id, worker.version)
    commit()
    assert phone.get("/api/v1/me").status_code == 401
    post = session.get_one(Post, world.people["worker_a"].post)
    assert post.during.upper is not None
    assert session.scalar(select(func.count()).where(Token.person_id == worker.id, Token.revoked_at.is_(None))) == 0
    with pytest.raises(Problem, match="retired"):
        people.edit_person(admin, worker.id, worker.version, person_draft(world, EditDraft, username="worker_a"))


def test_a_new_password_ends_every_sign_in(world, admin, sign_in):
    phone = sign_in("worker_a")
    made = people.set_password(admin, world.people["worker_a"].id)
    commit()
    assert made.password is not None
    assert auth._verify(made.person.password_hash, made.password)
    assert phone.get("/api/v1/me").status_code == 401


def test_looking_at_a_number_is_on_record_with_its_reason(world, admin):
    made = people.add_person(admin, person_draft(world, PersonDraft, phone="13800138000")).person
    assert people.reveal_phone(admin, made.id, RevealDraft(reason="联系本人")) == "13800138000"
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "reveal")).one()
    assert (entry.actor_id, entry.subject_id) == (admin.person_id, str(made.id))
    assert entry.detail["reason"] == "联系本人"
    assert "13800138000" not in str(entry.detail)


def test_people_of_another_community_do_not_exist(world, admin):
    other = person_of(world, "worker_b")
    for call in (
        lambda: people.person_in_scope(admin, other.id),
        lambda: people.edit_person(admin, other.id, other.version, person_draft(world, EditDraft)),
        lambda: people.retire_person(admin, other.id, other.version),
        lambda: people.set_password(admin, other.id),
        lambda: people.reveal_phone(admin, other.id, RevealDraft(reason="just so")),
        lambda: posts.end_post(admin, world.people["worker_b"].post, 1, EndDraft(ends=TODAY), ZONE),
        lambda: units.edit_unit(admin, world.units["b"], 1, unit_draft(world)),
    ):
        with pytest.raises(Problem) as caught:
            call()
        assert caught.value.code == "not_found"


def test_search_finds_by_words_and_role_within_the_scope(world, admin):
    people.add_person(admin, person_draft(world, PersonDraft, name="张 100%_真", phone="13800138000"))
    found = {words: {p.username for p in people.search(admin, words=words).items} for words in ("100%_", "东二组", "B")}
    assert found == {"100%_": {"newcomer"}, "东二组": {"newcomer", "worker_a2"}, "B": set()}
    assert people.search(admin, words="13800138000").items == []
    assert [p.username for p in people.search(admin, role="chief").items] == ["chief_a"]
    assert people.search(admin, 99).number == 1


def test_the_record_shows_what_was_done_in_scope_and_nothing_else(world, admin):
    before = now()
    made = people.add_person(admin, person_draft(world, PersonDraft, phone="13800138000")).person
    people.edit_person(admin, made.id, 1, person_draft(world, EditDraft, name="改名", phone="13900139000"))
    people.add_person(SYSTEM, person_draft(world, PersonDraft, username="far", scope=world.areas["b1"].code))
    seen = audit.entries(admin).items
    assert [entry.action for entry in seen] == ["edit", "add"]
    assert all(entry.at >= before for entry in seen)
    assert seen[0].detail["changed"] == {"name": ["新人", "改名"], "phone": "…"}
    assert audit.actors(seen) == {admin.person_id: "Admin A"}
    assert audit.entries(admin, words="Admin A").total == 2
    assert audit.entries(admin, kind="unit").total == 0
