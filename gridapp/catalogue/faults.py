"""What is wrong with a catalogue: every fault with its file, its entry and what to do, in both languages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_SHOWN = 20

_CHINESE = {
    "missing": "缺少这一项，请补上",
    "extra_forbidden": "没有这样的项，请检查拼写或删除",
    "unexpected_keyword_argument": "没有这样的项，请检查拼写或删除",
    "enum": "不在允许的取值之内",
    "literal_error": "不在允许的取值之内",
    "string_pattern_mismatch": "编码格式不对",
    "string_too_short": "不能为空",
    "string_too_long": "太长",
    "string_type": "应为文字",
    "int_type": "应为整数",
    "bool_type": "应为 true 或 false",
    "dict_type": "应为一张表",
    "list_type": "应为列表",
    "tuple_type": "应为列表",
}
_CHINESE_ELSE = "值不合规定"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, where, and what would be right."""

    file: str
    entry: str
    en: str
    zh: str

    def __str__(self) -> str:
        return f"{self.file}, {self.entry}: {self.en}" if self.entry else f"{self.file}: {self.en}"


class CatalogueError(ValueError):
    """A catalogue that cannot be used; ``faults`` has all that was found, the text the first twenty."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        more = f"\n... and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        super().__init__("\n".join(str(fault) for fault in faults[:_SHOWN]) + more)


def faults_of(error: ValidationError, file: str, entry: str, raw: object) -> Iterator[Fault]:
    """The faults behind a validation error, placed by the codes of the entries they lie in."""
    for detail in error.errors(include_url=False, include_context=False):
        place = " › ".join(part for part in (entry, *_steps(detail, raw)) if part)
        yield Fault(file, place, detail["msg"], _CHINESE.get(detail["type"], _CHINESE_ELSE))


def _steps(detail: ErrorDetails, raw: object) -> Iterator[str]:
    """The way to the fault: a list item by its code where it has one, by its number from 1 where not."""
    here: Any = raw
    for step in detail["loc"]:
        here = _inside(here, step)
        if isinstance(step, str):
            yield step
        else:
            yield str(here.get("code", step + 1)) if isinstance(here, dict) else str(step + 1)


def _inside(raw: Any, step: str | int) -> Any:
    if isinstance(raw, dict):
        return raw.get(step)
    if isinstance(raw, list) and isinstance(step, int) and step < len(raw):
        return raw[step]
    return None
