"""Findings in a line each, as a terminal shows them."""

from geodata.coverage import Finding
from gridapp.cli.output import language


def finding_words(findings: list[Finding]) -> list[str]:
    """A line for each finding: kind, grids and size; what puts all sizes in doubt comes first."""
    return [_line(one) for one in sorted(findings, key=lambda one: one.reason is None)]


def _line(one: Finding) -> str:
    size = f"{one.area_m2:.2f} m2, {one.length_m:.2f} m"
    if one.reason is not None:
        return f"{one.kind}: {one.reason[language() == 'zh_CN']}"
    return f"{one.kind}: {', '.join(one.grids)} ({size})"
