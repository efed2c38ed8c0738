"""What the doctor finds: one sentence in both languages, with what to look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Trouble:
    """Something that is wrong, what to do about it, and whom it concerns.

    ``warning`` says that nothing is wrong yet, but that something will be if nobody does anything.
    """

    en: str
    zh: str
    detail: dict[str, Any] = field(default_factory=dict)
    warning: bool = False
