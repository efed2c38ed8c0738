"""Photos in one go, and looking at them."""

from __future__ import annotations

import sys
from typing import BinaryIO, Literal, cast

from flask import Response, request, send_file

from gridapp.doors import principal, settings
from gridapp.errors import Problem
from gridapp.services.pictures import photos
from mobile_api.calls import UNCHANGED, Answer, call
from mobile_api.schemas import Query

FOREVER = 31_536_000


class PhotoQuery(Query):
    """Which size of a photo."""

    size: Literal["thumb", "screen", "original"] = "screen"


@call(
    "PUT",
    "/photos/<sha256>",
    permission="photo.add",
    rated=False,
    media=photos.KINDS,
    answers={201: Answer("Kept"), 200: Answer("It was here")},
    problems=("checksum_differs", "too_large", "wrong_type", "film_length", "invalid"),
)
def put_photo(sha256: str) -> Response:
    """Send a photo or a film whole, under the SHA-256 of its bytes."""
    limit = settings().photo_max_bytes
    if (request.content_length or 0) > limit:
        raise Problem("too_large", limit=f"{limit // 1_000_000} MB")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem("wrong_type", type=request.headers["Content-Encoding"], known="identity")
    request.max_content_length = sys.maxsize  # JSON bodies have a limit; the service counts bytes against its own
    added = photos.put(principal(), settings(), sha256, cast("BinaryIO", request.stream))
    return Response(status=201 if added else 200)


@call(
    "GET",
    "/photos/<sha256>",
    permission="photo.read",
    rated=False,
    query=PhotoQuery,
    answers={
        200: Answer("The picture", media="image/*"),
        206: Answer("A part of it", media="image/*"),
        304: UNCHANGED,
    },
    problems=("not_found", "range_not_satisfiable"),
)
def get_photo(sha256: str, query: PhotoQuery) -> Response:
    """Look at a photo; what the camera wrote beside is only in the original, for those who handle the task."""
    shown = photos.show(principal(), settings(), sha256, query.size)
    response = send_file(shown.path, shown.mime, etag=f"{sha256}-{query.size}", max_age=FOREVER)
    response.headers["Cache-Control"] = f"private, max-age={FOREVER}, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
