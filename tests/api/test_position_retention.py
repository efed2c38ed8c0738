"""Positions are kept as long as the settings say: whole days go, later ones stay."""

from __future__ import annotations

import datetime as dt

from flask import Flask
from sqlalchemy import text

from gridapp.db import session
from gridapp.services.field import tracks

OLD, KEPT = dt.date(2025, 1, 3), dt.date(2025, 1, 4)


def test_days_before_the_limit_go_and_later_ones_stay(live_app: Flask) -> None:
    with live_app.app_context():
        tracks.ensure_partitions([OLD, KEPT])
        assert tracks.drop_partitions(KEPT) == [OLD]
        assert tracks.drop_partitions(KEPT) == []
        there = session.scalars(
            text("select relname from pg_class where relispartition and relname like 'position_2025%'")
        )
        assert set(there) >= {"position_20250104"}
