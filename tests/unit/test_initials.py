"""Categories are found by the initials of their pinyin."""

from __future__ import annotations

import pytest

from gridapp.catalogue.initials import initials


@pytest.mark.parametrize(
    ("words", "typed"),
    [("暴露垃圾", "bllj"), ("重建", "cj"), ("重建", "zj"), ("拨打12345", "bd12345"), ("A座（电梯）", "azdt"), ("", "")],
)
def test_each_reading_can_be_typed(words: str, typed: str) -> None:
    assert typed in initials(words).split(" ")


def test_words_of_many_readings_stay_short() -> None:
    assert len(initials("行行行行行行行行").split(" ")) <= 6
