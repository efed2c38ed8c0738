"""Persons: finding, adding, editing, retiring them; each change noted, all within the scope of who does it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from gridapp.access import Principal
from gridapp.db import flush, session
from gridapp.errors import Problem, invalid
from gridapp.models import Grid, Person, Role, Unit
from gridapp.services import audit, auth
from gridapp.services.drafts import Draft, Line, Reason, refuse
from gridapp.services.editing import differences, refuse_stale
from gridapp.services.ground.areas import area_by_code
from gridapp.services.paging import Page, page_of
from gridapp.services.scope import in_scope, the_one
from gridapp.services.staff import devices, posts
from gridapp.services.staff.passwords import check_password, made_up
from gridapp.services.staff.units import unit_by_code
from gridapp.timesource import now

FIELDS = ("username", "name", "role", "scope_grid_id", "unit_id", "phone", "titles", "language")


def _user_name(value: str) -> str:
    value = value.strip().lower()
    if not 2 <= len(value) <= 50 or not all(letter.isalnum() or letter in "._-@" for letter in value):  # noqa: PLR2004
        raise refuse(
            "username",
            "2 to 50 letters, digits, dots, hyphens or underscores.",
            "须为 2-50 个字母、汉字、数字、点、连字符或下划线。",
        )
    return value


def _phone(value: str) -> str:
    digits = value.replace(" ", "").replace("-", "")
    bare = digits.removeprefix("+")
    if not (bare.isascii() and bare.isdigit() and 5 <= len(bare) <= 15):  # noqa: PLR2004  # E.164 ends at 15 digits
        raise refuse("phone", "5 to 15 digits, with + for another country.", "须为 5-15 位数字，国际号码以 + 开头。")
    return digits


class PersonDraft(Draft):
    """What is typed of a person.

    Attributes:
        scope: code of the area that the person sees.
        unit: code of the unit; needed for handlers, refused for others.
        titles: further titles of the same person, such as head of the residents' group.
    """

    username: Annotated[str, AfterValidator(_user_name)]
    name: Line
    role: Role
    scope: Line
    unit: Line | None = None
    phone: Annotated[str, AfterValidator(_phone)] | None = None
    titles: Annotated[tuple[Line, ...], Field(max_length=10)] = ()
    language: Literal["zh_CN", "en"] = "zh_CN"


class EditDraft(PersonDraft):
    """What is typed to edit a person: the form never holds the number, so none typed keeps it."""

    drop_phone: bool = False


class PasswordDraft(Draft):
    """A password given at the desk; none means: make one up."""

    password: SecretStr | None = None


class RevealDraft(Draft):
    """Why somebody wants to see a phone number."""

    reason: Reason


@dataclass(frozen=True)
class Made:
    """A person with the password that was made up for them, to be shown once; None where one was given."""

    person: Person
    password: str | None


def search(who: Principal, number: int = 1, *, words: str = "", role: str = "", retired: bool = False) -> Page[Person]:
    """Persons in scope by words in name, user name, area or unit; not by phone, which would stand in addresses."""
    query = (
        select(Person)
        .join(Person.scope_grid)
        .outerjoin(Person.unit)
        .options(joinedload(Person.scope_grid), joinedload(Person.unit))
        .where(in_scope(Person.scope_grid_id, who))
        .where(Person.retired_at.is_not(None) if retired else Person.retired_at.is_(None))
        .order_by(Person.name, Person.username)
    )
    if role:
        query = query.where(Person.role == role)
    if words:
        query = query.where(_matches(words))
    return page_of(query, number)


def _matches(words: str) -> ColumnElement[bool]:
    columns = (Person.name, Person.username, Grid.name, Grid.name_en, Unit.name, Unit.name_en)
    return or_(
        *(column.icontains(words, autoescape=True) for column in columns),
        Grid.code.istartswith(words, autoescape=True),
    )


def person_in_scope(who: Principal, person_id: uuid.UUID, *, lock: bool = False) -> Person:
    """The person, locked against others where asked.

    Raises:
        Problem: ``not_found`` where there is none, or the scope is another.
    """
    query = select(Person).where(Person.id == person_id, in_scope(Person.scope_grid_id, who))
    return the_one(query, Person, lock=lock)


def person_by_username(who: Principal, username: str, field: str) -> Person:
    """The person in scope and in service of a typed user name.

    Raises:
        Problem: ``invalid`` naming ``field``.
    """
    person = session.scalar(
        select(Person).where(
            Person.username == username.strip().lower(),
            Person.retired_at.is_(None),
            in_scope(Person.scope_grid_id, who),
        )
    )
    if person is None:
        en = f"Nobody in your scope has the user name {username}. Search and choose one."
        zh = f"您的管辖范围内没有用户名为 {username} 的人员，请搜索后选择。"
        raise invalid(**{field: ("unknown_person", en, zh)})
    return person


def add_person(who: Principal, draft: PersonDraft, password: SecretStr | None = None) -> Made:
    """Add a person; a password is made up where none is given.

    Raises:
        Problem: ``invalid`` by field (scope and unit must lie in the scope of ``who``), ``username_taken``.
    """
    secret = _checked(draft, password)
    person = Person(
        **_columns(who, draft),
        password_hash=auth.hash_password(secret),
        created_at=now(),
    )
    session.add(person)
    flush()
    audit.note(who, "add", "person", person.id, person.scope_grid_id, username=person.username, role=person.role)
    return Made(person, None if password else secret)


def edit_person(who: Principal, person_id: uuid.UUID, version: int, draft: EditDraft) -> Person:
    """Edit a person that was seen in ``version``.

    Raises:
        Problem: ``not_found``, ``changed_meanwhile``, ``invalid`` by field, ``username_taken``; ``forbidden`` for the
            own role and scope, so that no desk locks itself out.
    """
    person = _editable(who, person_id, version)
    columns = _columns(who, draft)
    columns["phone"] = None if draft.drop_phone else columns["phone"] or person.phone
    before = {name: getattr(person, name) for name in FIELDS}
    if person.id == who.person_id and any(columns[name] != before[name] for name in ("role", "scope_grid_id")):
        raise Problem(
            "forbidden",
            why=("ask another administrator to change your own role", "请由其他管理员修改您本人的角色和范围"),
        )
    _refuse_leaving_posts(person, columns)
    for name, value in columns.items():
        setattr(person, name, value)
    changed = differences(before, columns)
    if changed:
        flush()
        audit.note(who, "edit", "person", person.id, person.scope_grid_id, changed=_without_phone(changed))
    return person


def retire_person(who: Principal, person_id: uuid.UUID, version: int) -> Person:
    """Retire a person: posts end now, posts to come are dropped, every sign-in dies.

    Raises:
        Problem: ``not_found``, ``changed_meanwhile``, ``forbidden`` for oneself.
    """
    person = _editable(who, person_id, version)
    if person.id == who.person_id:
        raise Problem("forbidden", why=("ask another administrator to retire you", "请由其他管理员停用您的账号"))
    person.retired_at = now()
    posts.end_all(who, person)
    devices.revoke_all(person)
    flush()
    audit.note(who, "retire", "person", person.id, person.scope_grid_id, username=person.username)
    return person


def set_password(who: Principal, person_id: uuid.UUID, password: SecretStr | None = None) -> Made:
    """Give a person a new password and end every sign-in.

    Raises:
        Problem: ``not_found``, ``invalid`` where the password is too weak.
    """
    person = person_in_scope(who, person_id, lock=True)
    _refuse_retired(person)
    if password:
        check_password(password.get_secret_value(), person.username)
    secret = password.get_secret_value() if password else made_up()
    person.password_hash = auth.hash_password(secret)
    devices.revoke_all(person)
    flush()
    audit.note(who, "set_password", "person", person.id, person.scope_grid_id)
    return Made(person, None if password else secret)


def reveal_phone(who: Principal, person_id: uuid.UUID, draft: RevealDraft) -> str:
    """The phone number in clear; who looked and why is on record before the number is given away.

    Raises:
        Problem: ``not_found``, also where no number is known.
    """
    person = person_in_scope(who, person_id)
    if person.phone is None:
        raise Problem("not_found")
    audit.note_now(who, "reveal", "person", person.id, person.scope_grid_id, field="phone", reason=draft.reason)
    return person.phone


def _checked(draft: PersonDraft, password: SecretStr | None) -> str:
    if password is None:
        return made_up()
    check_password(password.get_secret_value(), draft.username)
    return password.get_secret_value()


def _columns(who: Principal, draft: PersonDraft) -> dict[str, Any]:
    """Columns of a draft, its codes resolved within the scope of ``who``."""
    handles = draft.role == Role.HANDLER
    if handles and draft.unit is None:
        raise invalid(unit=("missing", "A handler belongs to a unit.", "责任单位经办人须选择所属单位。"))
    if not handles and draft.unit is not None:
        raise invalid(unit=("not_wanted", "Only handlers belong to a unit.", "只有责任单位经办人才有所属单位。"))
    return {
        **draft.model_dump(include={"username", "name", "phone", "language"}),
        "role": draft.role.value,
        "titles": list(draft.titles),
        "scope_grid_id": area_by_code(who, draft.scope, "scope").id,
        "unit_id": unit_by_code(who, draft.unit, "unit").id if draft.unit else None,
    }


def _editable(who: Principal, person_id: uuid.UUID, version: int) -> Person:
    person = person_in_scope(who, person_id, lock=True)
    refuse_stale("person", person.id, person.version, version)
    _refuse_retired(person)
    return person


def _refuse_retired(person: Person) -> None:
    if person.retired_at is not None:
        raise Problem("conflict", why=("the person is retired", "该人员已停用"))


def _refuse_leaving_posts(person: Person, columns: dict[str, Any]) -> None:
    """A worker or chief keeps role and scope while they hold or will hold posts that need them."""
    if columns["role"] != person.role and posts.has_posts(person):
        raise invalid(role=("has_posts", "End the person's posts first.", "请先结束该人员的岗位。"))
    if columns["scope_grid_id"] != person.scope_grid_id and not posts.all_within(person, columns["scope_grid_id"]):
        raise invalid(
            scope=(
                "has_posts",
                "The person holds a post outside it. End it first.",
                "该人员有岗位在此范围之外，请先结束该岗位。",
            )
        )


def _without_phone(changed: dict[str, Any]) -> dict[str, Any]:
    return {name: "…" if name == "phone" else pair for name, pair in changed.items()}
