"""Answering: JSON documents with entity tags, made once and conditional where the client says what it has."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from flask import Response, request

REVALIDATE = "private, no-cache"


def answer(document: Any, status: int = 200, *, etag: str | None = None) -> Response:
    """A document as JSON, with a strong entity tag where it has a version of its own."""
    response = Response(orjson.dumps(document), status, content_type="application/json")
    if etag is not None:
        response.set_etag(etag)
    return response


def conditional(body: Any, etag: str | None = None) -> Response:
    """A document or its JSON text with an entity tag, or 304 where the client has it.

    Args:
        body: bytes of JSON, or what becomes JSON.
        etag: its tag; a digest of the text where None.
    """
    text = body if isinstance(body, bytes) else orjson.dumps(body)
    response = Response(text, content_type="application/json")
    response.set_etag(etag or digest(text))
    response.headers["Cache-Control"] = REVALIDATE
    response.make_conditional(request)
    return response


def digest(text: bytes) -> str:
    """An entity tag made of the bytes."""
    return hashlib.blake2b(text, digest_size=16).hexdigest()
