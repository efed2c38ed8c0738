"""Working-time arithmetic: when a limit ends, how much of it is used, which lamp is on.

`WorkCalendar` says which moments count, `Limit` how many units of time, `due_at` when it ends, `elapsed` what was
used, `lamp` and `lamp_times` what the holder sees and when.
"""

from gridapp.clocks.calendar import (
    OFFICE_HOURS,
    CalendarError,
    CalendarKind,
    WorkCalendar,
    add_working,
    next_working,
)
from gridapp.clocks.limits import (
    Lamp,
    LampTimes,
    Limit,
    TimeUnit,
    add,
    due_after_hold,
    due_at,
    elapsed,
    lamp,
    lamp_times,
    share_used,
)

__all__ = [
    "OFFICE_HOURS",
    "CalendarError",
    "CalendarKind",
    "Lamp",
    "LampTimes",
    "Limit",
    "TimeUnit",
    "WorkCalendar",
    "add",
    "add_working",
    "due_after_hold",
    "due_at",
    "elapsed",
    "lamp",
    "lamp_times",
    "next_working",
    "share_used",
]
