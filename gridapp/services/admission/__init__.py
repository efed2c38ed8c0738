"""Work-item admission (准入): which items may be given to grid workers, where and from when.

The catalogue says it for every item; a decision on record goes before it, for its area and its dates.
"""

from gridapp.services.admission.applications import Application, Decision, apply, decide, withdraw
from gridapp.services.admission.decisions import Ruled, rule_item
from gridapp.services.admission.items import Item, Shown, find, item
from gridapp.services.admission.rules import Ruling, refusal, ruling, ruling_for

__all__ = [
    "Application",
    "Decision",
    "Item",
    "Ruled",
    "Ruling",
    "Shown",
    "apply",
    "decide",
    "find",
    "item",
    "refusal",
    "rule_item",
    "ruling",
    "ruling_for",
    "withdraw",
]
