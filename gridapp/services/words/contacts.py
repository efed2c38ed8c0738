"""How a person wants to be told besides the screens: an address, which letters, and hours of quiet."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints, model_validator

from gridapp.access import Principal
from gridapp.db import flush, session
from gridapp.models import Contact, Person
from gridapp.services import audit
from gridapp.services.drafts import Draft, refuse
from gridapp.services.words import confirming

WANTED = ("all", "urgent", "none")
_ADDRESS = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"


def _no_dots_apart(value: str) -> str:
    local = value.partition("@")[0]
    if ".." in local or local.startswith(".") or local.endswith("."):
        raise refuse("address", "Not an e-mail address.", "不是有效的邮箱地址。")
    return value


Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254, pattern=_ADDRESS),
    AfterValidator(_no_dots_apart),
]


class ContactDraft(Draft):
    """What a person chooses; quiet hours are both or neither, neither means those of the settings."""

    email: Email | None = None
    letters: Literal["all", "urgent", "none"] = "all"
    quiet_from: dt.time | None = None
    quiet_until: dt.time | None = None

    @model_validator(mode="after")
    def _both_or_neither(self) -> ContactDraft:
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise refuse("both", "Give both quiet hours or neither.", "安静时段请同时填写开始和结束，或都不填。")
        return self


def of_person(person_id: uuid.UUID) -> Contact | None:
    """How a person is told, for the desk; the caller has seen that the person is in scope."""
    return session.get(Contact, person_id)


def ask_again(who: Principal) -> None:
    """Have the letter that asks for confirmation sent once more, not before a while; a confirmed address needs none."""
    contact = session.get(Contact, who.person_id)
    if contact is not None and contact.email is not None and contact.confirmed_at is None:
        confirming.begin(contact)
        flush()


def own(who: Principal) -> Contact:
    """The person's choices, or those that hold while there are none."""
    found = session.get(Contact, who.person_id)
    return found or Contact(person_id=who.person_id, email=None, letters="all", quiet_from=None, quiet_until=None)


def choose(who: Principal, draft: ContactDraft) -> Contact:
    """Keep the person's choices; the audit list notes that the address changed, not which one it is.

    Another address is not confirmed: a letter asks it first, and it gets no other until it has answered.
    """
    contact = session.get(Contact, who.person_id) or Contact(person_id=who.person_id)
    moved = contact.email != draft.email
    for name, value in draft.model_dump().items():
        setattr(contact, name, value)
    session.add(contact)
    if moved:
        confirming.begin(contact)
    flush()
    if moved:
        scope = session.get_one(Person, who.person_id).scope_grid_id
        audit.note(who, "edit", "person", who.person_id, scope, field="email")
    return contact
