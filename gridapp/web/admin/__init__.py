"""The admin desk: persons, posts, units, receivers, sign-ins and the audit list, within the scope of who sits at it."""

from gridapp.web.admin import audit, deeds, devices, persons, picks, posts, receivers, units
from gridapp.web.admin.desk import blueprint

__all__ = ["audit", "blueprint", "deeds", "devices", "persons", "picks", "posts", "receivers", "units"]
