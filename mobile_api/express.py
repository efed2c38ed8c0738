"""Before Flask: the plain case of the two calls that phones send most, by the same services without its machinery.

What is not plain in the least goes on to Flask as it came, and so does whatever a service refuses: how a call is
refused is known there alone. ``tests/api/test_express.py`` holds both ways against each other.
"""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson
from flask import Flask
from pydantic import ValidationError

from gridapp.access import Principal
from gridapp.config import Settings
from gridapp.doors import COUNTED, PACK, WITHIN, data_headers
from gridapp.errors import Problem
from gridapp.services import auth
from gridapp.services.reporting import express
from gridapp.services.reporting.express import Caller, LongWay
from gridapp.services.reporting.report_rules import Location, Report, wgs84
from mobile_api.areas import LocateQuery, located_document

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOCATE = "/api/v1/locate"
REPORT = re.compile(r"/api/v1/reports/([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")
UNUSUAL = ("HTTP_CONTENT_ENCODING", "HTTP_TRANSFER_ENCODING", "SCRIPT_NAME")
"""What makes a request take the long way by being there."""


class Express:
    """A WSGI application that answers what is plain, and hands on the rest.

    Args:
        app: whose services and settings are used.
        long_way: who answers the rest: Flask, and what stands before it.
    """

    def __init__(self, app: Flask, long_way: WSGIApplication) -> None:
        self._app = app
        self.long_way = long_way
        self._settings: Settings = app.extensions["settings"]
        self._headers = data_headers(self._settings)
        self._service = express.Express()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        caller = self._caller(environ)
        if caller is None:
            return self.long_way(environ, start_response)
        try:
            found = self._answered(environ, caller)
        except LongWay as fork:
            if fork.calls_left is not None:
                environ[COUNTED] = fork.calls_left
            found = None
        except (Problem, ValidationError):
            found = None
        if found is None:
            return self.long_way(environ, start_response)
        status, own, document = found
        body = orjson.dumps(document)
        headers = [("Content-Type", "application/json"), *own, *self._headers]
        if (pack := self._app.extensions.get(PACK)) is not None:
            body, said = pack(body, environ.get("HTTP_ACCEPT_ENCODING", ""))
            headers += said
        start_response(status, [*headers, ("Content-Length", str(len(body)))])
        return [body]

    def _caller(self, environ: WSGIEnvironment) -> Caller | None:
        """Who calls by a token; None where the request is not of the two calls, or is unusual."""
        path = environ["PATH_INFO"]
        if not path.startswith("/api/v1/") or any(environ.get(name) for name in UNUSUAL):
            return None
        scheme, _, secret = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            return None
        rated = WITHIN not in environ
        clock = (environ.get("HTTP_X_DEVICE_TIME"), environ.get("HTTP_X_CLOCK_AHEAD"))
        return Caller(self._settings, secret.strip(), rated, *clock)

    def _answered(self, environ: WSGIEnvironment, caller: Caller) -> tuple[str, list[tuple[str, str]], Any] | None:
        """Status, headers and document; None where it is no plain case of either call."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if method == "GET" and path == LOCATE and environ.get("CONTENT_LENGTH", "") in ("", "0"):
            who, document = self._locate(environ, caller)
            return "200 OK", auth.room_headers(self._settings, who), document
        if method == "PUT" and (one := REPORT.fullmatch(path)):
            report = self._report(environ)
            with self._app.app_context():
                who, task = self._service.file_report(caller, uuid.UUID(one[1]), report)
            return "201 CREATED", [("ETag", f'"{task["version"]}"'), *auth.room_headers(self._settings, who)], task
        return None

    def _locate(self, environ: WSGIEnvironment, caller: Caller) -> tuple[Principal, dict[str, Any]]:
        pairs = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        said = dict(pairs)
        if len(said) < len(pairs):
            raise LongWay
        query = LocateQuery.model_validate(said)
        if query.at is not None:
            raise LongWay
        lon, lat = wgs84(Location(lon=query.lon, lat=query.lat, crs=query.crs, accuracy=None))
        with self._app.app_context():
            who, located = self._service.locate_point(caller, lon, lat, query.accuracy)
            return who, located_document(located)

    def _report(self, environ: WSGIEnvironment) -> Report:
        length = environ.get("CONTENT_LENGTH", "")
        kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if kind != "application/json" or not length.isdecimal() or int(length) > self._settings.body_max_bytes:
            raise LongWay
        raw = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = io.BytesIO(raw)
        return Report.model_validate_json(raw, strict=True)
