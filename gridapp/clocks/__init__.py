"""Working-time arithmetic: when a limit ends, how much of it is used, which lamp is on.

`WorkCalendar` says which moments count, `Limit` how many units of time, `due_at` when it ends, `elapsed` what was
used, `lamp` and `lamp_times` what the holder sees and when, `steps_of` what the clock does by itself, `periods` who
held a task when.
"""

from gridapp.clocks.calendar import (
    OFFICE_HOURS,
    CalendarError,
    CalendarKind,
    WorkCalendar,
    add_working,
    next_working,
)
from gridapp.clocks.holders import Period, periods
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
from gridapp.clocks.steps import PARTS_RUNNING_OUT, Due, Step, overtaken, steps_of, steps_of_part

__all__ = [
    "OFFICE_HOURS",
    "PARTS_RUNNING_OUT",
    "CalendarError",
    "CalendarKind",
    "Due",
    "Lamp",
    "LampTimes",
    "Limit",
    "Period",
    "Step",
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
    "overtaken",
    "periods",
    "share_used",
    "steps_of",
    "steps_of_part",
]
