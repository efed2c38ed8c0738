"""Signing a device in and out, and who I am."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

from flask import Response
from pydantic import ConfigDict, StringConstraints

from gridapp.doors import principal, settings
from gridapp.errors import invalid
from gridapp.services import auth, phones
from gridapp.services.moments import stamp
from gridapp.services.reporting.report_rules import Strict
from gridapp.services.staff import profile
from mobile_api.answers import answer
from mobile_api.calls import PUBLIC, Answer, call
from mobile_api.schemas import NO_NULL, Line
from mobile_api.shapes.people import Me, SignedIn


class Credentials(Strict):
    """Name and password, or a code shown at the desk, with a word for the device that the desk shows in its list.

    ``device_id`` is made by the phone, once: with it the phone has a key of its own.
    """

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["username", "password"]}, {"required": ["code"]}]}
    )
    username: Line | None = None
    password: Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=NO_NULL)] | None = None
    code: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NULL)] | None = None
    device: Line
    device_id: uuid.UUID | None = None


@call(
    "POST",
    "/auth/token",
    permission=PUBLIC,
    body=Credentials,
    answers={200: Answer("Signed in", SignedIn)},
    problems=("wrong_credentials", "wrong_code", "locked", "busy"),
)
def sign_in(body: Credentials) -> Response:
    """Sign this device in, by name and password or by a code; the token lives 30 days after its last use.

    ``key`` seals what lies on the phone: the same for each sign-in of the person on it until this phone is lost.
    """
    signed = _signed_in(body)
    expires = signed.token.last_used_at + dt.timedelta(days=settings().token_days)
    key = phones.key_of(settings(), signed.person.id, body.device_id)
    me = profile.profile(signed.person.id)
    return answer({"token": signed.secret, "expires_at": stamp(expires), "me": me, "key": key})


def _signed_in(body: Credentials) -> auth.SignedIn:
    """By the one way that was chosen."""
    if body.code is not None:
        if body.username is not None or body.password is not None:
            raise invalid(code=("one_way", "Send a code, or name and password.", "登录码与用户名密码只能选一种。"))
        return phones.redeem(body.code, device=body.device, device_id=body.device_id)
    if body.username is None or body.password is None:
        missing = [name for name in ("username", "password") if getattr(body, name) is None]
        raise invalid(**dict.fromkeys(missing, ("missing", "This is needed.", "此项必填。")))
    return auth.sign_in(settings(), body.username, body.password, device=body.device, device_id=body.device_id)


@call("DELETE", "/auth/token", permission="session", answers={204: Answer("Signed out")})
def sign_out() -> Response:
    """Sign this device out."""
    auth.sign_out(principal())
    return Response(status=204)


@call("GET", "/me", permission="session", answers={200: Answer("Who I am", Me)})
def me() -> Response:
    """Tell who I am: role, posts, scope, grids and duty."""
    return answer(profile.profile(principal().person_id))
