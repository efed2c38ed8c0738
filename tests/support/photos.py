"""Sending photos to an app under test, looking at them, and what is left of them in the database and on disk."""

from __future__ import annotations

import io

from PIL import Image
from sqlalchemy import func, select

from gridapp.db import session
from gridapp.models import Photo
from tests.support.pictures import sha256


def put(client, content, *, name=None, **headers):
    return client.put(f"/api/v1/photos/{name or sha256(content)}", data=content, headers=headers)


def get(client, content, size="screen", **headers):
    return client.get(f"/api/v1/photos/{sha256(content)}?size={size}", headers=headers, buffered=True)


def picture_of(answer):
    return Image.open(io.BytesIO(answer.data))


def kept(app):
    with app.app_context():
        return session.scalar(select(func.count()).select_from(Photo))


def files(app):
    folder = app.extensions["settings"].instance / "photos"
    return {path.name for path in folder.rglob("*") if path.is_file()}
