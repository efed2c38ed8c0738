"""Photos in parts, by the core headers of tus 1.0: how much is here, and the next part.

Registered before ``photos``, whose GET would answer HEAD too.
"""

from __future__ import annotations

import re
import sys
from typing import BinaryIO, cast

from flask import Response, request

from gridapp.doors import principal, settings
from gridapp.errors import Field, Problem
from gridapp.services import uploads
from mobile_api.calls import Answer, call

TUS = "1.0.0"
PART = "application/offset+octet-stream"
COUNT = re.compile(r"[0-9]{1,15}", re.ASCII)
RESUMABLE = {"Tus-Resumable": "1.0.0, where the client speaks tus"}


@call(
    "HEAD",
    "/photos/<sha256>",
    permission="photo.read",
    rated=False,
    answers={200: Answer("So much of it is here", headers=("Upload-Offset", "Upload-Length", "Tus-Resumable"))},
    problems=("invalid", "tus_version"),
    reads_headers=RESUMABLE,
)
def photo_state(sha256: str) -> Response:
    """Ask how much of a photo is here; what is here whole ends where it is long."""
    _check_version()
    state = uploads.state(principal(), settings(), sha256)
    response = _told(200, state.offset)
    response.headers["Upload-Length"] = str(state.length)
    return response


@call(
    "PATCH",
    "/photos/<sha256>",
    permission="photo.add",
    rated=False,
    media=(PART,),
    answers={204: Answer("The new offset", headers=("Upload-Offset", "Tus-Resumable"))},
    problems=("wrong_offset", "checksum_differs", "too_large", "wrong_type", "film_length", "invalid", "tus_version"),
    reads_headers={
        **RESUMABLE,
        "Upload-Offset": "where the part belongs: as many bytes are here",
        "Upload-Length": "bytes of the whole, with the first part",
    },
)
def append_photo(sha256: str) -> Response:
    """Send the next part of a photo or a film; a part that is cut off counts as far as it came."""
    _check_version()
    if request.mimetype != PART or request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem("wrong_type", type=request.mimetype or "-", known=PART)
    request.max_content_length = sys.maxsize  # JSON bodies have a limit; a part ends with the whole
    offset = uploads.append(principal(), settings(), sha256, _part(), cast("BinaryIO", request.stream))
    return _told(204, offset)


def _check_version() -> None:
    if request.headers.get("Tus-Resumable", TUS) != TUS:
        raise Problem("tus_version", known=TUS, headers={"Tus-Version": TUS})


def _told(status: int, offset: int) -> Response:
    headers = {"Tus-Resumable": TUS, "Upload-Offset": str(offset), "Cache-Control": "no-store"}
    return Response(status=status, headers=headers)


def _part() -> uploads.Part:
    """What the headers say of the part.

    Raises:
        Problem: ``invalid`` naming those that are missing or no numbers.
    """
    said = {name: request.headers.get(name) for name in ("Upload-Offset", "Upload-Length")}
    wrong = {
        name: Field("not_a_count", "Give a whole number of bytes.", "请填写字节数（整数）。")
        for name, value in said.items()
        if (value is None and name == "Upload-Offset") or (value is not None and not COUNT.fullmatch(value))
    }
    if said["Upload-Length"] == "0":
        wrong["Upload-Length"] = Field("empty", "An empty file is no photo.", "空文件不是照片。")
    if wrong:
        raise Problem("invalid", errors=wrong)
    offset, length = int(said["Upload-Offset"] or 0), said["Upload-Length"]
    return uploads.Part(offset, request.content_length, None if length is None else int(length))
