"""Reading requests: JSON bodies, plain or gzip, bounded in size and depth, and query strings, into checked models."""

from __future__ import annotations

import zlib
from typing import Any, TypeVar

import orjson
from flask import request
from pydantic import BaseModel, ValidationError

from gridapp.doors import settings
from gridapp.errors import Problem, invalid
from gridapp.services.tasking.task_request import invalid_from

Model = TypeVar("Model", bound=BaseModel)
GZIP = 16 + zlib.MAX_WBITS


def read_body(model: type[Model]) -> Model:
    """The body as a model; types are strict, a number in quotes is no number.

    Raises:
        Problem: ``not_json``, ``too_large``, ``wrong_type``, or ``invalid`` naming each field.
    """
    raw, _ = read_object()
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            raise Problem("not_json", why=("nested too deep", "嵌套过深")) from error
        raise invalid_from(error) from error


def read_object() -> tuple[bytes, dict[str, Any]]:
    """The body as bytes, unpacked, and as a JSON object.

    Raises:
        Problem: ``not_json``, ``too_large`` or ``wrong_type``.
    """
    if request.mimetype != "application/json":
        raise Problem("wrong_type", type=request.mimetype or "-", known="application/json")
    raw = _unpacked(_received())
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Problem("not_json", why=str(error)) from error
    if not isinstance(document, dict):
        words = ("not_an_object", "The body is one JSON object.", "请求体应为一个 JSON 对象。")
        raise invalid(body=words)
    return raw, document


def _received() -> bytes:
    """The body as it came. One of unknown length is cut at the limit without a word, so one byte more is asked for."""
    limit = settings().body_max_bytes
    request.max_content_length = limit + 1
    raw = request.get_data(cache=False)
    if len(raw) > limit:
        raise _too_large(limit)
    return raw


def _unpacked(raw: bytes) -> bytes:
    """The body without its content coding; what grows beyond the limit is not unpacked to its end."""
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding == "identity":
        return raw
    if coding != "gzip":
        raise Problem("wrong_type", type=coding, known="gzip")
    limit = settings().body_max_bytes
    unpacker = zlib.decompressobj(GZIP)
    try:
        whole = unpacker.decompress(raw, limit + 1)
    except zlib.error as error:
        raise Problem("not_json", why=("broken gzip", "gzip 内容损坏")) from error
    if len(whole) > limit:
        raise _too_large(limit)
    if not unpacker.eof:
        raise Problem("not_json", why=("broken gzip", "gzip 内容损坏"))
    return whole


def _too_large(limit: int) -> Problem:
    return Problem("too_large", limit=f"{limit // 1000} kB")


def read_query(model: type[Model]) -> Model:
    """The query string as a model; what the call does not know is left aside, what is said twice is refused.

    Raises:
        Problem: ``invalid`` naming each parameter.
    """
    twice = {name for name, values in request.args.lists() if len(values) > 1}
    if twice:
        words = ("twice", "Give it once.", "只能给出一次。")
        raise invalid(**dict.fromkeys(sorted(twice), words))
    try:
        return model.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise invalid_from(error) from error
