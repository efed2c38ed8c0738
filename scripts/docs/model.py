"""The data model, drawn from the models as diagrams that Markdown viewers show, and as tables of columns."""

import importlib
import inspect

from sqlalchemy import Column, ForeignKeyConstraint, Table
from sqlalchemy.dialects import postgresql

from gridapp.models import Base
from scripts.docs.tables import table

SUBJECTS = {
    "areas": "Areas and the base data",
    "people": "People and signing in",
    "catalogue": "The catalogue",
    "tasks": "Tasks, photos, the feed",
    "joint": "Joint work and admission",
    "plans": "Plans",
    "clocks": "Clocks, leave and jobs",
    "routing": "Routing and the chain",
    "tracks": "Tracks",
    "words": "Word to everyone",
    "record": "The integrity of the record",
    "phones": "Alarms, codes, stops and hand-overs",
}
MOST_SIDE_BY_SIDE = 6


def overview() -> str:
    """One diagram a subject that has relations."""
    return "\n\n".join(f"**{words}**\n\n{_diagram(subject)}" for subject, words in SUBJECTS.items())


def columns() -> str:
    """Every table of every subject with its columns."""
    return "\n\n".join(_subject(subject, words) for subject, words in SUBJECTS.items())


def _models(subject: str) -> list[type[Base]]:
    room = importlib.import_module(f"gridapp.models.{subject}")
    own = [one for _, one in inspect.getmembers(room, inspect.isclass) if one.__module__ == room.__name__]
    tables = list(Base.metadata.tables)
    models = [one for one in own if issubclass(one, Base)]
    return sorted(models, key=lambda one: tables.index(one.__table__.name))  # type: ignore[attr-defined]


def _diagram(subject: str) -> str:
    """Tables that point at others; those that stand alone are only in the tables of columns."""
    relations = [_relations(one.__table__) for one in _models(subject)]  # type: ignore[arg-type]
    direction = "LR" if max(map(len, relations)) > MOST_SIDE_BY_SIDE else "TB"
    lines = [f"  {line}" for lines in relations for line in lines]
    return "\n".join(["```mermaid", "erDiagram", f"  direction {direction}", *lines, "```"])


def _relations(own: Table) -> list[str]:
    """A line for each table that this one points at, with the columns that do."""
    pointing: dict[str, list[ForeignKeyConstraint]] = {}
    for key in sorted(own.foreign_key_constraints, key=lambda key: list(key.column_keys)):
        pointing.setdefault(key.referred_table.name, []).append(key)
    return [f'{target} {_ends(keys)} {own.name} : "{_label(keys)}"' for target, keys in sorted(pointing.items())]


def _ends(keys: list[ForeignKeyConstraint]) -> str:
    """Whether a row always points at one, or may point at none."""
    always = any(not column.nullable for key in keys for column in key.columns if _alone(key, column.name))
    return "||--o{" if always else "|o--o{"


def _alone(key: ForeignKeyConstraint, name: str) -> bool:
    """Of a key of several columns the last one tells: the first, the edition, is shared with other keys."""
    return key.column_keys[-1] == name


def _label(keys: list[ForeignKeyConstraint]) -> str:
    return ", ".join(key.column_keys[-1] for key in keys)


def _subject(subject: str, words: str) -> str:
    return f"## {words}\n\n" + "\n\n".join(_table(one) for one in _models(subject))


def _table(one: type[Base]) -> str:
    own: Table = one.__table__  # type: ignore[assignment]
    words = inspect.getdoc(one) or ""
    rows = [_row(column) for column in own.columns]
    return f"### `{own.name}`\n\n{words}\n\n{table(('column', 'type', 'may be empty', 'points at'), rows)}"


def _row(column: Column[object]) -> tuple[str, ...]:
    kind = column.type.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    key = " (key)" if column.primary_key else ""
    points = ", ".join(sorted(f"`{one.target_fullname}`" for one in column.foreign_keys))
    return (f"`{column.name}`{key}", kind.lower(), "yes" if column.nullable else "", points)
