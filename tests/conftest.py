"""Fixtures that need a database; what they are made of lies in ``tests/support``.

- ``app``, ``client``, ``sign_in``, ``world``: the session's database with the world in it; a test's doings are undone.
- ``live_app``, ``live_sign_in``: the same world in a copy of its own, with real commits: races, the feed, processes.
- ``mailbox``: a mail server.
- ``empty_app``: migrated, nothing in it, real commits: imports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import flask_migrate
import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridapp.cluster import Cluster
from gridapp.config import Settings
from gridapp.db import session
from tests.support import database
from tests.support.catalogue import publish_small
from tests.support.mailbox import Mailbox, mail_server
from tests.support.world import Someone, World, build_world, signed_in

SignIn = Callable[..., FlaskClient]

hypothesis.settings.register_profile("house", deadline=None)  # no test depends on the speed of the machine
hypothesis.settings.load_profile("house")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with database.running_cluster() as cluster:
        database.drop_leftovers(cluster)
        yield cluster


@pytest.fixture(scope="session")
def migrated(cluster: Cluster, settings: Settings) -> Iterator[str]:
    """Name of a database with every table and nothing in it; nobody stays connected, so it can be copied."""
    with database.scratch_database(cluster) as name:
        with database.app_on(cluster, name, settings) as app, app.app_context():
            flask_migrate.upgrade()
        yield name


@pytest.fixture(scope="session")
def peopled(cluster: Cluster, migrated: str, settings: Settings) -> Iterator[tuple[str, World]]:
    """Name of a database with the world in it, to be copied, and the world."""
    with database.scratch_database(cluster, migrated) as name:
        with database.app_on(cluster, name, settings) as app, app.app_context():
            world = build_world()
            world.edition = publish_small()
            session.commit()
        yield name, world


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return database.test_settings(tmp_path_factory.mktemp("instance"))


@pytest.fixture(scope="session")
def world(peopled: tuple[str, World]) -> World:
    return peopled[1]


@pytest.fixture(scope="session")
def session_app(cluster: Cluster, peopled: tuple[str, World], settings: Settings) -> Iterator[Flask]:
    with (
        database.scratch_database(cluster, peopled[0]) as name,
        database.app_on(cluster, name, settings) as app,
    ):
        yield app


@pytest.fixture
def app(session_app: Flask) -> Iterator[Flask]:
    """The app on the world; one connection, and everything is undone after the test. Not for threads."""
    with database.rolled_back(session_app):
        yield session_app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Nobody signed in."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask, world: World) -> SignIn:
    """``sign_in("worker_a")``, ``sign_in("dispatcher_a", browser=True)``: a client of that person."""
    return _signing_in(app, world)


@pytest.fixture
def limits() -> dict[str, int]:
    """Settings of ``live_app`` besides those of every test; a test that needs others is parametrized by ``limits``."""
    return {}


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server that is up; ``tests.support.mailbox.app_with_mail`` has an app write to it."""
    with mail_server() as there:
        yield there


@pytest.fixture
def live_app(cluster: Cluster, peopled: tuple[str, World], tmp_path: Path, limits: dict[str, int]) -> Iterator[Flask]:
    """An app on a copy of the world of its own, with real commits."""
    with (
        database.scratch_database(cluster, peopled[0]) as name,
        database.app_on(cluster, name, database.test_settings(tmp_path / "instance", **limits)) as app,
    ):
        yield app


@pytest.fixture
def live_sign_in(live_app: Flask, world: World) -> SignIn:
    return _signing_in(live_app, world)


@pytest.fixture
def empty_app(cluster: Cluster, migrated: str, tmp_path: Path) -> Iterator[Flask]:
    """An app on a migrated database with nothing in it, with real commits."""
    with (
        database.scratch_database(cluster, migrated) as name,
        database.app_on(cluster, name, database.test_settings(tmp_path / "instance")) as app,
    ):
        yield app


def _signing_in(app: Flask, world: World) -> SignIn:
    def sign_in(who: str | Someone, *, browser: bool = False) -> FlaskClient:
        return signed_in(app, world.people[who] if isinstance(who, str) else who, browser=browser)

    return sign_in
