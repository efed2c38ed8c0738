"""What is measured once and has an aim of its own: a line of words each, beside the table of rates."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Line:
    """One measurement.

    Attributes:
        what: was measured.
        measured: the figures in words, or why there are none.
        aim: that was set for it; empty where there is none.
        figures: the same for programs, the unit at the end of each name.
    """

    what: str
    measured: str
    aim: str = ""
    figures: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For the JSON file."""
        return asdict(self)


def rounds_ms(what: str, times: Sequence[float], aim: str = "") -> Line:
    """Median and worst of some rounds, in milliseconds."""
    median, worst = statistics.median(times), max(times)
    measured = f"{median:,.0f} ms (median of {len(times)}), {worst:,.0f} ms (worst)"
    return Line(what, measured, aim, {"median_ms": median, "worst_ms": worst})


def table(lines: Sequence[Line]) -> str:
    """The lines as Markdown."""
    head = ["| what | measured | aim |", "| --- | --- | --- |"]
    return "\n".join(head + [f"| {line.what} | {line.measured} | {line.aim} |" for line in lines])
