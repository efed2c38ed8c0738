"""The key that seals what lies on a person's phone: handed out with a token, gone for good when that phone is lost.

It is made of the instance's secret and a salt in the database, so neither alone opens anything. A sign-out or a token
that ended leaves it as it is: the next sign-in of the same person on the same phone opens what still waits on it. A
lost phone takes its salt with it: nobody gets this key again; the person's other phones keep theirs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import uuid

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert

from gridapp.config import Settings
from gridapp.db import flush, session
from gridapp.models import DataKey
from gridapp.timesource import now

SALT_BYTES = 32
PURPOSE = b"what lies on a phone\0"

_unlost = DataKey.destroyed_at.is_(None)


def key_of(settings: Settings, person_id: uuid.UUID, device_id: uuid.UUID | None) -> str:
    """The key of a person's phone: 32 bytes as base64 for addresses, without padding."""
    whose = {"person_id": person_id, "device_id": device_id}
    fresh = {"id": uuid.uuid4(), **whose, "salt": secrets.token_bytes(SALT_BYTES), "made_at": now()}
    columns = [DataKey.person_id, DataKey.device_id]
    session.execute(insert(DataKey).values(**fresh).on_conflict_do_nothing(index_elements=columns, index_where=_unlost))
    salt = session.scalar(select(DataKey.salt).where(_of(person_id, device_id), _unlost)) or b""
    secret = settings.secret_key.get_secret_value().encode()
    return base64.urlsafe_b64encode(hmac.digest(secret, PURPOSE + salt, hashlib.sha256)).decode().rstrip("=")


def destroy(person_id: uuid.UUID, device_id: uuid.UUID | None) -> None:
    """Nobody gets the present key of this phone again."""
    gone = {"salt": None, "destroyed_at": now()}
    session.execute(update(DataKey).where(_of(person_id, device_id), _unlost).values(**gone))
    flush()


def _of(person_id: uuid.UUID, device_id: uuid.UUID | None) -> ColumnElement[bool]:
    return (DataKey.person_id == person_id) & DataKey.device_id.is_not_distinct_from(device_id)
