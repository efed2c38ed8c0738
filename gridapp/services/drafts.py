"""Drafts: what people type, checked field by field and told in both languages before a use case sees it."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic import Field as Range
from pydantic_core import ErrorDetails, PydanticCustomError

from gridapp.errors import Field, Problem

Model = TypeVar("Model", bound=BaseModel)

CHOICE = ("Not one of the choices.", "不在可选范围内。")
DAY = ("A day is wanted, like 2026-03-01.", "请填写日期，例如 2026-03-01。")
WORDS: dict[str, tuple[str, str]] = {
    "missing": ("This is needed.", "此项必填。"),
    "string_too_short": ("At least {min_length} characters.", "至少 {min_length} 个字符。"),
    "string_too_long": ("At most {max_length} characters.", "最多 {max_length} 个字符。"),
    "too_long": ("At most {max_length} entries.", "最多 {max_length} 项。"),
    "extra_forbidden": ("There is no such field.", "没有这个字段。"),
    "enum": CHOICE,
    "literal_error": CHOICE,
    "date_parsing": DAY,
    "date_from_datetime_parsing": DAY,
    "date_type": DAY,
    "greater_than_equal": ("Not before {ge}.", "不能早于 {ge}。"),
    "less_than_equal": ("Not after {le}.", "不能晚于 {le}。"),
}
OTHERWISE = ("Not in the right form.", "格式不正确。")


class Draft(BaseModel):
    """Base of the drafts: frozen, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def refuse(code: str, en: str, zh: str) -> PydanticCustomError:
    """An error of a validator, in both languages."""
    return PydanticCustomError(code, en, {"zh": zh})


def _printable(value: str) -> str:
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Cn") for letter in value):
        raise refuse("characters", "There are characters that cannot be shown.", "含有无法显示的字符。")
    return value


Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(_printable)
]
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=2, max_length=500), AfterValidator(_printable)
]

Day = Annotated[dt.date, Range(ge=dt.date(2000, 1, 1), le=dt.date(2199, 12, 31))]


def parse(model: type[Model], values: Mapping[str, Any]) -> Model:
    """Make the draft of what was typed; what was left blank counts as missing.

    Raises:
        Problem: ``invalid`` with the fields that are wrong.
    """
    given = {name: value for name, value in values.items() if not (value is None or _is_blank(value))}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        faults = {_name(fault): _field(fault) for fault in error.errors(include_url=False)}
        raise Problem("invalid", errors=faults) from error


def _is_blank(value: object) -> bool:
    return isinstance(value, str) and not value.strip()


def _name(fault: ErrorDetails) -> str:
    return str(fault["loc"][0]) if fault["loc"] else "form"


def _field(fault: ErrorDetails) -> Field:
    context = fault.get("ctx", {})
    if "zh" in context:
        return Field(fault["type"], fault["msg"], context["zh"])
    en, zh = WORDS.get(fault["type"], OTHERWISE)
    return Field(fault["type"], en.format_map(context), zh.format_map(context))
