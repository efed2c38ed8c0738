"""What both doors share: the guard, the principal, problems as answers, languages and security headers.

Closed by default: ``check_closed`` refuses to start with an endpoint that is neither permitted nor public.
"""

from __future__ import annotations

import logging
import secrets
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import orjson
from flask import Flask, Request, Response, current_app, g, render_template, request
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestedRangeNotSatisfiable, RequestEntityTooLarge
from werkzeug.routing import IntegerConverter, ValidationError

from gridapp.access import Principal, may
from gridapp.config import Settings
from gridapp.errors import KINDS, Problem
from gridapp.services import auth
from gridapp.services.reporting import phone_facts

log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "public"
COOKIE = "grid_session"
DEVICE_TIME = "X-Device-Time"
CLOCK_AHEAD = "X-Clock-Ahead"
WITHIN = "gridapp.within"
"""Set in the environment of a request that another one carries, as an item of a queue; no client can set it."""
COUNTED = "gridapp.counted"
"""Set likewise where a request has been counted against the rate limits already: the calls left in this minute."""
PACK = "pack"
"""Extension of an app whose server has data compressed here: body and what the client accepts to body and headers."""
LARGEST_ID = 2**63 - 1
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LANGUAGES = ("zh_CN", "en")
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "style-src-attr 'unsafe-inline'; img-src 'self' blob: data:; media-src 'self' blob:; worker-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "geolocation=(self), camera=(self), microphone=(self)"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("X-Grid-API", "1"),
)
"""On every answer. By the last one a phone knows this server from the gates and proxies that answer in its place."""
UNKEPT = ("Cache-Control", "no-store")


def permit(permission: str, *, rated: bool = True) -> Callable[[View], View]:
    """Guard a view by a permission of ``access.PERMISSIONS``; ``rated=False`` keeps it out of the rate limits."""

    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        view.rated = rated  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Open a view to everybody, on purpose and in words."""
    view.permission = PUBLIC  # type: ignore[attr-defined]
    return view


def principal() -> Principal:
    """Who is signed in, in a guarded view."""
    return cast("Principal", g.principal)


def settings() -> Settings:
    """Settings of the running app."""
    return cast("Settings", current_app.extensions["settings"])


def language() -> str:
    """``zh_CN`` or ``en``: the choice kept in the cookie, the person's own (pages), else what the client accepts."""
    chosen = request.cookies.get("lang")
    if not request.path.startswith("/api/"):
        who = g.get("principal")
        chosen = chosen or (who.language if who else None)
        if chosen in LANGUAGES:
            return cast("str", chosen)
    best = request.accept_languages.best_match(["zh-CN", "zh", "en"])
    if best is None:
        return settings().default_language
    return "en" if best == "en" else "zh_CN"


class _Number(IntegerConverter):
    """A number in an address: what no row can have is no such place."""

    def to_python(self, value: str) -> int:
        """The number.

        Raises:
            ValidationError: it is larger than any id.
        """
        number: int = super().to_python(value)
        if number > LARGEST_ID:
            raise ValidationError
        return number


class _NoSession(SessionInterface):
    """Flask's cookie of its own is not used: who is signed in stands in the database."""

    def open_session(self, app: Flask, request: Request) -> None:  # noqa: ARG002  # Flask calls it so
        """Open none."""
        return

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep none."""


def init_doors(app: Flask) -> None:
    """Join guard, error answers and headers to the app."""
    app.session_interface = _NoSession()
    app.url_map.converters["int"] = _Number
    app.before_request(_guard)
    app.register_error_handler(Problem, problem_response)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Exception, _broken)
    app.after_request(_headers)
    app.extensions["problem_response"] = problem_response


def check_closed(app: Flask) -> None:
    """Refuse to start with an endpoint that nobody has thought about.

    Raises:
        RuntimeError: naming the endpoints.
    """
    open_ends = [
        endpoint
        for endpoint, view in app.view_functions.items()
        if not hasattr(view, "permission") and endpoint.rsplit(".", 1)[-1] != "static"
    ]
    if open_ends:
        raise RuntimeError(f"endpoints without a permission: {', '.join(sorted(open_ends))}")


def _guard() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    permission = getattr(view, "permission", PUBLIC)
    if permission == PUBLIC:
        return
    secret, by_cookie = _secret()
    if secret is None:
        raise Problem("unauthenticated")
    if by_cookie:
        refuse_cross_site()
    counted = WITHIN in request.environ or COUNTED in request.environ
    rated = getattr(view, "rated", True) and request.path.startswith("/api/") and not counted
    who = auth.principal_of(settings(), secret, rated=rated)
    clock = phone_facts.clock_of(request.headers.get(DEVICE_TIME), request.headers.get(CLOCK_AHEAD), settings())
    left = request.environ.get(COUNTED, who.calls_left)
    g.principal = replace(who, skew_ms=clock.ahead_ms, clock_off=clock.off, calls_left=left)
    if not may(g.principal, permission):
        raise Problem("forbidden", why=("this needs another role", "需要其他角色"))


def _secret() -> tuple[str | None, bool]:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip(), False
    return request.cookies.get(COOKIE), True


def refuse_cross_site() -> None:
    """Refuse a cookie's unsafe request that another site caused (Fetch metadata, else Origin)."""
    if request.method in SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site in ("same-origin", "none"):
        return
    origin = request.headers.get("Origin")
    if site is None and (origin is None or urlsplit(origin).netloc == request.host):
        return
    raise Problem("cross_site")


def problem_response(problem: Problem) -> Response:
    """A problem as JSON (RFC 9457) for the API, as a page or a fragment for people."""
    words = language()
    if _wants_page():
        body: str | bytes = render_template("problem.html", problem=problem, detail=problem.detail(words), words=words)
        mime = "text/html; charset=utf-8"
    else:
        body = orjson.dumps(problem_document(problem, words))
        mime = "application/problem+json"
    return Response(body, problem.status, problem.headers, content_type=mime)


def problem_document(problem: Problem, words: str) -> dict[str, Any]:
    """The members of ``application/problem+json``."""
    return {
        "type": "about:blank",
        "title": problem.code,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail(words),
        **({"errors": problem.field_errors(words)} if problem.errors else {}),
        **problem.extra,
    }


def _wants_page() -> bool:
    if request.path.startswith("/api/"):
        return False
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def _http_problem(error: HTTPException) -> Response:
    """Flask's and Werkzeug's own refusals in our words."""
    status = error.code or 500
    if isinstance(error, RequestEntityTooLarge):
        return problem_response(Problem("too_large", limit=f"{settings().body_max_bytes // 1000} kB"))
    by_status = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 415: "wrong_type"}
    code = by_status.get(status)
    if status < 400:  # noqa: PLR2004  # a redirect is no problem
        return cast("Response", error.get_response())
    if code is None:
        code = next((c for c, kind in KINDS.items() if kind.status == status), "bad_request")
    why = error.description
    return problem_response(
        Problem(code, why=why, method=request.method, type=request.mimetype, known="", headers=_told_beside(error))
    )


def _told_beside(error: HTTPException) -> dict[str, str]:
    """What a refusal of Werkzeug's says in its headers."""
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        return {"Allow": ", ".join(sorted(error.valid_methods))}
    if isinstance(error, RequestedRangeNotSatisfiable):
        return {"Content-Range": f"{error.units} */{error.length}"}
    return {}


def _broken(error: Exception) -> Response:
    """A fault of ours: logged under a reference that the person can name."""
    ref = uuid.uuid4().hex[:8]
    log.error("fault %s at %s %s", ref, request.method, request.path, exc_info=error)
    if current_app.testing:
        raise error
    return problem_response(Problem("internal", ref=ref))


def nonce() -> str:
    """The nonce of this answer's inline scripts."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return cast("str", g.nonce)


def _headers(response: Response) -> Response:
    """Security headers on every answer (OWASP ASVS 5.0, 3.4); data may load nothing, pages what is ours."""
    present = {name.lower() for name, _ in response.headers}
    policy = DATA_POLICY if (response.mimetype or "").endswith("json") else PAGE_POLICY.format(nonce=nonce())
    wanted = _security(settings(), policy)
    if request.endpoint and not request.endpoint.endswith("static"):
        wanted.append(UNKEPT)
    if "principal" in g:
        wanted += auth.room_headers(settings(), principal())
    response.headers.extend([(name, value) for name, value in wanted if name.lower() not in present])
    return response


def data_headers(settings: Settings) -> list[tuple[str, str]]:
    """The headers of an answer of data that nobody keeps."""
    return [*_security(settings, DATA_POLICY), UNKEPT]


def _security(settings: Settings, policy: str) -> list[tuple[str, str]]:
    strict = [("Strict-Transport-Security", "max-age=31536000; includeSubDomains")] if settings.secure_cookies else []
    return [("Content-Security-Policy", policy), *ALWAYS, *strict]
