"""The desk at which the catalogue is set, and an app that keeps nothing of what a test published."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import SignIn


@pytest.fixture(autouse=True)
def forgotten(app: Flask) -> Iterator[None]:
    """What is kept of an edition outlives the test that undoes it."""
    with app.app_context():
        yield
    app.extensions.pop("category_facts", None)


@pytest.fixture
def desk(sign_in: SignIn) -> FlaskClient:
    """Who administers everything."""
    return sign_in("admin_district", browser=True)
