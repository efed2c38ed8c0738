"""Codes of the grids that we number ourselves: 12 digits of the community, 3 of the group, 3 of the building grid.

Imported grids keep the code of their file, whatever its form; nothing here is asked about those.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.errors import GeodataError

Level = Literal["district", "street", "community", "group", "building"]

LEVELS: Final[tuple[Level, ...]] = ("district", "street", "community", "group", "building")
DIGITS: Final[dict[Level, int]] = {"district": 6, "street": 9, "community": 12, "group": 15, "building": 18}
STEP: Final = 3
LAST: Final = 10**STEP - 1


class CodeForm(GeodataError):
    """No code of the form that we number by."""

    code = "code_form"
    en = "“{value}” is not a grid code."
    zh = "“{value}”不是网格编码。"
    remedy_en = (
        "Give 12 digits of the community, then 3 of the group and 3 of the building grid, each counted from 001."
    )
    remedy_zh = "应为社区12位代码，其后为居民小组3位、楼栋网格3位顺序码，均自001起编。"


class CodesUsedUp(GeodataError):
    """All numbers under a parent were given once."""

    code = "codes_used_up"
    en = "{parent} has {left} codes left and {wanted} are wanted; codes of retired grids are never given again."
    zh = "{parent}之下仅余{left}个编码，需要{wanted}个；已注销网格的编码不得再用。"
    remedy_en = "Divide it into two, or keep the codes of the file with --code."
    remedy_zh = "请拆分上级区域，或用 --code 沿用文件自带的编码。"


def level_of(code: str) -> Level:
    """The level that a code of ours names.

    Raises:
        CodeForm: the code is not 6, 9, 12, 15 or 18 digits, or names number 0.
    """
    for level, digits in DIGITS.items():
        if len(code) == digits and code.isascii() and code.isdigit():
            if level != "district" and not int(code[-STEP:]):
                break
            return level
    raise CodeForm(value=code)


def parent_of(code: str) -> str | None:
    """The code one level up; None for a district."""
    return None if level_of(code) == "district" else code[:-STEP]


def chain_of(code: str) -> tuple[str, ...]:
    """The codes from the district down to this one."""
    return tuple(code[: DIGITS[level]] for level in LEVELS[: LEVELS.index(level_of(code)) + 1])


def is_below(code: str, ancestor: str) -> bool:
    """Whether a code lies under another one, at any depth."""
    return ancestor in chain_of(code)[:-1]


def next_free(parent: str, ever_used: Iterable[str]) -> str:
    """The next code under a parent.

    Args:
        parent: a district, street, community or group.
        ever_used: all codes ever given, of grids in force and of retired ones: none of them is given again.
            Codes of other parents and foreign forms among them do no harm.

    Raises:
        CodeForm: the parent is no code of ours, or a building grid.
        CodesUsedUp: all 999 were given.
    """
    return take(parent, 1, ever_used)[0]


def take(parent: str, count: int, ever_used: Iterable[str] = ()) -> list[str]:
    """The next `count` codes under a parent, above the highest ever given as long as there are such, else from gaps.

    Raises:
        CodeForm, CodesUsedUp: as `next_free`.
    """
    if level_of(parent) == "building":
        raise CodeForm(value=f"{parent}…")
    used = {int(code[-STEP:]) for code in ever_used if _is_child(code, parent)}
    top = max(used, default=0)
    free = [*range(top + 1, LAST + 1), *(number for number in range(1, top) if number not in used)]
    if len(free) < count:
        raise CodesUsedUp(parent=parent, left=len(free), wanted=count)
    return [f"{parent}{number:0{STEP}d}" for number in free[:count]]


def _is_child(code: str, parent: str) -> bool:
    return len(code) == len(parent) + STEP and code.startswith(parent) and code[-STEP:].isdecimal()


def number(parent: str, shapes: Sequence[Any] | NDArray[Any], ever_used: Iterable[str] = ()) -> list[str]:
    """New codes for the children of a parent, in the order of `shapes`.

    Numbered as one reads a page: the northernmost row from west to east, then the next row to the south.

    Args:
        parent: code of the grid that holds them.
        shapes: geometries in any CRS whose y grows to the north.
        ever_used: codes that may not be given again.

    Raises:
        CodeForm, CodesUsedUp: as `next_free`.
    """
    codes = take(parent, len(shapes), ever_used)
    numbered = [""] * len(shapes)
    for code, index in zip(codes, reading_order(shapes), strict=True):
        numbered[index] = code
    return numbered


def reading_order(shapes: Sequence[Any] | NDArray[Any]) -> list[int]:
    """Indices of geometries west to east, then north to south.

    Real grids do not stand in rows. A row is everything whose middle lies no more than half a usual height below the
    middle of its northernmost member.
    """
    if not len(shapes):
        return []
    boxes = shapely.bounds(np.asarray(shapes, dtype=object))
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    half = float(np.median(boxes[:, 3] - boxes[:, 1])) / 2
    row = np.zeros(len(shapes), dtype=int)
    top, rows = np.inf, -1
    for index in np.lexsort((x, -y)):
        if y[index] < top - half:
            top, rows = y[index], rows + 1
        row[index] = rows
    return [int(index) for index in np.lexsort((-y, x, row))]
