"""Filing a report: one SQL statement finds the whole grid chain, writes the task, its event and photos, and answers.

It runs in autocommit, so the statement is the transaction: what is answered with 201 is on disk. The client's id makes
sending again harmless.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from psycopg.types.json import Jsonb

from gridapp.access import FILERS, WORKER, Principal
from gridapp.db import hot
from gridapp.errors import Problem
from gridapp.services.admission.rules import ruling
from gridapp.services.digest import content_hash
from gridapp.services.editions import categories
from gridapp.services.reporting import filing, phone_facts, report_rules
from gridapp.services.reporting.phone_facts import Clock
from gridapp.services.reporting.report_rules import Report
from gridapp.services.tasking import task_view
from gridapp.timesource import now

__all__ = ["Report", "file_report"]


def file_report(
    who: Principal, task_id: uuid.UUID, report: Report, *, source: str | None = None
) -> tuple[dict[str, Any], bool]:
    """File a report, whole.

    Args:
        who: the reporter.
        task_id: the client's id; the same content again answers the same task.
        report: what was sent.
        source: ``hotline`` where a dispatcher writes down a call; else the reporter's role.

    Returns:
        The task with ``missing_photos``, and whether it is new.

    Raises:
        Problem: ``forbidden``, ``invalid``, ``id_reused`` where the id has another content, or
            ``self_handling_not_admitted``: then it is kept as an ordinary report, which the problem tells as ``task``.
    """
    action = "self_handle" if report.self_handled else "report"
    if who.role not in FILERS[action]:
        raise Problem("forbidden", why=("this role files no such report", "该角色不能这样上报"))
    try:
        facts = categories.facts(report.category, report.catalogue_version)
        report_rules.check(report, facts, hotline=source == "hotline")
        values = _values(who, task_id, report, facts, action)
    except Problem as problem:  # what is here already stays so, whatever the catalogue and the posts became meanwhile
        if _is_here(who, task_id, digest := _digest(report)):
            return _again(who, task_id, report, digest), False
        if problem.code == "self_handling_not_admitted":
            problem.extra["task"] = _kept_as_ordinary(who, task_id, report, facts)
        raise
    filed = _filed(who, values, source)
    if filed is None:
        return _again(who, task_id, report, values["hash"]), False
    if report.self_handled:
        return {**_reviewed_or_not(task_id, who), "missing_photos": filing.missing_of(who, values, filed)}, True
    return as_filed(who, values, filed), True


def _filed(who: Principal, values: dict[str, Any], source: str | None = None) -> dict[str, Any] | None:
    """What the statement answers, its parameters completed; None where the id is there already."""
    values |= of_reporter(who, source)
    with hot() as connection:
        return filing.file_row(connection, values)


def _kept_as_ordinary(
    who: Principal, task_id: uuid.UUID, report: Report, facts: categories.CategoryFacts
) -> dict[str, Any]:
    """The report with what was done and its photos, but not as handled: it waits for the desk like any other."""
    ordinary = Report.model_validate(report.model_dump(exclude_unset=True, exclude={"self_handled"}))
    said = values_of(task_id, report, facts, "report", clock=Clock(who.skew_ms, who.clock_off))
    plain = values_of(task_id, ordinary, facts, "report", clock=Clock(who.skew_ms, who.clock_off))
    values = {**plain, **{name: said[name] for name in ("note", "photos", "phases")}}
    if _filed(who, values) is None:
        return _again(who, task_id, ordinary, values["hash"])
    return _summary(task_id, who)


def as_filed(who: Principal, values: dict[str, Any], filed: Mapping[str, Any]) -> dict[str, Any]:
    """The task just filed, after the rules looked at it, with ``missing_photos``."""
    routed = filed["by_rule"]
    task = _routed(values["id"], who) if routed else task_view.summary(filing.task_row(who, values, filed))
    return {**task, "missing_photos": filing.missing_of(who, values, filed)}


def of_reporter(who: Principal, source: str | None = None) -> dict[str, Any]:
    """The parameters of filing that the reporter gives; a statement for a token finds them by itself."""
    own = list(who.post_grid_ids) if who.role == WORKER and who.post_grid_ids else None
    return {
        "scope_grid": who.scope_ids[0],
        "scope_ids": list(who.scope_ids),
        "reporter": who.person_id,
        "role": who.role,
        "source": source or who.role,
        "own_grids": own,
    }


def _values(
    who: Principal, task_id: uuid.UUID, report: Report, facts: categories.CategoryFacts, action: str
) -> dict[str, Any]:
    values = values_of(task_id, report, facts, action, clock=Clock(who.skew_ms, who.clock_off))
    if report.self_handled:
        values["post"], path = report_rules.own_post(who, report_rules.point_of(report), values["at"])
        if not ruling(facts.code, path, values["at"], otherwise=facts.admitted).admitted:
            raise Problem("self_handling_not_admitted", item=(facts.name_en, facts.name_zh))
        values |= {"handler": who.person_id, "handlers": [who.person_id]}
    return values


def values_of(
    task_id: uuid.UUID, report: Report, facts: categories.CategoryFacts, action: str, *, clock: Clock
) -> dict[str, Any]:
    """The parameters of filing that the report gives; ``clock`` says how far the phone's clock is off."""
    at = now()
    point = report_rules.point_of(report)
    handled = report.self_handled
    photos = [*report.photos, *(handled.photos if handled else ())]
    condition = facts.chosen(report.condition) if report.condition else None
    return {
        "id": task_id,
        "event": uuid.uuid5(task_id, action),
        "action": action,
        "stage": "feedback" if handled else "report",
        "edition": facts.edition,
        "category": facts.code,
        "condition_code": condition.code if condition else None,
        "task_class": condition.task_class if condition else None,
        "description": report.description,
        "severity": report.severity,
        "fields": Jsonb(report.fields),
        "lon": point.lon if point else None,
        "lat": point.lat if point else None,
        "raw_x": report.location.lon if report.location else None,
        "raw_y": report.location.lat if report.location else None,
        "raw_crs": report.location.crs if report.location else None,
        "accuracy": report.location.accuracy if report.location else None,
        "mock": bool(report.location and report.location.mock),
        "address": report.address,
        "duplicate_of": report.duplicate_of,
        "self_handled": handled is not None,
        "post": None,
        "handler": None,
        "handlers": [],
        "handled_at": handled.handled_at if handled else None,
        "note": handled.note if handled else None,
        "reported_at": report.reported_at,
        "at": at,
        "photos": photos,
        "phases": ["before"] * len(report.photos) + ["after"] * (len(photos) - len(report.photos)),
        "hash": _digest(report),
        "facts": _facts(report, facts.accuracy_m, phone_facts.clock_at(clock, report.reported_at)),
        "far_m": phone_facts.far_limit_m(),
    }


def _facts(report: Report, accuracy_m: float, clock: Clock) -> Jsonb | None:
    """What the phone said beside; how far a worker stands from the own grid is found where the place is."""
    place = report.location
    placed = phone_facts.Placed(accuracy=place.accuracy, mock=place.mock) if place else None
    said = phone_facts.facts_of(clock, placed, report.position, report.photo_facts, accuracy_m=accuracy_m)
    return Jsonb(said) if said else None


def _digest(report: Report) -> bytes:
    return content_hash(report.model_dump(mode="json", exclude_unset=True))


def _is_here(who: Principal, task_id: uuid.UUID, digest: bytes) -> bool:
    """Whether this person filed this very content under the id before."""
    with hot() as connection:
        kept = connection.execute(
            "select content_hash, actor_id from task_event where task_id = %s and seq = 1", (task_id,)
        ).fetchone()
    return kept is not None and kept[0] == digest and kept[1] == who.person_id


def _again(who: Principal, task_id: uuid.UUID, report: Report, digest: bytes) -> dict[str, Any]:
    """The id is there already: the same task for the same content of the same person, else both contents."""
    if _is_here(who, task_id, digest):
        task = _reviewed_or_not(task_id, who) if report.self_handled else _summary(task_id, who)
        return {**task, "missing_photos": report_rules.missing(who, [p["sha256"] for p in task["photos"]])}
    there = task_view.by_id(who, task_id)
    raise Problem(
        "id_reused",
        id=task_id,
        extra={"sent": report.model_dump(mode="json", exclude_unset=True), **({"task": there} if there else {})},
    )


def _reviewed_or_not(task_id: uuid.UUID, who: Principal) -> dict[str, Any]:
    """A self-handled task is reviewed where it is drawn for the sample, else it passes by itself.

    Sent again, what was cut short after the filing is made good.
    """
    from gridapp.services.tasking import sample_review  # noqa: PLC0415  # acting stands on viewing, filing on acting only here

    return sample_review.decide(task_id, who)


def _routed(task_id: uuid.UUID, who: Principal) -> dict[str, Any]:
    """The report after the rules looked at it; where that fails, the clock tries again: filed it is."""
    from gridapp.services.routing import apply  # noqa: PLC0415  # as above

    with suppress(Problem):
        apply.route_new(task_id)
    return _summary(task_id, who)


def _summary(task_id: uuid.UUID, who: Principal) -> dict[str, Any]:
    return task_view.summary(task_view.rows_of("t.id = %(id)s", task_view.everywhere(who), {"id": task_id})[0])
