"""What holds for an item at a place and a time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import Select, and_, func, or_, select

from gridapp.access import Principal
from gridapp.config import Settings
from gridapp.db import session
from gridapp.errors import Field
from gridapp.models import Admission, Grid, Task
from gridapp.services.editions import categories
from gridapp.timesource import now


@dataclass(frozen=True)
class Ruling:
    """Whether an item is admitted; ``decision`` is None where only the catalogue speaks."""

    admitted: bool
    decision: Admission | None = None


def ruling(category: str, path: list[int], at: dt.datetime, *, otherwise: bool) -> Ruling:
    """What holds for an item in an area.

    Args:
        category: code of the item.
        path: ids of the areas from the root down to the grid.
        at: the time.
        otherwise: what the catalogue says.
    """
    decision = session.scalar(_holding(path, at).where(Admission.category_code == category).limit(1))
    return Ruling(decision.admitted, decision) if decision else Ruling(otherwise)


def rulings(path: list[int], at: dt.datetime) -> dict[str, Admission]:
    """The decision that holds for each item that was ever decided for an area."""
    found: dict[str, Admission] = {}
    for decision in session.scalars(_holding(path, at)):
        found.setdefault(decision.category_code, decision)
    return found


@dataclass(frozen=True)
class Held:
    """What was decided of an item and holds now: for a person's area, and in others of their scope, by their codes.

    ``own`` is None where only the catalogue speaks for the area.
    """

    category: str
    own: bool | None
    elsewhere: tuple[tuple[str, bool], ...]


def admitted_for(who: Principal) -> tuple[Held, ...]:
    """What was decided of each item for the person's area, for areas in it, and for others that they cover."""
    if not who.scope_ids:
        return ()
    at, paths = now(), dict(session.execute(select(Grid.id, Grid.path).where(Grid.id.in_(who.scope_ids))).all())
    own = {code: decision.admitted for code, decision in rulings(paths.get(who.scope_ids[0], []), at).items()}
    elsewhere: dict[str, dict[str, bool]] = {}
    for area in who.scope_ids[1:]:
        for code, decision in rulings(paths.get(area, []), at).items():
            elsewhere.setdefault(code, {})[session.get_one(Grid, area).code] = decision.admitted
    below = _now(at).join(Grid, Grid.id == Admission.grid_id).where(Grid.path.overlap(list(who.scope_ids)))
    for decision in session.scalars(below.where(Grid.id != who.scope_ids[0]).order_by(Admission.decided_at)):
        elsewhere.setdefault(decision.category_code, {})[decision.grid.code] = decision.admitted
    found = (
        Held(code, own.get(code), tuple(sorted(elsewhere.get(code, {}).items()))) for code in own.keys() | elsewhere
    )
    return tuple(sorted(found, key=lambda held: held.category))


def turning(after: dt.datetime, until: dt.datetime) -> bool:
    """Whether a decision began or ended to hold in ``(after, until]``."""
    begins = and_(Admission.valid_from > after, Admission.valid_from <= until)
    ends = and_(Admission.valid_until > after, Admission.valid_until <= until)
    return session.scalar(select(Admission.id).where(or_(begins, ends)).limit(1)) is not None


def _holding(path: list[int], at: dt.datetime) -> Select[Admission]:
    """Decisions that hold for an area at a time: those of the deepest area first, of these the latest."""
    depth = func.array_position(path, Admission.grid_id)
    return _now(at).where(Admission.grid_id.in_(path)).order_by(depth.desc(), Admission.decided_at.desc(), Admission.id)


def _now(at: dt.datetime) -> Select[Admission]:
    """Decisions that hold somewhere at a time."""
    ends = or_(Admission.valid_until.is_(None), Admission.valid_until > at)
    return select(Admission).where(Admission.valid_from <= at, ends)


def ruling_for(task: Task, at: dt.datetime | None = None) -> Ruling:
    """What holds for a task's item where it lies, now where no time is given."""
    return ruling_at(task, session.scalar(select(Grid.path).where(Grid.id == task.grid_id)) or [], at)


def ruling_at(task: Task, path: list[int], at: dt.datetime | None = None) -> Ruling:
    """What would hold for a task's item in an area, given by its path, now where no time is given."""
    otherwise = categories.facts(task.category_code, task.edition).admitted
    return ruling(task.category_code, path, at or now(), otherwise=otherwise)


def refusal(task: Task, found: Ruling) -> Field:
    """Why a task of this item is not given to a grid worker: the item, and since when where it was decided."""
    facts = categories.facts(task.category_code, task.edition)
    since_en = since_zh = ""
    if found.decision is not None:
        settings: Settings = current_app.extensions["settings"]
        day = f"{found.decision.valid_from.astimezone(settings.timezone):%Y-%m-%d}"
        since_en, since_zh = f" since {day}", f"（自 {day} 起）"
    return Field(
        "not_admitted",
        f"The item {facts.name_en} is not admitted for grid workers{since_en}. Choose a unit.",
        f"事项“{facts.name_zh}”未准入网格{since_zh}，不能派给网格员，请选择责任单位。",
    )
