"""The shape of a catalogue: what one entry of each kind says, checked where it is made.

Every text is there in Chinese (`zh`) and English (`en`). Entries refer to each other by code.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic.dataclasses import dataclass as checked

from gridapp.clocks import Limit

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
CategoryCode = Annotated[str, StringConstraints(pattern=r"^\d{2}(\d{3})?$")]
ConditionCode = Annotated[str, StringConstraints(pattern=r"^\d{5}-[1-9]$")]
PhotoCount = Annotated[int, Field(ge=0, le=9)]

LAST_STANDARD_MAJOR = 10
LAST_STANDARD_MINOR = 79
EXTENSION_SUFFIX = "（自定义）"

_ONLY_THESE = ConfigDict(extra="forbid", strict=True)


class ServiceClass(StrEnum):
    """即办, 承诺, 协调: done at once, promised within a time, or joint work of several units."""

    IMMEDIATE = "immediate"
    COMMITTED = "committed"
    JOINT = "joint"


class Kind(StrEnum):
    """Where a class comes from: a managed component, a matter of the standard, or social governance."""

    COMPONENT = "component"
    MATTER = "matter"
    GOVERNANCE = "governance"


@checked(frozen=True, config=_ONLY_THESE)
class Notice:
    """What the reporter reads before going on, such as: call 119 first."""

    zh: Words
    en: Words


@checked(frozen=True, config=_ONLY_THESE)
class Choice:
    """One value of a choice field, or one level of severity."""

    code: Code
    zh: Words
    en: Words


@checked(frozen=True, config=_ONLY_THESE)
class FormField:
    """A question of the report form beyond place, words and photos."""

    key: Code
    type: Literal["text", "number", "choice", "boolean"]
    zh: Words
    en: Words
    required: bool = False
    choices: tuple[Choice, ...] = ()

    @model_validator(mode="after")
    def _choices_where_chosen(self) -> "FormField":
        if (self.type == "choice") != (len(self.choices) > 1):
            raise ValueError("a choice field has two choices or more, any other field none")
        return self


@checked(frozen=True, config=_ONLY_THESE)
class Category:
    """A major class (大类, two digits, no parent) or a minor one (小类, five digits) with what reporting it asks."""

    code: CategoryCode
    parent: CategoryCode | None
    kind: Kind
    zh: Words
    en: Words
    photos_before: PhotoCount = 0
    photos_after: PhotoCount = 0
    self_handle: bool = False
    """Whether a worker may settle it on the spot (简易程序)."""
    admitted: bool = False
    """Whether it may be assigned to grid workers (准入)."""
    duty: Code | None = None
    """The duty under which it was admitted."""
    sample_share: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Which part of the self-handled ones is reviewed on the spot."""
    near_metres: Annotated[float, Field(gt=0, le=5000)] = 50.0
    near_hours: Annotated[float, Field(gt=0, le=8760)] = 72.0
    """How near and how recent an open task of this class is for both to be the same matter."""
    accuracy_metres: Annotated[float, Field(gt=0, le=5000)] = 50.0
    """How exact a position has to be; a report with a poorer one is flagged and should say why."""
    sensitive: bool = False
    """Personal information of a special kind: hidden from whoever does not work on it."""
    severities: tuple[Choice, ...] = ()
    fields: tuple[FormField, ...] = ()
    stop: Notice | None = None

    @property
    def local(self) -> bool:
        """Whether it is an extension: majors above 10, minors from 080 on, counted downward from 99 and 999."""
        major, minor = int(self.code[:2]), int(self.code[2:] or 0)
        return major > LAST_STANDARD_MAJOR or minor > LAST_STANDARD_MINOR

    @property
    def exchange_name(self) -> str:
        """The Chinese name as other platforms expect it: extensions carry a suffix."""
        return self.zh + EXTENSION_SUFFIX if self.local else self.zh


@checked(frozen=True, config=_ONLY_THESE)
class Condition:
    """A filing condition (立案条件): from what on a matter of this class is a task, who handles it and how fast."""

    code: ConditionCode
    category: CategoryCode
    zh: Words
    en: Words
    service_class: ServiceClass
    unit: Code
    answer: Limit
    handle: Limit


@checked(frozen=True, config=_ONLY_THESE)
class Duty:
    """One of the ten duties of a full-scope grid worker; work items are admitted under one of them."""

    code: Code
    zh: Words
    en: Words
    about_zh: Words
    about_en: Words


@checked(frozen=True, config=_ONLY_THESE)
class Unit:
    """A handling unit of the street or the district; a street unit names the district unit above it."""

    code: Code
    level: Literal["street", "district"]
    zh: Words
    en: Words
    superior: Code | None = None


@checked(frozen=True, config=_ONLY_THESE)
class Reason:
    """A typed reason for one action of the workflow."""

    action: Code
    code: Code
    zh: Words
    en: Words


@dataclass(frozen=True)
class Catalogue:
    """A whole catalogue in the order of its files; it never changes, a new version is another one."""

    version: str
    standard: str
    categories: tuple[Category, ...]
    conditions: tuple[Condition, ...]
    duties: tuple[Duty, ...]
    units: tuple[Unit, ...]
    reasons: tuple[Reason, ...]

    def majors(self) -> tuple[Category, ...]:
        """The first level of the tree."""
        return self.children(None)

    def children(self, parent: str | None) -> tuple[Category, ...]:
        """The classes under a major, or the majors."""
        return tuple(category for category in self.categories if category.parent == parent)

    def conditions_of(self, category: str) -> tuple[Condition, ...]:
        """The filing conditions of a minor class; the first holds where nobody chose another."""
        return tuple(condition for condition in self.conditions if condition.category == category)

    def reasons_for(self, action: str) -> tuple[Reason, ...]:
        """The reasons that an action offers."""
        return tuple(reason for reason in self.reasons if reason.action == action)
