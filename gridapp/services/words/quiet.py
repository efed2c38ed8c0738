"""Quiet hours: letters that can wait go out when they end."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo


def after_quiet(at: dt.datetime, begins: dt.time, ends: dt.time, zone: ZoneInfo) -> dt.datetime:
    """When a letter may go out: at once, or at the end of the quiet hours that ``at`` lies in.

    Args:
        at: when it is ready.
        begins: local time at which quiet begins; the same as ``ends`` means that it is never quiet.
        ends: local time at which it ends, on the next day where that is earlier.
        zone: whose local time.
    """
    local = at.astimezone(zone)
    clock = local.time()
    quiet = begins <= clock < ends if begins <= ends else clock >= begins or clock < ends
    if not quiet:
        return at
    day = local.date() + dt.timedelta(days=int(clock >= ends))
    return dt.datetime.combine(day, ends, zone).astimezone(dt.UTC)
