"""Everything that can go wrong for a user, once: a code that never changes, a status, words in both languages.

Doors turn a ``Problem`` into ``application/problem+json`` or a page fragment. Constraints of the database have names;
``problem_of`` translates the name of a broken one into its problem: let the database validate, then translate.
Each subject keeps its kinds in a room of its own; a code is in one room only.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

from gridapp.errors import areas, clocks, joint, people, phones, requests, sync, tasks, uploads, words
from gridapp.errors.fields import FIELD_NAMES
from gridapp.errors.invariants import rule_of
from gridapp.errors.kind import Kind

__all__ = ["CONSTRAINTS", "KINDS", "Field", "Kind", "Problem", "invalid", "problem_of"]

ROOMS: tuple[ModuleType, ...] = (requests, people, areas, tasks, uploads, clocks, sync, joint, phones, words)
KINDS: dict[str, Kind] = {code: kind for room in ROOMS for code, kind in room.KINDS.items()}
CONSTRAINTS: dict[str, str] = {
    constraint: code for room in ROOMS for constraint, code in getattr(room, "CONSTRAINTS", {}).items()
}


@dataclass(frozen=True)
class Field:
    """What is wrong with one field: a code and the sentence in both languages; ``label`` is its name (en, zh)."""

    code: str
    en: str
    zh: str
    label: tuple[str, str] | None = None


class Problem(Exception):
    """Something a user can understand and mend.

    Args:
        code: one of ``KINDS``.
        errors: for 422, the fields with what is wrong with each.
        extra: members added to the answer, such as ``allowed`` or the ``task`` as it is now.
        headers: such as ``Retry-After``.
        params: values for the sentence.
    """

    def __init__(
        self,
        code: str,
        *,
        errors: dict[str, Field] | None = None,
        extra: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        **params: object,
    ) -> None:
        self.code = code
        self.kind = KINDS[code]
        self.errors = errors or {}
        self.extra = extra or {}
        self.headers = headers or {}
        self.params = params
        super().__init__(self.detail("en"))

    @property
    def status(self) -> int:
        """HTTP status."""
        return self.kind.status

    def detail(self, language: str) -> str:
        """Sentence in ``language``: Chinese for ``zh…``, English for anything else."""
        chinese = language.startswith("zh")
        params = {name: _word(value, chinese=chinese) for name, value in self.params.items()}
        if self.errors:
            params["fields"] = ("、" if chinese else ", ").join(
                self._label(name, chinese=chinese) for name in self.errors
            )
        return (self.kind.zh if chinese else self.kind.en).format_map(_Gaps(params))

    def field_errors(self, language: str) -> dict[str, dict[str, str]]:
        """Wrong fields with code, sentence and the field's own name in ``language``."""
        chinese = language.startswith("zh")
        return {
            name: {"code": f.code, "detail": f.zh if chinese else f.en, "label": self._label(name, chinese=chinese)}
            for name, f in self.errors.items()
        }

    def whole(self, language: str) -> str:
        """Where fields are wrong each one with its sentence, else the sentence of all: for who sees no form."""
        fields = self.field_errors(language)
        return " ".join(f"{name}: {fault['detail']}" for name, fault in fields.items()) or self.detail(language)

    def _label(self, name: str, *, chinese: bool) -> str:
        return str(_word(self.errors[name].label or FIELD_NAMES.get(name, name), chinese=chinese))


class _Gaps(dict[str, Any]):
    """Leaves a gap visible rather than raising while an error is being told."""

    def __missing__(self, key: str) -> str:
        return "…" if key else ""


def _word(value: object, *, chinese: bool) -> object:
    """Pick the language of a pair ``(en, zh)``; anything else is a word already."""
    if isinstance(value, tuple) and len(value) == 2:  # noqa: PLR2004  # a pair of languages
        return value[1] if chinese else value[0]
    return value


def invalid(**fields: tuple[str, str, str]) -> Problem:
    """A 422 from ``field=(code, english, chinese)``."""
    return Problem("invalid", errors={name: Field(*words) for name, words in fields.items()})


def problem_of(constraint: str | None) -> Problem:
    """The problem of a broken constraint by its name: its own one, else a conflict with the rule that it keeps."""
    if constraint in CONSTRAINTS:
        return Problem(CONSTRAINTS[constraint])
    return Problem("conflict", why=rule_of(constraint))
