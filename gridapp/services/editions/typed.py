"""What an administrator types of a category, checked field by field: numbers, and limits with their unit of time."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridapp.clocks import TimeUnit
from gridapp.clocks.limits import MOST_UNITS
from gridapp.errors import Field, Problem
from gridapp.services.editions.own import CLOCKS, NUMBERS, Row

MISSING = ("missing", "This is needed.", "此项必填。")
CLOCK_NAMES = {"answer": ("limit for answering", "响应时限"), "handle": ("limit for handling", "处置时限")}


@dataclass(frozen=True)
class Bound:
    """Up to where a number goes, whether it may be 0, and the sentence that says so."""

    most: float
    zero: bool
    en: str
    zh: str


METRES = Bound(5000, False, "Metres: more than 0 and at most 5000.", "单位为米：大于 0，不超过 5000。")
BOUNDS = {
    "sample_share": Bound(
        1, True, "A share from 0 to 1, like 0.3 for three in ten.", "请填写 0 到 1 之间的比例，例如 0.3 表示抽查三成。"
    ),
    "similar_radius_m": METRES,
    "similar_hours": Bound(
        8760,
        False,
        "Hours: more than 0 and at most 8760, which is a year.",
        "单位为小时：大于 0，不超过 8760（一年）。",
    ),
    "accuracy_m": METRES,
}
AMOUNT = Field("out_of_range", f"A whole number from 1 to {MOST_UNITS}.", f"请填写 1 到 {MOST_UNITS} 的整数。")
UNIT = Field("unit", "Choose one of the four units of time.", "请选择四种时间单位之一。")
NOT_SELF_HANDLED = Field(
    "not_self_handled",
    "Workers may not settle this category on the spot, so nothing of it is drawn: leave it empty.",
    "该类别不能自行处置，不参与抽查，请留空。",
)


def wanted(values: Mapping[str, Any], category: Row, conditions: list[Row]) -> dict[str, Any]:
    """What was typed: ``NUMBERS``, and ``limits`` by filing condition; the share stays 0 where nothing is drawn.

    Args:
        values: by name of the field: ``NUMBERS``, and ``06010-1.handle.amount``, ``06010-1.handle.unit`` and the like.
        category: its row.
        conditions: the rows of its filing conditions.

    Raises:
        Problem: ``invalid`` by field.
    """
    faults: dict[str, Field] = {}
    found: dict[str, Any] = {name: _number(values, name, category, faults) for name in NUMBERS}
    found["limits"] = {
        row["code"]: {clock: _limit(values, f"{row['code']}.{clock}", clock, faults) for clock in CLOCKS}
        for row in conditions
    }
    if faults:
        raise Problem("invalid", errors=faults)
    return found


def _number(values: Mapping[str, Any], name: str, category: Row, faults: dict[str, Field]) -> float:
    text, bound = _plain(values, name), BOUNDS[name]
    if name == "sample_share" and not category["self_handle"]:
        if text and _float(text) != 0:
            faults[name] = NOT_SELF_HANDLED
        return float(category[name])
    number = _float(text)
    if number is None:
        faults[name] = Field(*MISSING) if not text else Field("not_a_number", bound.en, bound.zh)
    elif not (0 <= number <= bound.most) or (number == 0 and not bound.zero):
        faults[name] = Field("out_of_range", bound.en, bound.zh)
    return number or 0.0


def _limit(values: Mapping[str, Any], name: str, clock: str, faults: dict[str, Field]) -> tuple[int, str]:
    text, unit = _plain(values, f"{name}.amount"), _plain(values, f"{name}.unit")
    fits = text.isascii() and text.isdigit() and len(text) <= len(str(MOST_UNITS)) and int(text) >= 1
    english, chinese = CLOCK_NAMES[clock]
    code = name.partition(".")[0]
    label = (f"{english} of {code}", f"{code} {chinese}")
    if not fits:
        wrong = AMOUNT if text else Field(*MISSING)
        faults[f"{name}.amount"] = Field(wrong.code, wrong.en, wrong.zh, label)
    if unit not in set(TimeUnit):
        faults[f"{name}.unit"] = Field(UNIT.code, UNIT.en, UNIT.zh, label)
    return (int(text) if fits else 0), unit


def _plain(values: Mapping[str, Any], name: str) -> str:
    """What was typed in a field; digits and points of an input method count as the plain ones."""
    return unicodedata.normalize("NFKC", str(values.get(name) or "")).strip()


def _float(text: str) -> float | None:
    """A finite number, or None."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
