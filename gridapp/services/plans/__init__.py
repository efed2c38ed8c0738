"""Redrawing boundaries: drafts drawn step by step, checked, weighed, and published from a time on.

``drafts`` has the plans, ``drawing`` the shapes as a plan has them, ``editing`` what a hand on the map does,
``findings`` and ``impact`` what comes of it, ``publishing`` the one transaction, ``rehoming`` the open tasks after it.
"""

from gridapp.services.plans.drafts import Draft, create, discard, listed, overview
from gridapp.services.plans.editing import back_to, redraw
from gridapp.services.plans.impact import impact
from gridapp.services.plans.publishing import publish
from gridapp.services.plans.rehoming import rehome_due
from gridapp.services.plans.streets import streets
from gridapp.services.plans.views import desk

__all__ = [
    "Draft",
    "back_to",
    "create",
    "desk",
    "discard",
    "impact",
    "listed",
    "overview",
    "publish",
    "redraw",
    "rehome_due",
    "streets",
]
