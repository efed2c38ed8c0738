"""Who somebody is, and what signing in answers."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Literal

from mobile_api.shapes.areas import Area
from mobile_api.shapes.base import Names, Shape


class PostHeld(Shape):
    """A post of the person."""

    id: uuid.UUID
    kind: Literal["worker", "chief"]
    deputy: bool
    grid: Area
    since: dt.datetime | None
    until: dt.datetime | None


class UnitNamed(Shape):
    """A responsible unit."""

    id: uuid.UUID
    code: str
    name: str
    name_en: str | None


class DutyState(Shape):
    """Whether on duty."""

    on: bool
    since: dt.datetime | None


class Me(Shape):
    """The signed-in person."""

    id: uuid.UUID
    username: str
    name: str
    role: str
    role_name: Names
    language: Literal["zh_CN", "en"]
    titles: list[str]
    unit: UnitNamed | None
    posts: list[PostHeld]
    scope: Area
    chain: list[Area]
    duty: DutyState


class SignedIn(Shape):
    """A token, shown once, and the key that seals what lies on the phone: 32 bytes, base64 for addresses."""

    token: str
    expires_at: dt.datetime
    me: Me
    key: str
