"""The key that seals what lies on a person's phone: handed out with a token, gone for good when a phone is lost.

It is made of the instance's secret and a salt in the database, so neither alone opens anything. A sign-out or a token
that ended leaves it as it is: the next sign-in of the same person opens what still waits on the phone. A lost phone
takes the salt with it: nobody gets this key again, and the person's next sign-in brings a new one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import uuid

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from gridapp.config import Settings
from gridapp.db import flush, session
from gridapp.models import DataKey
from gridapp.timesource import now

SALT_BYTES = 32
PURPOSE = b"what lies on a phone\0"

_alive = DataKey.destroyed_at.is_(None)


def key_of(settings: Settings, person_id: uuid.UUID) -> str:
    """The person's key: 32 bytes as base64 for addresses, without padding."""
    fresh = {"id": uuid.uuid4(), "person_id": person_id, "salt": secrets.token_bytes(SALT_BYTES), "made_at": now()}
    session.execute(
        insert(DataKey)
        .values(**fresh)
        .on_conflict_do_nothing(index_elements=[DataKey.person_id], index_where=DataKey.destroyed_at.is_(None))
    )
    salt = session.scalar(select(DataKey.salt).where(DataKey.person_id == person_id, _alive)) or b""
    secret = settings.secret_key.get_secret_value().encode()
    return base64.urlsafe_b64encode(hmac.digest(secret, PURPOSE + salt, hashlib.sha256)).decode().rstrip("=")


def destroy(person_id: uuid.UUID) -> None:
    """Nobody gets the present key again."""
    session.execute(update(DataKey).where(DataKey.person_id == person_id, _alive).values(salt=None, destroyed_at=now()))
    flush()
