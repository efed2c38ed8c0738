"""A notice in words: the sentence of its kind, filled with what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gridapp.services.words.kinds import KINDS, UNKNOWN

LANGUAGES = ("zh_CN", "en")
NAMED = 20
"""Numbers of tasks that one sentence names."""


def sentence(
    code: str, params: Mapping[str, Any], numbers: list[int], matter: tuple[str, str] | None, language: str
) -> str:
    """What a message says.

    Args:
        code: its kind; one that nobody described says that there is news.
        params: what was told with it; one that ends in ``_en`` takes the place of its namesake in English.
        numbers: numbers of the tasks that it is about, the first one first.
        matter: name of the first one's category, in English and Chinese.
        language: ``en``, or anything else for Chinese.
    """
    kind = KINDS.get(code, UNKNOWN)
    english = language == "en"
    gaps = _Gaps(
        {
            **params,
            **(
                {name.removesuffix("_en"): said for name, said in params.items() if name.endswith("_en")}
                if english
                else {}
            ),
            "number": numbers[0] if numbers else None,
            "numbers": _list(numbers, english=english),
            "count": len(numbers),
            "matter": (matter[0] if english else matter[1]) if matter else None,
        }
    )
    one = kind.en if english else kind.zh
    if len(numbers) <= 1:
        return one.format_map(gaps)
    return (kind.many_en if english else kind.many_zh).format_map(
        _Gaps({**gaps, "en_one": one.format_map(gaps), "zh_one": one.format_map(gaps)})
    )


def _list(numbers: list[int], *, english: bool) -> str:
    named = (", " if english else "、").join(f"#{number}" for number in numbers[:NAMED])
    return f"{named} …" if len(numbers) > NAMED else named


class _Gaps(dict[str, Any]):
    """What nobody told is a dash: a notice is never lost for want of a word."""

    def __missing__(self, key: str) -> str:
        return "–" if key else ""
