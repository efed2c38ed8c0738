"""Joint tasks (协调件): units that assist the lead, each with its own clock and its own result."""

from gridapp.services.joint.lead import (
    endings,
    needs_reason,
    unit_above,
    units_to_involve,
    units_to_release,
    wrong_unit,
)
from gridapp.services.joint.parts import BESIDE, follow
from gridapp.services.joint.view import shown
from gridapp.services.joint.words import hearers_of, speak

__all__ = [
    "BESIDE",
    "endings",
    "follow",
    "hearers_of",
    "needs_reason",
    "shown",
    "speak",
    "unit_above",
    "units_to_involve",
    "units_to_release",
    "wrong_unit",
]
