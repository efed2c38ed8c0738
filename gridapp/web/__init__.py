"""The pages: one blueprint a workplace, and what their templates share."""

from __future__ import annotations

from flask import Flask

from gridapp.web import (
    admin,
    admission,
    alarms,
    command,
    confirm,
    exports,
    field,
    live,
    notices,
    phones,
    planning,
    session,
    stops,
    tiles,
    words,
)

ROOMS = (
    session,
    confirm,
    tiles,
    live,
    notices,
    alarms,
    command,
    planning,
    field,
    phones,
    stops,
    admin,
    admission,
    exports,
)


def register(app: Flask) -> None:
    """Join the pages to the app."""
    words.init_words(app)
    for room in ROOMS:
        app.register_blueprint(room.blueprint)
