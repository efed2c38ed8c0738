"""Signatures in the manner of Standard Webhooks: HMAC-SHA256 over id, time and body, by a secret of the receiver."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets

PREFIX = "whsec_"
BYTES = 32


def new_secret() -> str:
    """A secret as the receiver's program takes it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def headers(message_id: str, at: dt.datetime, body: bytes, keys: tuple[str, ...]) -> dict[str, str]:
    """The three headers of a message; with several keys it bears a signature of each.

    Args:
        message_id: the same at every try.
        at: when it is sent, so that a receiver can refuse what was recorded and sent again by a stranger.
        body: the bytes sent.
        keys: secrets of the receiver, the present one first.
    """
    seconds = str(int(at.timestamp()))
    signed = f"{message_id}.{seconds}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{_signature(signed, key)}" for key in keys),
    }


def _signature(signed: bytes, key: str) -> str:
    secret = base64.b64decode(key.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
