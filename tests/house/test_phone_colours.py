"""In the dark and in the sun every colour of text on the phone can be read too (WCAG 2.2, 1.4.3; in the sun 1.4.6)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.test_colours import COLOURS, PAIRS, luminance

CSS = (Path(__file__).parents[2] / "gridapp" / "static" / "field" / "look.css").read_text()
LEAST = {"dark": 4.5, "sun": 7.0}
BUTTONS = ("paper", "accent"), ("paper", "accent-strong")  # primary buttons have colours of their own there
WORDS = [pair for pair in PAIRS if pair not in BUTTONS]


def colours(look: str) -> dict[str, str]:
    block = re.search(rf'^:root\[data-look="{look}"\] \{{(.*?)^\}}', CSS, re.MULTILINE | re.DOTALL)
    assert block is not None
    return COLOURS | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[1]))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("look", LEAST)
def test_words_can_be_read(look: str) -> None:
    found = colours(look)
    poor = {pair: round(contrast(found[pair[0]], found[pair[1]]), 2) for pair in WORDS}
    assert {pair: share for pair, share in poor.items() if share < LEAST[look]} == {}


@pytest.mark.parametrize("look", LEAST)
def test_buttons_can_be_read(look: str) -> None:
    rule = re.search(rf'^\[data-look="{look}"\] \.button\.primary \{{ background: (#\w+)', CSS, re.MULTILINE)
    assert rule is not None
    assert contrast("#ffffff", rule[1]) >= LEAST["dark"]
