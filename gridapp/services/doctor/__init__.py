"""Looks at everything that can be wrong, and rebuilds tasks from their events."""

from gridapp.services.doctor.examine import Check, examine
from gridapp.services.doctor.finding import Trouble
from gridapp.services.doctor.rebuild import Rebuilt, rebuild_tasks

__all__ = ["Check", "Rebuilt", "Trouble", "examine", "rebuild_tasks"]
