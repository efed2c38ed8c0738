"""Every colour of text has enough contrast on the ground that it stands on (WCAG 2.2, 1.4.3: 4.5 to 1)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "gridapp" / "static" / "app.css").read_text()
COLOURS = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", CSS))
TINTED = [name for name in COLOURS if f"{name}-tint" in COLOURS]
ON_PAGES = ("ink", "ink-soft", "accent", "danger", *(name for name in TINTED if name.startswith("stage-")))
PAIRS = [
    *((name, ground) for name in ON_PAGES for ground in ("paper", "ground", "paper-soft")),
    *((name, f"{name}-tint") for name in TINTED),
    ("brand-ink", "brand"),
    ("brand-soft", "brand"),
    ("paper", "accent"),
    ("paper", "accent-strong"),
    ("ink", "accent-tint"),
    ("ink-soft", "accent-tint"),
]


def luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_words_can_be_read(text: str, ground: str) -> None:
    dark, light = sorted((luminance(COLOURS[text]), luminance(COLOURS[ground])))
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_every_stage_has_its_colour() -> None:
    assert {"report", "assign", "handle", "feedback", "review"} == {
        name.removeprefix("stage-") for name in TINTED if name.startswith("stage-")
    }
