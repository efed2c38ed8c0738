"""Tables of the documents, made from settings, commands, rules, permissions and calls."""

import ast
import configparser
import inspect
from collections.abc import Iterable
from pathlib import Path

import click

from gridapp.access import ACTIONS, FILERS, PERMISSIONS, ROLE_NAMES, ROLES, Predicate
from gridapp.cli import ROOMS, main
from gridapp.cluster.extensions import statements
from gridapp.cluster.layout import DATABASE_DEFAULTS
from gridapp.config import PREFIX, Settings
from gridapp.workflow import RULES, STAGES, Rule
from mobile_api import CALLS

ROOT = Path(__file__).parents[2]
PREDICATES = {
    "is_reporter": "the reporter",
    "is_assignee": "the holder",
    "neither_handled_nor_fed_back": "who neither handled nor fed back",
    "is_not_the_asker": "who did not ask for it",
    "is_asked_to_assist": "a handler of a unit asked to assist",
    "is_assisting": "a handler of an assisting unit",
    "is_not_auditor": "everybody in scope but the auditor",
}
STATES = {
    "asked": "an extension is asked for, and it is not on hold",
    "not_asked": "none is asked for yet, and it is not on hold",
    "held": "it is on hold",
    "not_held": "it is not on hold",
    "returned": "it was returned",
    "assisted": "a unit assists",
    "not_checked": "no check is under way",
    "just_closed": "closed at most 7 days ago",
}


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def settings() -> str:
    """Every setting with its default."""
    rows = [
        (f"`{PREFIX}{name.upper()}`", _default(name), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    return table(("variable", "default", "what it sets"), rows)


def _default(name: str) -> str:
    """As a person would write it; what is worked out at the start is told by its description."""
    field = Settings.model_fields[name]
    if field.default_factory is not None or field.default is None:
        return "-"
    return f"`{field.default}`"


def commands() -> str:
    """Every command of `gridapp`, with those below it."""
    return table(("command", "what it does"), [(_with_those_below(name), line) for name, line in ROOMS.items()])


def _with_those_below(name: str) -> str:
    command = main.get_command(click.Context(main), name)
    below = list(command.commands) if isinstance(command, click.Group) else []
    return " ".join([f"`gridapp {name}`", " · ".join(below)]).strip()


def server() -> str:
    """How a superuser prepares a database on another server."""
    lines = ["create database grid owner grid template template0 encoding 'UTF8';", "\\c grid", statements()]
    lines += [f"alter database grid set {name} = '{value}';" for name, value in DATABASE_DEFAULTS.items()]
    return "\n".join(["```sql", *lines, "```"])


def floors() -> str:
    """The floors as import-linter keeps them, each with what its rooms say of themselves."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    layers = setup["importlinter:contract:floors"]["layers"].split("\n")[1:]
    rows = []
    for number, layer in enumerate(layers, 1):
        rooms = layer.replace("|", ":").split(":")
        rows += [(str(number), f"`{room.strip()}`", says(room.strip())) for room in rooms]
    return table(("floor", "room", "what it is"), rows)


def says(module: str) -> str:
    """The first sentence of a module's own words."""
    path = ROOT / module.replace(".", "/")
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    words = ast.get_docstring(ast.parse(source.read_text())) or ""
    return words.split("\n\n")[0].replace("\n", " ")


def stages() -> str:
    """Every action: from where to where, who, what it needs."""
    head = ("action", "中文", "from", "to", "who", "needs", "may carry")
    return table(head, [_stage_row(rule) for rule in RULES])


def _stage_row(rule: Rule) -> tuple[str, ...]:
    needs = [*rule.needs, *([STATES[rule.state]] if rule.state else [])]
    start = "any open" if len(rule.at) == len(STAGES) - 1 else ", ".join(rule.at) or "-"
    after = f", {rule.after}" if rule.after else ""
    names = ", ".join(needs).replace("_", " ") or "-"
    takes = ", ".join(rule.takes).replace("_", " ") or "-"
    return (f"`{rule.action}`", rule.zh, start + after, _end(rule), _who(rule.action), names, takes)


def _end(rule: Rule) -> str:
    if not rule.at and rule.to is None:
        return "as its source says"
    outcome = f", {rule.outcome}" if rule.outcome else ""
    return (rule.to or "unchanged") + outcome


def _who(action: str) -> str:
    if action in FILERS:
        return ", ".join(FILERS[action])
    return "; or ".join(", ".join(_predicate(one) for one in row) for row in ACTIONS[action])


def _predicate(one: Predicate) -> str:
    told = inspect.getclosurevars(one).nonlocals
    return " or ".join(told["roles"]) if "roles" in told else PREDICATES[one.__name__]


def permissions() -> str:
    """Which role holds which permission."""
    rows = [(f"`{name}`", *("●" if role in holders else "" for role in ROLES)) for name, holders in PERMISSIONS.items()]
    return table(("permission", *(f"{role} {ROLE_NAMES[role][1]}" for role in ROLES)), rows)


def calls() -> str:
    """Every call of the mobile API."""
    rows = [
        (f"`{one.method} {one.rule}`", one.words, f"`{one.permission}`")
        for one in sorted(CALLS, key=lambda one: one.rule)
    ]
    return table(("call, below `/api/v1`", "what it does", "permission"), rows)
