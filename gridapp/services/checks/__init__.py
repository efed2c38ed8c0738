"""Looking on the spot before filing (核实) and after handling (核查): tasks of their own, linked to what they check.

The task that is checked waits for nobody: it can go on at any time, and a check that nobody answers in time ends by
itself and says so.
"""

from gridapp.services.checks.following import call_off, expire, follow, late
from gridapp.services.checks.sending import checker, send
from gridapp.services.checks.view import shown

__all__ = ["call_off", "checker", "expire", "follow", "late", "send", "shown"]
