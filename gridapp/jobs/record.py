"""What keeps the record sound: events sealed after their commit, each day's head held elsewhere, photos looked at."""

from __future__ import annotations

from gridapp.db import commit
from gridapp.jobs.periodic import Periodic
from gridapp.services.integrity import chain, facts, heads


def _seal() -> None:
    """Seal everything that waits."""
    while chain.seal():
        commit()


def _send_heads() -> None:
    """Close the days that are over and send their heads."""
    chain.close_days()
    commit()
    heads.send_due()


PERIODIC = (
    Periodic("seal", "* * * * * 30", _seal),
    Periodic("send_heads", "11 * * * *", _send_heads),
    Periodic("look_at_photos", "* * * * * 45", facts.catch_up),
)
