"""Signing in and out, the start page and the choice of language."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from gridapp import doors
from gridapp.access import Principal
from gridapp.doors import COOKIE, LANGUAGES, permit, principal, public, settings
from gridapp.errors import Problem
from gridapp.services import auth
from gridapp.web.words import home_of

blueprint = Blueprint("session", __name__)

YEAR_SECONDS = 365 * 24 * 3600
DEVICE_LENGTH = 200


@blueprint.get("/")
@permit("session")
def start() -> AnyResponse:
    """Lead to the workplace of the role."""
    return redirect(home_of(principal()), 303)


@blueprint.get("/sign-in")
@public
def sign_in_page() -> str:
    """The sign-in form."""
    return render_template("session/sign_in.html", next=own_path(request.args.get("next")))


@blueprint.post("/sign-in")
@public
def sign_in() -> AnyResponse:
    """Sign this browser in; a refusal comes back in the form."""
    doors.refuse_cross_site()
    goal = own_path(request.form.get("next"))
    username, password = request.form.get("username", ""), request.form.get("password", "")
    device = request.user_agent.string[:DEVICE_LENGTH] or "browser"
    try:
        signed = auth.sign_in(settings(), username.replace("\0", ""), password, device=device, kind="browser")
    except Problem as problem:
        page = render_template("session/sign_in.html", next=goal, username=username, problem=problem)
        return Response(page, problem.status, problem.headers)
    person = signed.person
    answer = redirect(goal or home_of(Principal(person.id, person.role)), 303)
    answer.set_cookie(
        COOKIE,
        signed.secret,
        max_age=settings().token_days * 24 * 3600,
        httponly=True,
        secure=settings().secure_cookies,
        samesite="Lax",
    )
    return answer


@blueprint.post("/sign-out")
@permit("session")
def sign_out() -> AnyResponse:
    """End this sign-in here and on the server."""
    auth.sign_out(principal())
    answer = redirect(url_for("session.sign_in_page"), 303)
    answer.delete_cookie(COOKIE, httponly=True, secure=settings().secure_cookies, samesite="Lax")
    return answer


@blueprint.post("/language")
@public
def choose_language() -> AnyResponse:
    """Keep the chosen language in this browser and come back."""
    doors.refuse_cross_site()
    chosen = request.form.get("lang", "")
    if chosen not in LANGUAGES:
        raise Problem("bad_request", why="lang: zh_CN, en")
    answer = make_response(redirect(own_path(request.form.get("next")) or "/", 303))
    answer.set_cookie("lang", chosen, max_age=YEAR_SECONDS, secure=settings().secure_cookies, samesite="Lax")
    return answer


def own_path(goal: str | None) -> str:
    """``goal`` where it is a path of this site, else nothing: nobody is led elsewhere after signing in."""
    if not goal or not goal.startswith("/") or goal.startswith("//") or not goal.isprintable() or "\\" in goal:
        return ""
    parts = urlsplit(goal)
    return "" if parts.scheme or parts.netloc else goal
