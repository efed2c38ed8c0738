"""The description of the API and the API say the same."""

from __future__ import annotations

import re

import jsonschema_rs
import pytest

from gridapp.access import PERMISSIONS
from mobile_api import CALLS
from mobile_api.openapi import document, path_of

CONTRACT = {
    ("POST", "/auth/token"),
    ("DELETE", "/auth/token"),
    ("GET", "/me"),
    ("GET", "/catalogue"),
    ("GET", "/locate"),
    ("GET", "/grids/mine"),
    ("GET", "/basemap/mine"),
    ("PUT", "/reports/{report_id}"),
    ("GET", "/reports/similar"),
    ("HEAD", "/photos/{sha256}"),
    ("PATCH", "/photos/{sha256}"),
    ("PUT", "/photos/{sha256}"),
    ("GET", "/photos/{sha256}"),
    ("GET", "/tasks"),
    ("GET", "/tasks/{task_id}"),
    ("POST", "/tasks/{task_id}/actions"),
    ("GET", "/tasks/{task_id}/advice"),
    ("GET", "/tasks/{task_id}/callees"),
    ("POST", "/tasks/{task_id}/callees/{person_id}/number"),
    ("POST", "/sync"),
    ("GET", "/changes"),
    ("POST", "/duty"),
    ("POST", "/positions"),
    ("GET", "/positions/mine"),
    ("POST", "/sos"),
    ("POST", "/sos/{alarm_id}/acknowledge"),
    ("GET", "/day"),
    ("GET", "/stops"),
    ("POST", "/stops/{stop_id}/done"),
    ("POST", "/hand-overs/{post_id}/confirm"),
    ("GET", "/positions/mine/readers"),
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
}


def described(description):
    return {(method.upper(), path) for path, methods in description["paths"].items() for method in methods}


def test_every_call_of_the_contract_is_described(client):
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json["openapi"] == "3.1.0"
    assert described(answer.json) == CONTRACT


def test_every_route_is_in_the_table_and_the_other_way_round(app):
    routed = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("mobile_api."):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1"))
            by_itself = {"HEAD", "OPTIONS"} if "GET" in rule.methods else {"OPTIONS"}
            routed |= {(method, path) for method in rule.methods - by_itself}
    assert routed == {(one.method, path_of(one)) for one in CALLS}


def test_every_schema_is_one():
    for name, schema in document()["components"]["schemas"].items():
        whole = {**schema, "components": document()["components"]}
        assert jsonschema_rs.meta.is_valid(whole), name


@pytest.mark.parametrize("one", CALLS, ids=lambda one: one.name)
def test_every_call_says_what_it_does_and_who_may(one):
    assert one.words.endswith(".")
    assert one.permission == "public" or one.permission in PERMISSIONS


def test_the_description_is_read_once(client):
    first = client.get("/api/v1/openapi.json")
    again = client.get("/api/v1/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_the_page_to_try_it_loads_from_our_own_server_only(client):
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page.text)
    for asset in re.findall(r"""(?:src|href)=["'](/[^"']+)""", page.text):
        assert client.get(asset, buffered=True).status_code == 200, asset
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"].split("style-src-attr")[0]
