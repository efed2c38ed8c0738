"""The mobile API, version 1, under ``/api/v1``: importing a room registers its calls."""

from mobile_api import (
    advice,
    alarms,
    areas,
    auth,
    calling,
    changes,
    day,
    openapi,
    parts,
    photos,
    positions,
    reports,
    sync,
    tasks,
)
from mobile_api.calls import CALLS, blueprint

__all__ = [
    "CALLS",
    "advice",
    "alarms",
    "areas",
    "auth",
    "blueprint",
    "calling",
    "changes",
    "day",
    "openapi",
    "parts",
    "photos",
    "positions",
    "reports",
    "sync",
    "tasks",
]
