"""Initials of the pinyin of Chinese words, by which people find them on a phone: 暴露垃圾 is ``bllj``."""

from __future__ import annotations

import os
from itertools import islice, product

os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # its 50 MB of phrases choose one reading; here each may be typed

from pypinyin import Style, pinyin

MOST = 6


def initials(words: str) -> str:
    """First letters in order, for each way to read the characters; digits stay, other signs are left out."""
    letters = pinyin(words, style=Style.FIRST_LETTER, heteronym=True, errors=_plain)
    ways = product(*([letter for letter in dict.fromkeys(one) if letter.isascii()] for one in letters))
    return " ".join("".join(way) for way in islice(ways, MOST)).lower()


def _plain(signs: str) -> str:
    return "".join(sign for sign in signs if sign.isalnum())
