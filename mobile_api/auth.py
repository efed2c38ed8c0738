"""Signing a device in and out, and who I am."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from flask import Response
from pydantic import StringConstraints

from gridapp.doors import principal, settings
from gridapp.services import auth, profile
from gridapp.services.moments import stamp
from gridapp.services.report_rules import Strict
from mobile_api.answers import answer
from mobile_api.calls import PUBLIC, Answer, call
from mobile_api.schemas import NO_NULL, Line
from mobile_api.shapes.people import Me, SignedIn


class Credentials(Strict):
    """Name and password, with a word for the device that the desk shows in its list."""

    username: Line
    password: Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=NO_NULL)]
    device: Line


@call(
    "POST",
    "/auth/token",
    permission=PUBLIC,
    body=Credentials,
    answers={200: Answer("Signed in", SignedIn)},
    problems=("wrong_credentials", "locked", "busy"),
)
def sign_in(body: Credentials) -> Response:
    """Sign this device in; the token lives 30 days after its last use."""
    signed = auth.sign_in(settings(), body.username, body.password, device=body.device)
    expires = signed.token.last_used_at + dt.timedelta(days=settings().token_days)
    return answer({"token": signed.secret, "expires_at": stamp(expires), "me": profile.profile(signed.person.id)})


@call("DELETE", "/auth/token", permission="session", answers={204: Answer("Signed out")})
def sign_out() -> Response:
    """Sign this device out."""
    auth.sign_out(principal())
    return Response(status=204)


@call("GET", "/me", permission="session", answers={200: Answer("Who I am", Me)})
def me() -> Response:
    """Tell who I am: role, posts, scope, grids and duty."""
    return answer(profile.profile(principal().person_id))
