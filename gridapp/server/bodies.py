"""Bodies that nobody wants: refused early, they are still read to their end."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CHUNK = 1 << 16


def read_to_the_end(app: "WSGIApplication", most: int) -> "WSGIApplication":
    """The application, which takes in a body also where it answers without a look at it.

    Where a worker hangs up in the middle of a body, nginx loses the answer, and 401 or 413 becomes 503, which a phone
    takes for a reason to send the same again.

    Args:
        app: the application.
        most: bytes that are taken in at most; what sends more is cut off.
    """

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        chunks = app(environ, start_response)
        if environ.get("CONTENT_LENGTH") or environ.get("HTTP_TRANSFER_ENCODING"):
            _take_in(environ, most)
        return chunks

    return answer


def _take_in(environ: "WSGIEnvironment", most: int) -> None:
    if not environ.get("wsgi.input_terminated"):
        return  # a bare socket, whose end nobody knows
    left = most
    while left > 0 and (chunk := environ["wsgi.input"].read(min(CHUNK, left))):
        left -= len(chunk)
