"""gzip for data, here because nginx would weaken the ETag, and with it every If-Match that a phone sends."""

import gzip

from flask import Response, request

SMALLEST = 1000
LEVEL = 4
DATA = frozenset({"application/json", "application/problem+json", "application/geo+json"})


def compress(response: Response) -> Response:
    """The same answer, smaller where the client takes gzip; the ETag stays, for it names the content, not its bytes."""
    if response.mimetype not in DATA or response.is_streamed:
        return response
    response.vary.add("Accept-Encoding")
    if response.content_encoding or request.accept_encodings.quality("gzip") == 0:
        return response
    body = response.get_data()
    if len(body) >= SMALLEST:
        response.set_data(gzip.compress(body, LEVEL, mtime=0))
        response.content_encoding = "gzip"
    return response
