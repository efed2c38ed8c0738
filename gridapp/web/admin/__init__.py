"""The admin desk: people, units, rules, calendar, jobs and the audit list, within the scope of who sits there."""

from gridapp.web.admin import (
    audit,
    calendar,
    catalogue,
    chain,
    deeds,
    devices,
    jobs,
    leaves,
    persons,
    picks,
    posts,
    receivers,
    rules,
    units,
)
from gridapp.web.admin.desk import blueprint

__all__ = [
    "audit",
    "blueprint",
    "calendar",
    "catalogue",
    "chain",
    "deeds",
    "devices",
    "jobs",
    "leaves",
    "persons",
    "picks",
    "posts",
    "receivers",
    "rules",
    "units",
]
