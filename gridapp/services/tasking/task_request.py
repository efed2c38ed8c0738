"""The body of an action as it is sent, and what is wrong with its form, field by field."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

import orjson
from pydantic import Field, ValidationError

from gridapp.errors import Field as Wrong
from gridapp.errors import Problem
from gridapp.services.moments import Moment
from gridapp.services.reporting.phone_facts import PhotoNotes, PositionNote
from gridapp.services.reporting.report_rules import Location, Photos, Strict, Words


class Chosen(Strict):
    """An assignee: a post or a unit."""

    post: uuid.UUID | None = None
    unit: uuid.UUID | None = None


class Scores(Strict):
    """Marks from 1 to 5."""

    speed: int = Field(ge=1, le=5, strict=True)
    quality: int = Field(ge=1, le=5, strict=True)


class ActionRequest(Strict):
    """The body of an action."""

    id: uuid.UUID
    action: str
    at: Moment
    location: Location | None = None
    note: Words | None = None
    photos: Photos = ()
    reason: Annotated[str, Field(max_length=64)] | None = None
    assignee: Chosen | None = None
    master: uuid.UUID | None = None
    due: Moment | None = None
    review_on: dt.date | None = None
    scores: Scores | None = None
    position: PositionNote | None = None
    photo_facts: PhotoNotes = ()
    satisfied: Literal["satisfied", "basically_satisfied", "dissatisfied"] | None = None
    advice: Annotated[str, Field(max_length=40_000, pattern=r"^[\w.=-]*$")] | None = None
    condition: Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")] | None = None


def parse(body: dict[str, Any]) -> ActionRequest:
    """Read a body as JSON has its types: a number in quotes is no number.

    Raises:
        Problem: ``invalid`` naming each field that is wrong.
    """
    try:
        return ActionRequest.model_validate_json(orjson.dumps(body), strict=True)
    except ValidationError as error:
        raise invalid_from(error) from error


def invalid_from(error: ValidationError) -> Problem:
    """Pydantic's findings as a 422 by field."""
    found: dict[str, Wrong] = {}
    for item in error.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in item["loc"]) or "body"
        blank = item["type"] == "string_too_short" and item["ctx"]["min_length"] == 1
        words = ("This is needed.", _ZH["missing"]) if blank else (item["msg"], _zh(item["type"]))
        found[name] = Wrong(item["type"], *words)
    return Problem("invalid", errors=found)


_ZH = {
    "missing": "此项必填。",
    "extra_forbidden": "没有此字段，请去掉。",
    "uuid_parsing": "应为 UUID。",
    "uuid_type": "应为 UUID。",
    "string_type": "应为文字。",
    "string_too_short": "文字太短。",
    "string_too_long": "文字太长。",
    "string_pattern_mismatch": "格式不符。",
    "literal_error": "不是可选的值。",
    "timezone_aware": "时间须带时区。",
    "datetime_from_date_parsing": "应为带时区的时间（RFC 3339）。",
    "datetime_parsing": "应为带时区的时间（RFC 3339）。",
    "implausible_time": "年份不合理，请核对时间。",
    "number_too_large": "数值太大。",
    "greater_than_equal": "数值太小。",
    "less_than_equal": "数值太大。",
    "finite_number": "应为有限数值。",
    "too_long": "数量过多。",
    "value_error": "缺少位置：请提供坐标或地址。",
}


def _zh(code: str) -> str:
    return _ZH.get(code, "该值不符合要求。")
