"""The description of the API, made from the table of calls: OpenAPI 3.1 with every answer, and a page to try it."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import Any, cast

import orjson
from flask import Response, render_template
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

import gridapp
from gridapp.errors import KINDS
from mobile_api.answers import conditional
from mobile_api.calls import CALLS, JSON, PUBLIC, UNCHANGED, Answer, Call, call
from mobile_api.shapes.base import Description, ProblemDocument

PROBLEM = "application/problem+json"
REF = "#/components/schemas/{model}"
SIGNED = ("unauthenticated", "locked_out", "forbidden", "cross_site", "too_many")
BODY = ("not_json", "too_large", "wrong_type", "invalid")
WAITING = frozenset({429, 503})
TAGS = {"auth": "Signing in", "me": "Signing in", "reports": "Reports", "photos": "Photos", "tasks": "Tasks"}
OTHERS = "Areas, duty and feed"
ABOUT = """Times are RFC 3339 with offset and answered in UTC. Ids are UUIDs, made by the client where it creates, so
that sending again is harmless. Bodies may be gzip. Every problem is RFC 9457 with a `code` that never changes and a
`detail` in the language of `Accept-Language` (zh-CN, en)."""


@call("GET", "/openapi.json", permission=PUBLIC, answers={200: Answer("OpenAPI 3.1", Description), 304: UNCHANGED})
def openapi() -> Response:
    """Describe this API."""
    response = conditional(_text())
    response.headers["Cache-Control"] = "no-cache"
    return response


@call("GET", "/docs", permission=PUBLIC, answers={200: Answer("A page", media="text/html")})
def docs() -> Response:
    """Show a page to read and try this API."""
    return Response(render_template("api/docs.html"), content_type="text/html; charset=utf-8")


@cache
def _text() -> bytes:
    return orjson.dumps(document())


def document() -> dict[str, Any]:
    """The whole description."""
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for one in CALLS:
        paths[path_of(one)][one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Grid management: mobile API",
            "version": gridapp.__version__,
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api/v1"}],
        "tags": [{"name": name} for name in dict.fromkeys([*TAGS.values(), OTHERS])],
        "security": [{"token": []}],
        "paths": dict(paths),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas()[1],
        },
    }


def path_of(one: Call) -> str:
    """The path as OpenAPI spells it."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", one.rule)


def _operation(one: Call) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.words,
        "tags": [TAGS.get(one.rule.split("/")[1], OTHERS)],
        "parameters": [*_path_parameters(one), *_query_parameters(one), *_header_parameters(one)],
        "responses": {**_answers(one), **_problems(one)},
    }
    if one.permission == PUBLIC:
        operation["security"] = []
    if one.body is not None:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": _ref(one.body)}}}
    elif one.media:
        operation["requestBody"] = {"required": True, "content": {media: {} for media in one.media}}
    return operation


def _path_parameters(one: Call) -> list[dict[str, Any]]:
    found = re.findall(r"<(?:(\w+):)?(\w+)>", one.rule)
    shapes = {"uuid": {"type": "string", "format": "uuid"}, "": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}
    return [{"name": name, "in": "path", "required": True, "schema": shapes[kind]} for kind, name in found]


def _query_parameters(one: Call) -> list[dict[str, Any]]:
    if one.query is None:
        return []
    schema = one.query.model_json_schema()
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _without_null(shape)}
        for name, shape in schema["properties"].items()
    ]


def _without_null(shape: dict[str, Any]) -> dict[str, Any]:
    """A parameter is left out rather than null."""
    kinds = [kind for kind in shape.get("anyOf", []) if kind != {"type": "null"}]
    if not kinds:
        return {name: value for name, value in shape.items() if name != "title"}
    return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}


def _header_parameters(one: Call) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "header", "required": False, "description": words, "schema": {"type": "string"}}
        for name, words in one.reads_headers.items()
    ]


def _answers(one: Call) -> dict[str, Any]:
    return {str(status): _answer(answer) for status, answer in one.answers.items()}


def _answer(answer: Answer) -> dict[str, Any]:
    shown: dict[str, Any] = {"description": answer.words}
    if answer.headers:
        shown["headers"] = {name: {"schema": {"type": "string"}} for name in answer.headers}
    if answer.model is not None:
        shown["content"] = {answer.media: {"schema": _ref(answer.model)}}
    elif answer.media != JSON:
        shown["content"] = {answer.media: {}}
    return shown


def problems_of(one: Call) -> list[str]:
    """Codes of every problem that a call can answer."""
    codes = ["bad_request", *one.problems]
    if one.permission != PUBLIC:
        codes += [*SIGNED, "busy"]
    if one.body is not None:
        codes += BODY
    if one.query is not None:
        codes.append("invalid")
    if "<" in one.rule:
        codes.append("not_found")
    return list(dict.fromkeys(codes))


def _problems(one: Call) -> dict[str, Any]:
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in problems_of(one):
        by_status[KINDS[code].status].append(code)
    return {str(status): _problem(status, codes) for status, codes in sorted(by_status.items())}


def _problem(status: int, codes: list[str]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "description": "; ".join(f"`{code}`: {KINDS[code].en}" for code in codes),
        "content": {PROBLEM: {"schema": _ref(ProblemDocument)}},
    }
    if status in WAITING:
        told["headers"] = {"Retry-After": {"schema": {"type": "string", "pattern": "^[0-9]+$"}}}
    return told


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return _schemas()[0][model]


@cache
def _schemas() -> tuple[dict[type[BaseModel], dict[str, str]], dict[str, Any]]:
    """References to the models of bodies and answers, and the schemas that they point at."""
    read = {one.body for one in CALLS if one.body is not None}
    told = {answer.model for one in CALLS for answer in one.answers.values() if answer.model is not None}
    wanted: list[tuple[type[BaseModel], Any]] = [(model, "validation") for model in sorted(read, key=repr)]
    wanted += [(model, "serialization") for model in sorted(told | {ProblemDocument}, key=repr)]
    references, definitions = models_json_schema(wanted, ref_template=REF)
    refs = {cast("type[BaseModel]", model): {"$ref": ref["$ref"]} for (model, _), ref in references.items()}
    return refs, definitions["$defs"]
