"""Posts and units as use cases: one worker a grid and one grid a worker, from a day on; units with their handlers."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import Change, Post, Unit
from gridapp.services.drafts import parse
from gridapp.services.staff import leaves, people, posts, units
from gridapp.services.staff.leaves import LeaveDraft
from gridapp.services.staff.people import EditDraft, PersonDraft
from gridapp.services.staff.posts import ChangeDraft, EndDraft, PostDraft, midnight
from gridapp.timesource import now
from tests.support import tasking
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


def test_a_grid_has_one_worker_and_a_worker_one_grid(world, admin):
    newcomer = people.add_person(admin, person_draft(world, PersonDraft, scope=world.areas["a"].code)).person
    with pytest.raises(Problem) as caught:
        posts.give_post(admin, newcomer, PostDraft(grid=world.areas["a2"].code, begins=TODAY), ZONE)
    assert caught.value.code == "grid_has_worker"


def test_a_worker_who_stands_somewhere_gets_no_second_grid(world, admin):
    wide = person_draft(world, EditDraft, username="worker_a", scope=world.areas["a"].code)
    worker = people.edit_person(admin, world.people["worker_a"].id, 1, wide)
    posts.end_post(admin, world.people["worker_a2"].post, 1, EndDraft(ends=TODAY), ZONE)
    with pytest.raises(Problem) as caught:
        posts.give_post(admin, worker, PostDraft(grid=world.areas["a2"].code, begins=TODAY + DAY), ZONE)
    assert caught.value.code == "worker_has_grid"


def test_a_grid_is_handed_over_on_a_day(world, admin):
    newcomer = people.add_person(admin, person_draft(world, PersonDraft, scope=world.areas["a2"].code)).person
    day = TODAY + 7 * DAY
    posts.end_post(admin, world.people["worker_a2"].post, 1, EndDraft(ends=day), ZONE)
    post = posts.give_post(admin, newcomer, PostDraft(grid=world.areas["a2"].code, begins=day), ZONE)
    assert (
        post.during.lower == midnight(day, ZONE) == session.get_one(Post, world.people["worker_a2"].post).during.upper
    )
    assert post in posts.search(admin, when="coming").items
    assert post not in posts.search(admin).items


def test_a_deputy_stands_beside_the_worker(world, admin):
    worker = person_of(world, "worker_a")
    post = posts.give_post(
        admin, worker, PostDraft(grid=world.areas["a2"].code, begins=TODAY, ends=TODAY + 5 * DAY, deputy=True), ZONE
    )
    assert post.deputy


@pytest.mark.parametrize(
    ("who", "grid", "more", "field"),
    [
        ("worker_a", "a", {}, "grid"),
        ("worker_a", "a1x", {}, "grid"),
        ("worker_a", "b1", {}, "grid"),
        ("worker_a", "a2", {}, "grid"),
        ("chief_a", "a1", {}, "grid"),
        ("dispatcher_a", "a1", {}, "person"),
        ("worker_a", "a1", {"ends": TODAY}, "ends"),
    ],
)
def test_a_post_that_does_not_fit_is_told_by_its_field(world, admin, who, grid, more, field):
    with pytest.raises(Problem) as caught:
        wanted = PostDraft(grid=world.areas[grid].code, begins=TODAY, **more)
        posts.give_post(admin, person_of(world, who), wanted, ZONE)
    assert wrong_fields(caught.value) == {field}


def test_a_post_that_never_began_is_dropped_and_the_feed_is_told(world, admin):
    worker = person_of(world, "worker_a")
    coming = PostDraft(grid=world.areas["a2"].code, begins=TODAY + 5 * DAY, deputy=True)
    post_id = posts.give_post(admin, worker, coming, ZONE).id
    posts.end_post(admin, post_id, 1, EndDraft(ends=TODAY + DAY), ZONE)
    assert session.get(Post, post_id) is None
    assert session.scalar(select(func.count()).where(Change.kind == "post", Change.key == str(post_id))) == 2


def test_a_post_to_come_is_put_right(world, admin):
    newcomer = people.add_person(admin, person_draft(world, PersonDraft, scope=world.areas["a2"].code)).person
    given = PostDraft(grid=world.areas["a2"].code, begins=TODAY + 3 * DAY, deputy=True)
    post = posts.give_post(admin, newcomer, given, ZONE)
    days = ChangeDraft(begins=TODAY + 5 * DAY, ends=TODAY + 9 * DAY, deputy=True)
    changed = posts.change_post(admin, post.id, post.version, days, ZONE)
    assert (changed.during.lower, changed.during.upper) == tuple(midnight(TODAY + n * DAY, ZONE) for n in (5, 9))
    assert refused(admin, post.id, post.version, begins=TODAY + 5 * DAY).code == "grid_has_worker"


def refused(admin, post_id, version, **days):
    """Why a post is not changed."""
    with pytest.raises(Problem) as caught:
        posts.change_post(admin, post_id, version, ChangeDraft(**days), ZONE)
    return caught.value


def test_what_has_been_of_a_post_stays_and_its_end_is_set_and_taken_back(world, admin):
    post = session.get_one(Post, world.people["worker_a2"].post)
    assert post.during.lower is not None
    begun = post.during.lower.astimezone(ZONE).date()
    assert wrong_fields(refused(admin, post.id, 1, begins=begun - DAY)) == {"begins"}
    assert wrong_fields(refused(admin, post.id, 1, begins=begun, ends=TODAY)) == {"ends"}
    kept = post.during.lower
    posts.change_post(admin, post.id, 1, ChangeDraft(begins=begun, ends=TODAY + DAY), ZONE)
    assert (post.during.lower, post.during.upper) == (kept, midnight(TODAY + DAY, ZONE))
    posts.change_post(admin, post.id, 2, ChangeDraft(begins=begun), ZONE)
    assert (post.during.lower, post.during.upper) == (kept, None)
    assert refused(admin, post.id, 2, begins=begun).code == "changed_meanwhile"
    posts.end_post(admin, post.id, 3, EndDraft(ends=TODAY), ZONE)
    assert wrong_fields(refused(admin, post.id, 4, begins=begun)) == {"ends"}


def test_a_post_that_a_leave_made_is_changed_by_its_leave(world, admin):
    begins = dt.datetime.combine(TODAY + 2 * DAY, dt.time(8))
    leave = leaves.give(
        admin,
        world.people["worker_a2"].post,
        LeaveDraft(begins=begins, ends=begins + DAY, deputy="worker_a"),
        ZONE,
    )
    assert wrong_fields(refused(admin, leave.deputy_post_id, 1, begins=begins.date(), deputy=True)) == {"deputy"}


def test_a_past_day_ends_no_post(world, admin):
    with pytest.raises(Problem) as caught:
        posts.end_post(admin, world.people["worker_a"].post, 1, EndDraft(ends=TODAY - DAY), ZONE)
    assert wrong_fields(caught.value) == {"ends"}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "yesterday", "2026-02-30", "20261231x"])
def test_impossible_days_are_told(world, day):
    with pytest.raises(Problem) as caught:
        parse(PostDraft, {"grid": world.areas["a1"].code, "begins": day})
    assert wrong_fields(caught.value) == {"begins"}


def test_a_unit_lives_from_its_adding_to_its_retiring(world, admin):
    unit = units.add_unit(admin, unit_draft(world))
    edited = units.edit_unit(admin, unit.id, 1, unit_draft(world, name="综合治理办", name_en="Order office"))
    assert (edited.name, edited.version) == ("综合治理办", 2)
    with pytest.raises(Problem) as caught:
        units.edit_unit(admin, unit.id, 1, unit_draft(world))
    assert caught.value.code == "changed_meanwhile"
    units.retire_unit(admin, unit.id, 2)
    assert unit not in units.search(admin).items
    assert unit in units.search(admin, retired=True).items


def test_a_unit_with_handlers_stays(world, admin):
    with pytest.raises(Problem, match="handlers still belong"):
        units.retire_unit(admin, world.units["a"], 1)


@pytest.mark.parametrize(("state", "way_out"), [("handled_by_unit", "transfer"), ("assisted", "release")])
def test_a_unit_with_open_tasks_stays_until_they_are_elsewhere(world, admin, state, way_out):
    task_id = tasking.bring_to(world, state)
    unit = session.get_one(Unit, world.units["a"])
    for handler in units.handlers_of(unit):
        handler.retired_at = now()
    session.flush()
    with pytest.raises(Problem, match=r"tasks are still open at the unit \(1\)"):
        units.retire_unit(admin, unit.id, 1)
    given = {"assignee": {"unit": str(unit.id)}} if way_out == "release" else {}
    tasking.act(world, "dispatcher_a", task_id, way_out, **given)
    assert units.retire_unit(admin, unit.id, 1).retired_at is not None


@pytest.mark.parametrize(
    ("given", "field"),
    [({"code": "a b"}, "code"), ({"level": "group"}, "level"), ({"area": "x"}, "area"), ({"name": ""}, "name")],
)
def test_a_wrong_unit_is_told_by_its_field(world, admin, given, field):
    with pytest.raises(Problem) as caught:
        units.add_unit(admin, unit_draft(world, **given))
    assert wrong_fields(caught.value) == {field}


def test_a_code_names_one_unit(world, admin):
    with pytest.raises(Problem) as caught:
        units.add_unit(admin, unit_draft(world, code="unit_b"))
    assert caught.value.code == "code_taken"
