"""The admin desk: persons, posts, units, sign-ins and the audit list, within the scope of who sits at it."""

from gridapp.web.admin import audit, deeds, devices, persons, picks, posts, units
from gridapp.web.admin.desk import blueprint

__all__ = ["audit", "blueprint", "deeds", "devices", "persons", "picks", "posts", "units"]
