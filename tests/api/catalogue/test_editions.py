"""Publishing catalogues: once each, never changed, the newest in force; also the one that comes with the program."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gridapp.catalogue import load_catalogue
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import CatalogueEdition, Category, FilingCondition
from gridapp.services.editions import catalogue, first_edition, publishing
from gridapp.services.editions.own import Settings
from tests.support.catalogue import BILLS, LITTER, SMALL, STALL


@pytest.fixture
def inside(app):
    with app.app_context():
        yield


@pytest.mark.usefixtures("inside")
def test_the_same_content_again_is_the_edition_that_is_there(world):
    assert publishing.publish(load_catalogue(SMALL)).version == world.edition
    assert catalogue.current().version == world.edition


@pytest.mark.usefixtures("inside")
def test_other_content_needs_a_version_of_its_own():
    changed = replace(load_catalogue(SMALL), standard="changed")
    with pytest.raises(Problem) as refused:
        publishing.publish(changed)
    assert refused.value.code == "conflict"
    assert "test-1" in refused.value.detail("zh")


@pytest.mark.usefixtures("inside")
def test_an_older_edition_stays_readable(world):
    publishing.publish(replace(load_catalogue(SMALL), version="test-2"))
    assert catalogue.current().version == "test-2"
    assert catalogue.edition(world.edition).version == world.edition
    with pytest.raises(Problem):
        catalogue.edition("test-3")


def test_a_phone_reads_the_newest(app, sign_in):
    client = sign_in("worker_a")
    first = client.get("/api/v1/catalogue")
    with app.app_context():
        publishing.publish(replace(load_catalogue(SMALL), version="test-2"))
        session.commit()
    again = client.get("/api/v1/catalogue", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.json["version"]) == (200, "test-2")


def test_the_programs_own_catalogue_is_published_and_read(app, sign_in):
    whole = load_catalogue()
    with app.app_context():
        publishing.publish(whole)
        session.commit()
    read = sign_in("worker_a").get("/api/v1/catalogue").json
    assert read["version"] == whole.version
    assert [major["code"] for major in read["categories"]] == [major.code for major in whole.majors()]
    assert sum(len(major["children"]) for major in read["categories"]) + len(whole.majors()) == len(whole.categories)
    assert len(read["duties"]) == 10


def test_where_none_was_published_a_phone_is_told(empty_app):
    with empty_app.app_context(), pytest.raises(Problem) as missing:
        catalogue.current()
    assert missing.value.status == 404


OWN: Settings = {
    BILLS: {"sample_share": 0.5, "similar_hours": 24.0},
    LITTER: {"limits": {f"{LITTER}-2": {"handle": [5, "urgent_day"]}}},
    STALL: {"retired": True},
    "99999": {"accuracy_m": 10.0},
}


@pytest.fixture
def own(inside) -> CatalogueEdition:
    """The small catalogue with a district's own settings laid over it."""
    base = catalogue.current()
    return publishing.publish_own(base, base, OWN, None)


def held(version: str) -> dict[str, object]:
    limit = session.get_one(FilingCondition, (version, f"{LITTER}-2"))
    bills = session.get_one(Category, (version, BILLS))
    return {
        "share": bills.sample_share,
        "hours": bills.similar_hours,
        "metres": bills.similar_radius_m,
        "handle": (limit.handle_amount, limit.handle_unit),
        "answer": (limit.answer_amount, limit.answer_unit),
        "stalls": session.get(Category, (version, STALL)) is not None,
    }


def test_what_a_district_sets_is_an_edition_laid_over_the_programs(own: CatalogueEdition, world) -> None:
    assert (own.version, own.base) == (f"{world.edition}_1", world.edition)
    assert catalogue.current().version == own.version
    kept = {"metres": 50.0, "answer": (1, "working_day")}
    assert held(own.version) == {"share": 0.5, "hours": 24.0, "handle": (5, "urgent_day"), "stalls": False, **kept}
    before = {"share": 0.0, "hours": 72.0, "handle": (3, "working_day"), "stalls": True, **kept}
    assert held(world.edition) == before


def test_a_new_version_of_the_program_keeps_what_the_district_set(own: CatalogueEdition) -> None:
    small = load_catalogue(SMALL)
    wider = tuple(replace(one, near_metres=80.0, near_hours=100.0) for one in small.categories)
    newest = publishing.publish(replace(small, version="test-2", categories=wider))
    assert (newest.version, newest.base, newest.settings) == ("test-2_1", "test-2", OWN)
    assert catalogue.current().version == newest.version
    now_held = held(newest.version)
    assert (now_held["share"], now_held["hours"], now_held["handle"]) == (0.5, 24.0, (5, "urgent_day"))
    assert now_held["metres"] == 80.0, "what the district left alone is the program's new value"
    assert not now_held["stalls"]


def test_a_share_rests_where_a_new_version_lets_nobody_settle_it_on_the_spot(own: CatalogueEdition) -> None:
    small = load_catalogue(SMALL)
    strict = tuple(replace(one, self_handle=False, sample_share=0.0) for one in small.categories)
    newest = publishing.publish(replace(small, version="test-2", categories=strict))
    assert held(newest.version)["share"] == 0.0
    assert newest.settings == OWN, "it holds again where a later version knows it again"


def test_a_class_without_categories_is_not_offered(inside) -> None:
    base = catalogue.current()
    made = publishing.publish_own(base, base, {"07001": {"retired": True}}, None)
    assert session.get(Category, (made.version, "07")) is None
    assert session.get(Category, (made.version, "06")) is not None


def test_the_same_version_of_the_program_started_again_changes_nothing(own: CatalogueEdition) -> None:
    publishing.publish(load_catalogue(SMALL))
    assert catalogue.current().version == own.version


def test_an_upgrade_brings_the_programs_catalogue_into_force_once(empty_app) -> None:
    with empty_app.app_context():
        assert first_edition.bring_in() == first_edition.bring_in() == load_catalogue().version
        session.commit()
        assert catalogue.current().version == load_catalogue().version
