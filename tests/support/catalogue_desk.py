"""The catalogue's pages at the admin desk: their form filled in, and what came of it."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gridapp.db import session
from gridapp.models import CatalogueEdition, FilingCondition
from gridapp.services.editions import catalogue

PAGE = {"Accept": "text/html"}


def form_of(desk: FlaskClient, code: str, **given: Any) -> dict[str, Any]:
    """The form of a category as the page has it, apart from what is given."""
    page = desk.get(f"/admin/catalogue/category?code={code}", headers=PAGE).text
    form = page[page.index('action="/admin/catalogue/category"') :]
    form = form[: form.index("</form>")]
    filled = {}
    for tag in re.findall(r"<input [^>]+>", form):
        name, value = re.search(r' name="([^"]+)"', tag), re.search(r' value="([^"]*)"', tag)
        assert name and value
        filled[name[1]] = value[1]
    for name, options in re.findall(r'<select id="[^"]+" name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        [filled[name]] = re.findall(r'value="([^"]+)" selected', options)
    return {**filled, **given}


def save(desk: FlaskClient, code: str, **given: Any) -> TestResponse:
    return desk.post("/admin/catalogue/category", data=form_of(desk, code, **given), headers=PAGE)


def read(phone: FlaskClient, address: str, **asked: Any) -> Any:
    return phone.get(f"/api/v1/{address}", query_string=asked).json


def in_force() -> CatalogueEdition:
    session.expire_all()
    return catalogue.current()


def limit_of(version: str, code: str) -> tuple[int, str]:
    row = session.get_one(FilingCondition, (version, code))
    return row.handle_amount, row.handle_unit
