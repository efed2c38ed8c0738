"""Publishing catalogues: once each, never changed, the newest in force; also the one that comes with the program."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gridapp.catalogue import load_catalogue
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.services.editions import catalogue
from tests.support.catalogue import SMALL


@pytest.fixture
def inside(app):
    with app.app_context():
        yield


@pytest.mark.usefixtures("inside")
def test_the_same_content_again_is_the_edition_that_is_there(world):
    assert catalogue.publish(load_catalogue(SMALL)).version == world.edition
    assert catalogue.current().version == world.edition


@pytest.mark.usefixtures("inside")
def test_other_content_needs_a_version_of_its_own():
    changed = replace(load_catalogue(SMALL), standard="changed")
    with pytest.raises(Problem) as refused:
        catalogue.publish(changed)
    assert refused.value.code == "conflict"
    assert "test-1" in refused.value.detail("zh")


@pytest.mark.usefixtures("inside")
def test_an_older_edition_stays_readable(world):
    catalogue.publish(replace(load_catalogue(SMALL), version="test-2"))
    assert catalogue.current().version == "test-2"
    assert catalogue.edition(world.edition).version == world.edition
    with pytest.raises(Problem):
        catalogue.edition("test-3")


def test_a_phone_reads_the_newest(app, sign_in):
    client = sign_in("worker_a")
    first = client.get("/api/v1/catalogue")
    with app.app_context():
        catalogue.publish(replace(load_catalogue(SMALL), version="test-2"))
        session.commit()
    again = client.get("/api/v1/catalogue", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.json["version"]) == (200, "test-2")


def test_the_programs_own_catalogue_is_published_and_read(app, sign_in):
    whole = load_catalogue()
    with app.app_context():
        catalogue.publish(whole)
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
