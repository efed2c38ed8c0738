"""The digest of what somebody sent, by which it is known when it is sent again."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from gridapp.errors import Problem


def content_hash(content: dict[str, Any]) -> bytes:
    """Digest of what was sent, whatever the order of its members.

    Raises:
        Problem: ``not_json`` where it is nested deeper than anything is written.
    """
    try:
        text = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise Problem("not_json", why=("nested too deep", "嵌套过深")) from error
    return hashlib.sha256(text).digest()
