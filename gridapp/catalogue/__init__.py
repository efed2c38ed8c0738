"""The catalogue of what can be reported: classes, filing conditions, duties, units and typed reasons, as data.

`load_catalogue` reads ``data/`` (or a district's own folder or file), `gridapp.catalogue.loader` says how such files
are written, `gridapp.catalogue.shape` what each entry means. Pure: no web framework, no database.

- The tree has two levels: a major class (two digits) and its minor classes (five digits), so that root, major, minor
  are three taps.
- Majors 01 to 05 are faults of managed components, 06 to 10 matters of city management, both with the codes of the
  standard; only the components that are often reported are listed, the others are added with the standard's code.
- Social governance has no national list: its majors are our own, counted downward from 99, their minors from 999, as
  extensions of a standard major are. `Category.local` tells them apart, `Category.exchange_name` marks them.
- A district's own shares, limits and the like are no part of these files: they are set at the admin's desk and laid
  over whatever catalogue is in force (`gridapp.services.editions.own`).
- A limit hangs on the filing condition, not on the class: one class may have several, the first is the usual one.
"""

from gridapp.catalogue.faults import CatalogueError, Fault
from gridapp.catalogue.loader import load_catalogue
from gridapp.catalogue.shape import (
    Catalogue,
    Category,
    Choice,
    Condition,
    Duty,
    FormField,
    Kind,
    Notice,
    Reason,
    ServiceClass,
    Unit,
)

__all__ = [
    "Catalogue",
    "CatalogueError",
    "Category",
    "Choice",
    "Condition",
    "Duty",
    "Fault",
    "FormField",
    "Kind",
    "Notice",
    "Reason",
    "ServiceClass",
    "Unit",
    "load_catalogue",
]
