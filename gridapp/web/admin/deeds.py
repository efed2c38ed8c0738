"""Words of the audit list: what was done, and to what kind of thing."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from gridapp.web.admin.catalogue import FIELDS, field_value
from gridapp.web.admin.desk import blueprint
from gridapp.web.words import level_name, named, role_name

DEEDS = {
    "add": _l("added"),
    "edit": _l("edited"),
    "retire": _l("retired"),
    "set_password": _l("set a new password"),
    "confirm": _l("confirmed"),
    "reveal": _l("looked at personal data"),
    "give_post": _l("gave a post"),
    "end_post": _l("ended a post"),
    "drop_post": _l("dropped a post that had not begun"),
    "revoke": _l("revoked a sign-in"),
    "show_code": _l("showed a sign-in code"),
    "lock_out": _l("locked a lost phone out"),
    "add_stop": _l("planned a stop"),
    "retire_stop": _l("removed a stop"),
    "read_position": _l("looked at a position"),
    "acknowledge": _l("took care of an alarm"),
    "export": _l("exported"),
    "import": _l("imported"),
    "renew_secret": _l("renewed the secret"),
    "replay": _l("sent again"),
    "skip": _l("gave a message up"),
    "apply_admission": _l("applied for an admission"),
    "withdraw_admission": _l("withdrew an application"),
    "admit": _l("admitted an item"),
    "refuse_admission": _l("refused an admission"),
    "revoke_admission": _l("revoked an admission"),
    "give_leave": _l("gave leave"),
    "end_leave": _l("ended a leave"),
    "move": _l("moved"),
    "drop": _l("took away"),
    "retry_step": _l("let a step be tried again"),
    "publish": _l("published an edition"),
    "publish_again": _l("published settings again"),
}
DETAILS = {
    "username": _l("User name"),
    "name": _l("Full name"),
    "role": _l("Role"),
    "scope_grid_id": _l("Scope"),
    "grid_id": _l("Works for"),
    "unit_id": _l("Unit"),
    "phone": _l("Phone"),
    "titles": _l("Further titles"),
    "language": _l("Language"),
    "name_en": _l("English name"),
    "code": _l("Code"),
    "level": _l("Level"),
    "field": _l("Field"),
    "reason": _l("Why"),
    "task": _l("Task"),
    "begins": _l("From"),
    "ends": _l("Until"),
    "deputy": _l("Deputy post"),
    "device": _l("Device"),
    "url": _l("Address"),
    "events": _l("Events"),
    "origin": _l("Origin"),
    "active": _l("In use"),
    "message": _l("Message"),
    "email": _l("E-mail address"),
    "item": _l("Item"),
    "edition": _l("Edition"),
    "again": _l("Settings of"),
    **FIELDS,
}
SUBJECTS = {
    "person": _l("person"),
    "post": _l("post"),
    "unit": _l("unit"),
    "token": _l("sign-in"),
    "alarm": _l("alarm"),
    "stop": _l("stop"),
    "receiver": _l("receiver"),
    "letter": _l("letter"),
    "admission": _l("admission"),
    "task": _l("task"),
    "routing_rule": _l("routing rule"),
    "category_routing": _l("category"),
    "chain_link": _l("escalation chain"),
    "calendar_day": _l("calendar day"),
    "calendar_year": _l("calendar year"),
    "catalogue": _l("catalogue"),
}


@blueprint.app_template_filter("deed")
def deed(action: str) -> str:
    """What was done; an unknown action as it is."""
    return str(DEEDS.get(action, action))


@blueprint.app_template_filter("detail")
def detail(name: str) -> str:
    """Name of a detail of an entry, with the code behind it if there is one; an unknown one as it is."""
    head, _, code = name.partition(" ")
    return f"{DETAILS[head]} {code}".strip() if head in DETAILS else name


@blueprint.app_template_filter("value")
def value(kept: object, name: str, areas: dict[int, Any]) -> str:
    """A detail's value as people read it; ``areas`` are by id."""
    if kept is None or kept in ("", []):
        return "–"
    if isinstance(kept, bool) or name.partition(" ")[0] in FIELDS:
        return field_value(kept)
    if isinstance(kept, list):
        return ", ".join(str(part) for part in kept)
    if name.endswith("grid_id") and isinstance(kept, int):
        return named(areas.get(kept))
    if name == "field":
        return detail(str(kept))
    words = {"role": role_name, "level": level_name}.get(name, str)
    return words(str(kept))


@blueprint.app_template_filter("subject")
def subject(kind: str) -> str:
    """Kind of what it was done to; an unknown one as it is."""
    return str(SUBJECTS.get(kind, kind))
