"""Findings in a line each, as a terminal shows them."""

from geodata.coverage import Finding


def finding_words(findings: list[Finding]) -> list[str]:
    """A line for each finding: kind, grids and size."""
    return [f"{one.kind}: {', '.join(one.grids)} ({one.area_m2:.2f} m2, {one.length_m:.2f} m)" for one in findings]
