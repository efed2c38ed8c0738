"""What every template may say: terms in the reader's language, local times, and who is signed in."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, g, request
from flask_babel import lazy_gettext as _l

from gridapp import doors
from gridapp.access import ADMIN, AUDITOR, CHIEF, HANDLER, PERMISSIONS, ROLE_NAMES, ROLES, WORKER, Principal, may
from gridapp.workflow import BY_ACTION, STAGE_NAMES

WORKPLACES = (
    ("/command", _l("Command centre"), PERMISSIONS["command.use"]),
    ("/field", _l("Phone page"), (WORKER, CHIEF, HANDLER)),
    ("/planning", _l("Grid planning"), PERMISSIONS["plan.read"]),
    ("/admission", _l("Admitted items"), (HANDLER, ADMIN, AUDITOR)),
    ("/phones", _l("Phones"), PERMISSIONS["phones.desk"]),
    ("/admin", _l("Administration"), PERMISSIONS["people.read"]),
    ("/exports", _l("Exports"), PERMISSIONS["export"]),
)
LEVEL_NAMES = {
    "district": ("district", "区县"),
    "street": ("street", "街道/镇"),
    "community": ("community", "社区/村"),
    "group": ("group grid", "居民小组网格"),
    "building": ("building grid", "楼栋网格"),
}
HOMES = {"worker": "/field", "planner": "/planning", "admin": "/admin"}


def init_words(app: Flask) -> None:
    """Give the templates their filters and globals."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    # Else `'assign' | action` is worked out once, when a template is first read, and stays in that reader's language.
    app.jinja_env.optimized = False
    app.jinja_env.filters.update(
        term=term,
        role=role_name,
        level=level_name,
        stage=stage_name,
        action=action_name,
        when=when,
        day=day,
        masked=masked,
        limit=limit,
        time_unit=time_unit,
        named=named,
    )
    app.context_processor(_shared)


def home_of(who: Principal) -> str:
    """The workplace that a role works at."""
    return HOMES.get(who.role, "/command")


def term(pair: tuple[str, str]) -> str:
    """The reader's word of a pair ``(english, chinese)``."""
    return pair[0] if doors.language() == "en" else pair[1]


def role_name(role: str) -> str:
    """Name of a role; an unknown one as it is."""
    return term(ROLE_NAMES.get(role, (role, role)))


def role_choices() -> list[tuple[str, str]]:
    """Roles with their names, to choose from."""
    return [(role, role_name(role)) for role in ROLES]


def level_name(level: str) -> str:
    """Name of a level of areas; an unknown one as it is."""
    return term(LEVEL_NAMES.get(level, (level, level)))


def stage_name(stage: str) -> str:
    """Name of a stage; an unknown one as it is."""
    return term(STAGE_NAMES.get(stage, (stage, stage)))


def action_name(action: str) -> str:
    """Name of an action on a task; an unknown one as it is."""
    rule = BY_ACTION.get(action)
    return term((rule.en, rule.zh)) if rule else action


def when(at: dt.datetime | None, fmt: str = "%Y-%m-%d %H:%M") -> str:
    """A time in the zone in which people read times, or a dash."""
    return "–" if at is None else at.astimezone(doors.settings().timezone).strftime(fmt)


def day(at: dt.datetime | None) -> str:
    """A day in the zone in which people read times, or a dash."""
    return when(at, "%Y-%m-%d")


def named(thing: Any) -> str:
    """Name of an area, unit or the like in the reader's language; in Chinese where it has no other; a dash for none."""
    if thing is None:
        return "–"
    return str(thing.name_en if doors.language() == "en" and thing.name_en else thing.name)


TIME_UNITS = {
    "working_hour": ("working hour", "工作时"),
    "working_day": ("working day", "工作日"),
    "urgent_hour": ("urgent hour", "紧急工作时"),
    "urgent_day": ("urgent day", "紧急工作日"),
}


def time_unit(unit: str, amount: int = 2) -> str:
    """Name of a unit of time as it stands after a number."""
    english, chinese = TIME_UNITS[unit]
    return term((english if amount == 1 else f"{english}s", chinese))


def limit(given: dict[str, Any]) -> str:
    """A limit as people say it: 4 working hours."""
    return f"{given['amount']} {time_unit(given['unit'], given['amount'])}"


def masked(phone: str | None) -> str:
    """A phone number as lists show it: first three, last four digits."""
    if not phone:
        return "–"
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "*" * len(phone)  # noqa: PLR2004


def _shared() -> dict[str, Any]:
    who: Principal | None = g.get("principal")
    return {
        "who": who,
        "may": lambda permission: who is not None and may(who, permission),
        "lang": doors.language(),
        "html_lang": "en" if doors.language() == "en" else "zh-CN",
        "workplaces": [(path, name) for path, name, roles in WORKPLACES if who is not None and who.role in roles],
        "fragment": is_fragment(),
        "here": _here(),
    }


def _here() -> str:
    """The page that one is on, to come back to: of a form that was sent, the page that showed it."""
    if request.method == "GET":
        return request.full_path.removesuffix("?")
    came_from = urlsplit(request.referrer or "")
    return f"{came_from.path}?{came_from.query}".removesuffix("?") if came_from.netloc == request.host else "/"


def is_fragment() -> bool:
    """Whether htmx asks for a part of the page."""
    asked = request.headers
    whole = "true" in (asked.get("HX-Boosted"), asked.get("HX-History-Restore-Request"))
    return asked.get("HX-Request") == "true" and not whole
