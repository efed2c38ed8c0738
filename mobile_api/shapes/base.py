"""What every shape is made of, problems, and the description itself."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """A shape with all of its members named."""

    model_config = ConfigDict(extra="forbid")


class Names(Shape):
    """A name in both languages."""

    zh: str
    en: str


class FieldProblem(Shape):
    """What is wrong with one field; ``label`` is its name in words."""

    code: str
    detail: str
    label: str


class ProblemDocument(BaseModel):
    """RFC 9457; ``code`` never changes, ``detail`` is in the language asked for.

    Some problems say more: ``allowed`` (409), ``task`` as it is now (412, 409), ``sent`` (409).
    """

    model_config = ConfigDict(extra="allow")
    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: dict[str, FieldProblem] | None = None


class Description(BaseModel):
    """An OpenAPI 3.1 document."""

    model_config = ConfigDict(extra="allow")
    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]
