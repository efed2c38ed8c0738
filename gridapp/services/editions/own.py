"""A district's own settings, laid over the program's catalogue: which there are, and what an edition says with them.

By code of category, only what differs from the program's catalogue: ``sample_share``, ``similar_radius_m``,
``similar_hours``, ``accuracy_m``, ``retired``, and ``limits`` by code of filing condition, each ``answer`` and
``handle`` as ``[amount, unit of time]``. What fits nothing of a catalogue rests: it holds again where a later version
of the program knows the category again.
"""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]
Settings = dict[str, dict[str, Any]]
NUMBERS = ("sample_share", "similar_radius_m", "similar_hours", "accuracy_m")
CLOCKS = ("answer", "handle")


def laid_over(categories: list[Row], conditions: list[Row], settings: Settings) -> tuple[list[Row], list[Row]]:
    """Rows of categories and of filing conditions as they hold with the settings; what is retired is left out.

    A class whose categories are all retired is left out too.
    """
    kept = [_category(row, settings.get(row["code"], {})) for row in categories if not _retired(row, settings)]
    parents = {row["parent_code"] for row in kept}
    majors = {row["parent_code"] for row in categories}
    kept = [row for row in kept if row["code"] not in majors or row["code"] in parents]
    codes = {row["code"] for row in kept}
    held = [row for row in conditions if row["category_code"] in codes]
    return kept, [_condition(row, settings.get(row["category_code"], {})) for row in held]


def differing(category: Row, conditions: list[Row], wanted: dict[str, Any]) -> dict[str, Any]:
    """What is wanted of a category, without what the program's catalogue says itself.

    Args:
        category: its row of the program's catalogue.
        conditions: the rows of its filing conditions there.
        wanted: ``NUMBERS``, and ``limits`` of every condition.
    """
    own: dict[str, Any] = {name: wanted[name] for name in NUMBERS if wanted[name] != category[name]}
    limits: dict[str, Any] = {}
    for row in conditions:
        asked = wanted["limits"][row["code"]]
        apart = {clock: list(asked[clock]) for clock in CLOCKS if tuple(asked[clock]) != limit_of(row, clock)}
        if apart:
            limits[row["code"]] = apart
    return own | ({"limits": limits} if limits else {})


def resting(own: dict[str, Any], category: Row, conditions: list[Row]) -> dict[str, Any]:
    """What of a category's own settings fits nothing of the program's catalogue, and is kept as it is."""
    known = {row["code"] for row in conditions}
    limits = {code: limit for code, limit in own.get("limits", {}).items() if code not in known}
    share = {"sample_share": own["sample_share"]} if "sample_share" in own and not category["self_handle"] else {}
    return share | ({"limits": limits} if limits else {})


def limit_of(condition: Row, clock: str) -> tuple[int, str]:
    """A limit of a filing condition: amount and unit of time."""
    return condition[f"{clock}_amount"], condition[f"{clock}_unit"]


def _retired(row: Row, settings: Settings) -> bool:
    return bool(settings.get(row["code"], {}).get("retired"))


def _category(row: Row, own: dict[str, Any]) -> Row:
    """A category with its own numbers; a share is drawn only of what workers may settle on the spot."""
    fits = {name: own[name] for name in NUMBERS if name in own and (name != "sample_share" or row["self_handle"])}
    return {**row, **fits}


def _condition(row: Row, own: dict[str, Any]) -> Row:
    changed: Row = {}
    for clock, (amount, unit) in own.get("limits", {}).get(row["code"], {}).items():
        changed |= {f"{clock}_amount": amount, f"{clock}_unit": unit}
    return {**row, **changed}
