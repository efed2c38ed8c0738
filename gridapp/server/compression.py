"""gzip for data, here because nginx would weaken the ETag, and with it every If-Match that a phone sends."""

import gzip

from flask import Flask, Response, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from gridapp.doors import PACK

SMALLEST = 1000
LEVEL = 4
DATA = frozenset({"application/json", "application/problem+json", "application/geo+json"})
VARY = ("Vary", "Accept-Encoding")


def switch_on(app: Flask) -> None:
    """Have the app's data compressed, also where it is answered before Flask."""
    app.after_request(compress)
    app.extensions[PACK] = pack


def compress(response: Response) -> Response:
    """The same answer, smaller where the client takes gzip; the ETag stays, for it names the content, not its bytes."""
    if response.mimetype not in DATA or response.is_streamed:
        return response
    response.vary.add("Accept-Encoding")
    if response.content_encoding or request.accept_encodings.quality("gzip") == 0:
        return response
    body = response.get_data()
    if len(body) >= SMALLEST:
        response.set_data(_packed(body))
        response.content_encoding = "gzip"
    return response


def pack(body: bytes, accepted: str) -> tuple[bytes, list[tuple[str, str]]]:
    """The same for an answer that is no ``Response`` yet: the body as it is sent, and the headers that tell of it."""
    if len(body) < SMALLEST or not accepted or parse_accept_header(accepted, Accept).quality("gzip") == 0:
        return body, [VARY]
    return _packed(body), [("Content-Encoding", "gzip"), VARY]


def _packed(body: bytes) -> bytes:
    return gzip.compress(body, LEVEL, mtime=0)
