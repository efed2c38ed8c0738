"""Makes a catalogue of its TOML files: fills in defaults and shared parts, checks every entry, then all together.

The data beside this file is the default. A district that wants other classes, units or reasons copies the folder, edits
it and names it in ``GRIDAPP_CATALOGUE``; shares, limits and the like it sets at the admin's desk. Any file may hold any
of these tables:

- ``[catalogue]`` once: ``version`` (changes with every edit) and ``standard``;
- ``units``, ``duties``, ``reasons``: lists of entries as in `gridapp.catalogue.shape`;
- ``[fields]``, ``[severities]``, ``[stops]``, ``[condition_sets]``: by name, what several classes share;
- ``[[majors]]``: ``code zh en kind``, ``defaults`` for its minors, ``condition_defaults`` for their conditions, and
  ``minors``. A minor names shared things (``fields``, ``severity``, ``stop``, ``condition_set``) and lists its own
  ``conditions``; its ``unit`` holds for those of its conditions that name none. ``no`` 1 to 9 numbers a condition
  inside its class for good, so that its code (``06010-1``) stays when others come or go.

Limits are ``{ amount = 4, unit = "working_hour" }``, by the units of `gridapp.clocks`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from gridapp.catalogue.checks import reference_faults
from gridapp.catalogue.documents import Document, Head, Raw, RawCondition, RawMajor, RawMinor, read_documents
from gridapp.catalogue.faults import CatalogueError, Fault, faults_of
from gridapp.catalogue.shape import Catalogue, Category, Condition, Duty, Reason, Unit

DATA = Path(__file__).parent / "data"

Entry = TypeVar("Entry", Category, Condition, Duty, Reason, Unit)

_CATEGORY = TypeAdapter(Category)
_CONDITION = TypeAdapter(Condition)
_DUTY = TypeAdapter(Duty)
_REASON = TypeAdapter(Reason)
_UNIT = TypeAdapter(Unit)


def load_catalogue(path: Path = DATA) -> Catalogue:
    """The catalogue of a folder or of one file; without a path the one that comes with the program.

    Raises:
        CatalogueError: with every fault found, each by file and entry.
    """
    documents = read_documents(path)
    builder = _Builder(documents)
    catalogue = builder.build()
    faults = builder.faults or list(reference_faults(catalogue, builder.files))
    if faults:
        raise CatalogueError(faults)
    return catalogue


class _Builder:
    """Collects the entries of all files and, beside them, what is wrong."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self.documents = documents
        self.faults: list[Fault] = []
        self.files: dict[str, str] = {}
        """Entry ("units fire", "categories 06010") to the file it stands in."""
        self.shared = {
            "fields": self._named("fields"),
            "severities": self._named("severities"),
            "stops": self._named("stops"),
            "condition_sets": self._named("condition_sets"),
        }

    def build(self) -> Catalogue:
        head = self._head()
        categories: list[Category] = []
        conditions: list[Condition] = []
        for file, document in self.documents.items():
            for major in document.majors:
                categories += self._categories(file, major)
                conditions += self._conditions(file, major)
        return Catalogue(
            version=head.version,
            standard=head.standard,
            categories=tuple(categories),
            conditions=tuple(conditions),
            duties=self._listed(_DUTY, "duties"),
            units=self._listed(_UNIT, "units"),
            reasons=self._listed(_REASON, "reasons"),
        )

    def _head(self) -> Head:
        heads = [document.catalogue for document in self.documents.values() if document.catalogue]
        if len(heads) != 1:
            en, zh = f"[catalogue] must be there once, not {len(heads)} times", "[catalogue] 必须且只能出现一次"
            raise CatalogueError([Fault(", ".join(self.documents), "", en, zh)])
        return heads[0]

    def _named(self, section: str) -> dict[str, Any]:
        shared: dict[str, Any] = {}
        for file, document in self.documents.items():
            for name, value in getattr(document, section).items():
                self._note(file, section, name)
                shared[name] = value
        return shared

    def _listed(self, kind: TypeAdapter[Entry], section: str) -> tuple[Entry, ...]:
        checked = [
            self._checked(kind, file, section, raw)
            for file, document in self.documents.items()
            for raw in getattr(document, section)
        ]
        return tuple(entry for entry in checked if entry)

    def _categories(self, file: str, major: RawMajor) -> Iterator[Category]:
        top = {"code": major.code, "parent": None, "kind": major.kind, "zh": major.zh, "en": major.en}
        raws = [top] + [self._category(file, major, minor) for minor in major.minors]
        for raw in raws:
            if entry := self._checked(_CATEGORY, file, "categories", raw):
                yield entry

    def _category(self, file: str, major: RawMajor, minor: RawMinor) -> Raw:
        own: Raw = minor.model_extra or {}
        raw = {**major.defaults, **own, "code": minor.code, "parent": major.code, "kind": major.kind}
        raw["fields"] = [{**self._shared(file, minor, "fields", key), "key": key} for key in minor.fields]
        if minor.severity is not None:
            raw["severities"] = self._shared(file, minor, "severities", minor.severity)
        if minor.stop is not None:
            raw["stop"] = self._shared(file, minor, "stops", minor.stop)
        return raw

    def _conditions(self, file: str, major: RawMajor) -> Iterator[Condition]:
        for minor in major.minors:
            for condition in self._own_and_shared(file, minor):
                raw = major.condition_defaults | ({"unit": minor.unit} if minor.unit else {})
                raw |= condition.model_extra or {}
                raw |= {"code": f"{minor.code}-{condition.no}", "category": minor.code}
                if "class" in raw:
                    raw["service_class"] = raw.pop("class")
                if entry := self._checked(_CONDITION, file, "conditions", raw):
                    yield entry

    def _own_and_shared(self, file: str, minor: RawMinor) -> list[RawCondition]:
        if minor.condition_set is None:
            return minor.conditions
        return [*(self._shared(file, minor, "condition_sets", minor.condition_set) or []), *minor.conditions]

    def _shared(self, file: str, minor: RawMinor, section: str, name: str) -> Any:
        found = self.shared[section].get(name)
        if found is None:
            en, zh = f"[{section}] has no {name!r}: add it or use another", f"[{section}] 中没有 {name!r}"
            self.faults.append(Fault(file, f"categories {minor.code}", en, zh))
            return {}
        return found

    def _checked(self, kind: TypeAdapter[Entry], file: str, section: str, raw: Raw) -> Entry | None:
        """The entry, or none with its faults noted; by way of JSON, where lists and codes are the only spelling."""
        name = f"{raw['action']} {raw.get('code')}" if "action" in raw else str(raw.get("code"))
        self._note(file, section, name)
        try:
            return kind.validate_json(to_json(raw))
        except ValidationError as error:
            self.faults += faults_of(error, file, f"{section} {name}", raw)
            return None

    def _note(self, file: str, section: str, name: str) -> None:
        entry = f"{section} {name}"
        if entry in self.files:
            en, zh = f"is also in {self.files[entry]}: keep one", f"与 {self.files[entry]} 中的重复，请只保留一处"
            self.faults.append(Fault(file, entry, en, zh))
        self.files[entry] = file
