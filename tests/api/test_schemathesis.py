"""What a machine makes of the description: no call breaks, none answers what its description does not say.

Schemathesis makes requests that the description allows and requests that it forbids, from a fixed seed. Its own pytest
plugin does not know this pytest yet, so its strategies are driven here.
"""

from __future__ import annotations

import uuid

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings, strategies
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gridapp.timesource import now
from gridapp.workflow import BY_ACTION
from mobile_api import CALLS
from mobile_api.openapi import path_of
from tests.support.catalogue import LITTER

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
WHO = {
    "set_duty": "worker_a",
    "add_positions": "worker_a",
    "my_track": "worker_a",
    **dict.fromkeys(("list_stops", "stop_done", "confirm_hand_over", "position_readers"), "worker_a"),
    **dict.fromkeys(("list_callees", "callee_number"), "worker_a"),
}
READING = [one for one in CALLS if one.query or one.body or one.media or "<" in one.rule]
FEW = settings(max_examples=30, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")


@pytest.fixture
def description(app):
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


def signed(sign_in, one):
    return {"Authorization": sign_in(WHO.get(one.name, "dispatcher_district")).environ_base["HTTP_AUTHORIZATION"]}


@pytest.mark.parametrize("one", CALLS, ids=lambda one: one.name)
def test_what_is_allowed_gets_a_described_answer(description, sign_in, one):
    headers = signed(sign_in, one)

    @FEW
    @given(case=description[path_of(one)][one.method].as_strategy())
    def answers(case):
        case.call_and_validate(headers=headers, checks=CHECKS)

    answers()


@pytest.mark.parametrize("one", READING, ids=lambda one: one.name)
def test_what_is_forbidden_gets_a_described_refusal(description, sign_in, one):
    """An unknown name in a query is left aside, so only bodies must be refused wherever the description says so."""
    headers = signed(sign_in, one)
    checks = [*CHECKS, negative_data_rejection] if one.body else CHECKS

    @FEW
    @given(case=description[path_of(one)][one.method].as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def answers(case):
        case.call_and_validate(headers=headers, checks=checks)

    answers()


def test_what_is_said_of_a_real_task_and_category_gets_a_described_answer(description, sign_in, world):
    """Made-up ids end at 404 and made-up categories at 422: here both are there."""
    dispatcher = sign_in("dispatcher_district")
    headers = {"Authorization": dispatcher.environ_base["HTTP_AUTHORIZATION"]}
    report = {"category": LITTER, "description": "x", "location": world.inside("a1"), "reported_at": now().isoformat()}
    task = dispatcher.put(f"/api/v1/reports/{uuid.uuid4()}", json=report).json["id"]
    acting = description["/tasks/{task_id}/actions"]["POST"].as_strategy(path_parameters={"task_id": task})
    filing = description["/reports/{report_id}"]["PUT"].as_strategy()

    @FEW
    @given(acting, filing, strategies.data())
    def answers(act, file, data):
        now_there = dispatcher.get(f"/api/v1/tasks/{task}")
        offered = {one["action"]: one for one in now_there.json["actions"]}
        act.body["action"] = data.draw(strategies.sampled_from([*offered, *offered, *sorted(BY_ACTION)]))
        act.body["note"] = "x"
        act.call_and_validate(headers={**headers, "If-Match": now_there.headers["ETag"]}, checks=CHECKS)
        file.body |= {"category": LITTER, "location": world.inside("a1"), "severity": None}
        for name in ("catalogue_version", "self_handled", "fields"):
            file.body.pop(name, None)
        file.call_and_validate(headers=headers, checks=CHECKS)

    answers()
