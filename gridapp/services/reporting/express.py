"""The two calls that phones send most, each in one statement with its guard: one round trip instead of two.

Only what is plain is answered here. Whatever is refused, is there already or needs a second look raises ``LongWay``,
and the caller asks again by the way of every other call, which alone knows how to refuse. Nothing is stored before.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import psycopg

from gridapp.access import Principal, may
from gridapp.config import Settings
from gridapp.db import hot, one_of_many
from gridapp.services import auth
from gridapp.services.editions import categories
from gridapp.services.ground import locate
from gridapp.services.reporting import filing, phone_facts, report_rules, reports
from gridapp.services.reporting.report_rules import Report
from gridapp.services.statement import Statement
from gridapp.together import Together

log = logging.getLogger(__name__)

MOST_TOGETHER = 32
Row = dict[str, Any]


class LongWay(Exception):  # no error: a fork of the way
    """This is not plain.

    Args:
        calls_left: in this minute, where the request has been counted against the rate limits.
    """

    def __init__(self, calls_left: int | None = None) -> None:
        self.calls_left = calls_left
        super().__init__()


@dataclass(frozen=True)
class Caller:
    """Who calls, as far as the request says.

    Attributes:
        settings: of the app.
        secret: of the token.
        rated: whether it counts for the rate limits.
        device_time: the phone's own time of sending, where it says it.
        clock_ahead: how far its clock was ahead at writing, where it says that.
    """

    settings: Settings
    secret: str
    rated: bool
    device_time: str | None = None
    clock_ahead: str | None = None

    @property
    def token(self) -> dict[str, Any]:
        """The parameters of the guard."""
        return auth.token_values(self.settings, self.secret, rated=self.rated)


class Express:
    """Both calls, each run together for all who ask at the same time (``gridapp.together``)."""

    def __init__(self) -> None:
        self._locating = Together(partial(_rows, locate.SIGNED), MOST_TOGETHER)
        self._filing = Together(_file, MOST_TOGETHER)

    def locate_point(self, caller: Caller, lon: float, lat: float, accuracy: float) -> tuple[Principal, locate.Located]:
        """Who asks, and which grids hold a point of WGS 84 now.

        Raises:
            LongWay: it is not plain.
            Problem: ``too_many``.
        """
        values = {**caller.token, **locate.values_of(lon, lat, accuracy, None)}
        found = _plain(self._locating(values))
        who = auth.principal_from(caller.settings, values, found)
        if not may(who, "area.read"):
            raise LongWay(who.calls_left)
        return who, locate.located({**values, "scope_ids": list(who.scope_ids)}, found)

    def file_report(self, caller: Caller, task_id: uuid.UUID, report: Report) -> tuple[Principal, dict[str, Any]]:
        """File a new report that lies in a group grid, a worker's in the own one, and was not handled by the reporter.

        Returns:
            Who reports, and the task as its document.

        Raises:
            LongWay: it is not plain.
            Problem: ``invalid``, ``too_many``.
        """
        if report.self_handled or report.duplicate_of or report.location is None:
            raise LongWay
        said = report.catalogue_version
        facts = categories.facts(report.category, said if said is not None else categories.seen_edition())
        report_rules.check(report, facts, hotline=False)
        clock = phone_facts.clock_of(caller.device_time, caller.clock_ahead, caller.settings)
        values = {
            **caller.token,
            **reports.values_of(task_id, report, facts, "report", clock=clock),
            "edition_said": said is not None,
            "per_minute": caller.settings.rate_per_minute,
            "per_second": caller.settings.rate_per_second,
        }
        filed = _plain(self._filing(values))
        who = auth.principal_from(caller.settings, values, filed)
        if filed["number"] is None:
            raise LongWay(who.calls_left)
        with one_of_many():
            who = replace(who, skew_ms=clock.ahead_ms, clock_off=clock.off)
            return who, reports.as_filed(who, {**values, **reports.of_reporter(who)}, filed)


def _file(asked: Sequence[Row]) -> list[Row | None]:
    """File all at once; of reports with one id the first, since the others are to be answered with what it became."""
    first = {one["id"]: one for one in reversed(asked)}
    rows = dict(zip(first, _rows(filing.FILE_SIGNED, list(first.values())), strict=True))
    return [rows[one["id"]] if first[one["id"]] is one else None for one in asked]


def _rows(statement: Statement, asked: Sequence[Row]) -> list[Row | None]:
    with hot() as connection:
        try:
            return statement.rows(connection, asked)
        except psycopg.Error as error:  # undone: the long way meets it again, each by itself, and says it
            log.warning("a statement of the express way failed for %d askers", len(asked), exc_info=error)
            return [None] * len(asked)


def _plain(row: Row | None) -> Row:
    if row is None:
        raise LongWay
    return row
