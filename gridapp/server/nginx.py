"""The configuration of the nginx before the application servers: routing by path, limits, gzip, static files."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from jinja2 import StrictUndefined, Template

from gridapp.config import Settings
from gridapp.errors import Problem

STATIC = Path(__file__).parents[1] / "static"
TEMPLATE = Path(__file__).with_name("nginx.conf.j2")
MOST_CONNECTIONS = 20_000
# What waits for news: kept away from the threads that answer at once.
STREAMS = ("location = /live", "location /live/")
WAITING = ("location = /api/v1/changes",)
COMPRESSED = "application/manifest+json image/svg+xml text/css text/javascript text/plain"  # data: compression.py
UNREADABLE = ("address or headers are too long, or not as HTTP has them", "地址或请求头过长，或不符合 HTTP 规范")
TYPES = {
    "text/html": "html",
    "text/css": "css",
    "text/javascript": "js mjs",
    "text/plain": "txt",
    "application/json": "json map",
    "application/manifest+json": "webmanifest",
    "image/svg+xml": "svg",
    "image/png": "png",
    "image/jpeg": "jpg jpeg",
    "image/webp": "webp",
    "image/x-icon": "ico",
    "font/woff2": "woff2",
}


def find_nginx() -> str | None:
    """Debian's nginx, which is not on everybody's path."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def configuration(settings: Settings, run: Path, *, user: str | None, files: int) -> str:
    """The whole `nginx.conf`; sockets and temporary files are in the folder `run`.

    Started by root, the workers run as `user`, who must reach `run` and the static files; each opens at most `files`.
    """
    values = {
        "user": f"user {user};" if user else "",
        "pid": _path(run / "nginx.pid"),
        "level": _level(settings),
        "workers": min(settings.workers, 4),
        "files": files,
        "connections": min(files, MOST_CONNECTIONS),
        "largest_body": largest_body(settings),
        "temporary": _temporary(run),
        "types": " ".join(f"{kind} {endings};" for kind, endings in TYPES.items()),
        "compressed": COMPRESSED,
        "too_large": _sentences(Problem("too_large", limit=_limit(settings))),
        "busy": _sentences(Problem("busy", seconds=2)),
        "bad_request": _sentences(Problem("bad_request", why=UNREADABLE)),
        "web": _path(run / "web.sock", scheme="unix:"),
        "live": _path(run / "live.sock", scheme="unix:"),
        "scheme": "https" if settings.public_url.startswith("https") else "$scheme",
        "listen": _listen(settings),
        "static": _path(STATIC, "/"),
        "streams": _waiting(STREAMS, "proxy_buffering off; gzip off; proxy_read_timeout 1h; send_timeout 1h;"),
        "waiting": _waiting(WAITING, ""),
    }
    written: str = Template(TEMPLATE.read_text(), undefined=StrictUndefined, keep_trailing_newline=True).render(values)
    return written


def largest_body(settings: Settings) -> int:
    """Bytes of the largest body that is let through to the application."""
    return settings.photo_max_bytes + settings.body_max_bytes


def _waiting(places: Iterable[str], more: str) -> str:
    return "\n".join(f"        {place} {{ proxy_pass http://live; {more} }}" for place in places)


def _temporary(run: Path) -> str:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return " ".join(f"{kind}_temp_path {_path(run / kind)};" for kind in kinds)


def _sentences(problem: Problem) -> str:
    """The problem as nginx itself answers it, when the app cannot: a document for each language."""
    shared = {"type": "about:blank", "title": problem.code, "status": problem.status, "code": problem.code}
    documents = {words: {**shared, "detail": problem.detail(words)} for words in ("en", "zh")}
    quoted = {words: f"'{json.dumps(document, ensure_ascii=False)}'" for words, document in documents.items()}
    return f"default {quoted['zh']}; ~*^en {quoted['en']};"


def _limit(settings: Settings) -> str:
    return f"{settings.photo_max_bytes // 1_000_000} MB"


def _level(settings: Settings) -> str:
    return {"debug": "info", "info": "error", "warning": "error", "error": "error"}[settings.log_level]


def _listen(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{host}:{settings.port}"


def _path(path: Path, end: str = "", scheme: str = "") -> str:
    """Quoted, for an instance may lie in a folder with blanks; nginx reads `$` as a variable even so."""
    return '"' + scheme + str(path).replace("\\", "\\\\").replace('"', '\\"') + end + '"'
