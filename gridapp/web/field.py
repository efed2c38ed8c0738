"""The phone page: one shell without anybody's data, its manifest and its service worker; all else is the mobile API.

The shell is the same for everybody and public, so that a phone can keep it and open it without a network; who is
signed in, and what they may see, the page asks the API.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from flask import Blueprint, Response, current_app, render_template, url_for
from flask_babel import gettext as _

from gridapp import doors
from gridapp.access import ROLES, Principal
from gridapp.doors import public
from gridapp.web import words
from gridapp.web.foresee import foresight
from gridapp.workflow import RULES, STAGES

blueprint = Blueprint("field", __name__, url_prefix="/field")

SCOPE = "/field"
PAGE = "field/index.html"
AT_WORK_HERE = ("worker", "chief", "handler")
PARTS = (
    "app.css",
    "app.js",
    "icons/icon.svg",
    "icons/icon-192.png",
    "icons/sprite.svg",
)
"""What the shell takes from the shared rooms, besides everything of its own room."""
OWN_ROOM = "field"
WORKER = "field/worker.js"


@blueprint.get("")
@public
def page() -> str:
    """The shell of the phone page."""
    return render_template(PAGE, version=version(), modules=modules(), names=_names(), setup=_setup())


@blueprint.get("/manifest.webmanifest")
@public
def manifest() -> Response:
    """What a phone needs to know to install the page."""
    sizes = (("icon-192.png", "192x192", "any"), ("icon-512.png", "512x512", "any"))
    icons = (*sizes, ("icon-maskable-512.png", "512x512", "maskable"))
    document = {
        "id": SCOPE,
        "name": _("Grid worker's phone"),
        "short_name": _("My grid"),
        "lang": "en" if doors.language() == "en" else "zh-CN",
        "start_url": SCOPE,
        "scope": SCOPE,
        "display": "standalone",
        "orientation": "portrait",
        "theme_color": "#14385f",
        "background_color": "#f3f5f8",
        "icons": [
            {"src": _static(f"icons/{file}"), "sizes": size, "type": "image/png", "purpose": purpose}
            for file, size, purpose in icons
        ],
    }
    return Response(orjson.dumps(document), content_type="application/manifest+json")


@blueprint.get("/sw.js")
@public
def service_worker() -> Response:
    """The service worker; its text changes with every part of the shell, so that phones fetch the new one."""
    shell = {"version": version(), "page": SCOPE, "parts": [_static(part) for part in parts()]}
    begin = orjson.dumps(_static(WORKER)).decode()
    text = f"import {{ begin }} from {begin};\nbegin({orjson.dumps(shell).decode()});\n"
    answer = Response(text, content_type="text/javascript; charset=utf-8")
    answer.headers["Service-Worker-Allowed"] = SCOPE
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@cache
def parts() -> tuple[str, ...]:
    """Every static file of the shell, by its path in the static folder."""
    own = sorted(
        file.relative_to(_folder()).as_posix()
        for file in (_folder() / OWN_ROOM).rglob("*")
        if file.suffix in (".js", ".css")
    )
    return (*PARTS, *(part for part in own if part != WORKER))


def modules() -> tuple[str, ...]:
    """The modules of the page, to be fetched side by side instead of one after the other as they name each other."""
    return tuple(part for part in parts() if part.endswith(".js"))


@cache
def version() -> str:
    """A digest of the shell: another one means that phones have to fetch it anew."""
    digest = hashlib.blake2b(digest_size=8)
    for part in (*parts(), WORKER):
        digest.update((_folder() / part).read_bytes())
    loader = current_app.jinja_env.loader
    if loader is not None:
        digest.update(loader.get_source(current_app.jinja_env, PAGE)[0].encode())
    return digest.hexdigest()


def _folder() -> Path:
    return Path(str(current_app.static_folder))


def _static(path: str) -> str:
    return url_for("static", filename=path)


def _names() -> dict[str, Any]:
    """The terms of the domain in the reader's language, by their codes."""
    return {
        "stages": {stage: words.stage_name(stage) for stage in STAGES},
        "actions": {rule.action: words.action_name(rule.action) for rule in RULES},
        "roles": {role: words.role_name(role) for role in (*ROLES, "system", "resident")},
    }


def _setup() -> dict[str, Any]:
    """What the page needs to know before it asks: time zone, and where those work who do not work here."""
    labels = {path: label for path, label, _right in words.WORKPLACES}
    homes = {role: words.home_of(Principal(None, role)) for role in ROLES if role not in AT_WORK_HERE}
    return {
        "timezone": str(doors.settings().timezone),
        "skew_seconds": doors.settings().clock_skew_seconds,
        "foresee": foresight(),
        "elsewhere": {role: {"path": path, "name": str(labels[path])} for role, path in homes.items()},
    }
