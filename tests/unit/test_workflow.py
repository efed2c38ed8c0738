"""The stage table by itself: refusals name what is allowed, ended tasks stay ended."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridapp.access import ACTIONS, FILERS, PERMISSIONS, ROLES
from gridapp.errors import CONSTRAINTS, KINDS, Problem
from gridapp.workflow import BY_ACTION, OUTCOMES, RULES, STAGES, actions_in, step

NOW = dt.datetime(2026, 11, 22, 4, tzinfo=dt.UTC)


@dataclass
class State:
    stage: str
    outcome: str | None = None
    held_at: dt.datetime | None = None
    asked_due_at: dt.datetime | None = None
    returned_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    check_kind: str | None = None
    asked_units: list[uuid.UUID] = field(default_factory=list)
    assisting_units: list[uuid.UUID] = field(default_factory=list)
    being_checked: bool = False


def test_the_main_path_leads_from_report_to_review() -> None:
    task = State("report")
    for action in ("assign", "accept", "feedback", "pass"):
        task.stage, task.outcome = step(action, task, NOW)
    assert (task.stage, task.outcome) == ("review", "resolved")


def test_a_refusal_names_what_is_allowed_in_both_languages() -> None:
    with pytest.raises(Problem) as caught:
        step("accept", State("report"), NOW, ("assign", "dismiss"))
    problem = caught.value
    assert problem.extra == {"allowed": ["assign", "dismiss"], "stage": "report"}
    assert "dismiss" in problem.detail("en")
    assert "不予立案" in problem.detail("zh-CN")


def test_nothing_but_reopening_follows_an_end() -> None:
    for outcome in OUTCOMES:
        for stage in STAGES:
            found = {rule.action for rule in actions_in(State(stage, outcome, closed_at=NOW), NOW)}
            assert found == ({"reopen"} if (stage, outcome) == ("review", "resolved") else set())


@given(days=st.floats(0, 30))
def test_reopening_is_possible_for_seven_days(days: float) -> None:
    task = State("review", "resolved", closed_at=NOW - dt.timedelta(days=days))
    assert bool(actions_in(task, NOW)) == (dt.timedelta(days=days) <= dt.timedelta(days=7))


def test_every_action_has_somebody_and_every_row_two_names() -> None:
    assert set(BY_ACTION) == set(ACTIONS) | set(FILERS)
    assert all(rule.zh and rule.en for rule in RULES)
    assert len({rule.zh for rule in RULES}) == len(RULES)


def test_permissions_name_roles_that_exist() -> None:
    assert all(set(roles) <= set(ROLES) for roles in PERMISSIONS.values())


@pytest.mark.parametrize("code", KINDS)
def test_every_problem_speaks_both_languages_and_fills_its_gaps(code: str) -> None:
    names = [part.split("}")[0] for part in KINDS[code].en.split("{")[1:]]
    words: dict[str, Any] = dict.fromkeys(names, ("word", "词"))
    problem = Problem(code, **words)
    assert "{" not in problem.detail("en") + problem.detail("zh")
    assert any("\u4e00" <= c <= "\u9fff" for c in problem.detail("zh"))
    assert 400 <= problem.status < 600


def test_broken_constraints_have_problems() -> None:
    assert set(CONSTRAINTS.values()) <= set(KINDS)
