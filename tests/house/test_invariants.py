"""Each rule that the database keeps has words for whoever breaks it, and no words stand for a rule that is gone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from gridapp.errors import CONSTRAINTS, problem_of
from gridapp.errors.invariants import ADDED_ONLY, OTHERS, RULES
from gridapp.models import Base

MIGRATIONS = Path(__file__).parents[2] / "gridapp" / "migrations" / "versions"
OF_TRIGGERS = {
    name
    for file in MIGRATIONS.glob("*.py")
    for name in re.findall(r"constraint = '([a-z_]+)'", file.read_text())
    if not name.startswith("_")
}
SORTS = CheckConstraint | UniqueConstraint | ExcludeConstraint
KEPT = {
    str(rule.name)
    for table in Base.metadata.sorted_tables
    for rule in (*table.constraints, *table.indexes)
    if isinstance(rule, SORTS) or (isinstance(rule, Index) and rule.unique)
}


def test_every_rule_of_the_database_has_words_and_no_other_one_has() -> None:
    assert OF_TRIGGERS
    assert set(RULES) | set(CONSTRAINTS) == KEPT | OF_TRIGGERS
    assert not set(RULES) & set(CONSTRAINTS)


@pytest.mark.parametrize("name", [*RULES, *CONSTRAINTS, "fk_task_grid_id", "task_event_append_only", None])
def test_whoever_breaks_a_rule_is_told_it_without_the_name_that_it_has_in_the_database(name: str | None) -> None:
    problem = problem_of(name)
    assert problem.status == 409
    said = problem.detail("en"), problem.detail("zh")
    assert not any(name and name in words for words in said)
    assert re.search(r"[\u4e00-\u9fff]", said[1])
    expected = OTHERS if name is None or name.startswith("fk_") else RULES.get(name)
    if expected:
        assert expected[0] in said[0]
        assert expected[1] in said[1]


def test_what_has_happened_is_told_to_be_added_to_only() -> None:
    assert ADDED_ONLY[1] in problem_of("seal_append_only").detail("zh")
