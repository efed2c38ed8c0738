"""The filing condition: chosen at filing or assigning, else the first; class, unit and limits are its own, frozen."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from flask import Flask

from geodata.io import read_table
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import FilingCondition, RoutingRule, Task
from gridapp.services.orders import task_export, task_import
from gridapp.services.orders.order_mapping import load_mapping
from gridapp.services.routing import desk
from gridapp.services.tasking import tasks
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.hours import SetClock, local, set_clock
from tests.support.world import World

MUCH = "06001-2"
"""There is much litter: committed, the district's, three working days."""


@pytest.fixture
def clock(app: Flask) -> Iterator[SetClock]:
    """Wednesday 4 March 2026, 08:00 in Shanghai."""
    with app.app_context(), set_clock("2026-03-04 08:00") as clock:
        yield clock


def task_of(task_id: uuid.UUID) -> Task:
    return session.get_one(Task, task_id, populate_existing=True)


def held(task_id: uuid.UUID) -> tuple[Any, ...]:
    task = task_of(task_id)
    return task.condition_code, task.task_class, task.due_at


def test_nobody_chose_so_the_first_holds(world: World, clock: SetClock) -> None:
    task_id = tasking.file(world)
    assert held(task_id) == (None, None, None)
    tasking.act(world, "dispatcher_a", task_id, "assign")
    assert held(task_id) == ("06001-1", "immediate", local("2026-03-04 12:00"))


def test_it_is_chosen_when_the_report_is_filed(world: World, clock: SetClock) -> None:
    task_id = tasking.file(world, condition=MUCH)
    assert held(task_id) == (MUCH, "committed", None)
    document = tasking.act(world, "dispatcher_a", task_id, "assign")
    assert held(task_id) == (MUCH, "committed", local("2026-03-09 08:00"))
    assert document["condition"] == {
        "code": MUCH,
        "class": "committed",
        "zh": "大量垃圾",
        "en": "There is much litter",
    }


def test_the_dispatcher_chooses_when_assigning_and_it_stays_with_the_next_holder(world: World, clock: SetClock) -> None:
    task_id = tasking.file(world)
    offered = tasks.get(tasking.principal(world, "dispatcher_a"), task_id)["actions"]
    [field] = [f for a in offered if a["action"] == "assign" for f in a["fields"] if f["name"] == "condition"]
    assert ([choice["code"] for choice in field["choices"]], field["chosen"]) == (["06001-1", MUCH], "06001-1")
    tasking.act(world, "dispatcher_a", task_id, "assign", condition=MUCH)
    tasking.act(world, "dispatcher_a", task_id, "transfer")
    assert held(task_id) == (MUCH, "committed", local("2026-03-09 08:00"))
    # the condition names the district's unit, and it goes up by the chain: the chief first
    condition = session.get_one(FilingCondition, (world.edition, MUCH))
    condition.handle_amount = 1
    session.flush()
    assert held(task_id)[2] == local("2026-03-09 08:00")


def test_what_leaves_nothing_to_choose_is_not_asked(world: World, clock: SetClock) -> None:
    task_id = tasking.file(world, category="06002", photos=[tasking.PHOTO])
    offered = tasks.get(tasking.principal(world, "dispatcher_a"), task_id)["actions"]
    assert not any(f["name"] == "condition" for a in offered if a["action"] == "assign" for f in a["fields"])


@pytest.mark.parametrize("wrong", ["06002-1", "nonsense", ""])
def test_a_condition_of_another_category_is_refused_by_name(
    world: World, clock: SetClock, sign_in: SignIn, wrong: str
) -> None:
    with pytest.raises(Problem) as filed:
        tasking.file(world, condition=wrong)
    assert filed.value.errors["condition"].code == "not_of_category"
    task_id = tasking.file(world)
    with pytest.raises(Problem) as assigned, session.begin_nested():
        tasking.act(world, "dispatcher_a", task_id, "assign", condition=wrong)
    assert assigned.value.errors["condition"].code == "not_of_category"
    session.commit()
    body = tasking.report_body(world, condition=wrong)
    answer = sign_in("worker_a").put(f"/api/v1/reports/{uuid.uuid4()}", json=body)
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["condition"])


def test_a_phone_files_under_a_condition_and_sees_it(world: World, clock: SetClock, sign_in: SignIn) -> None:
    session.commit()
    phone = sign_in("worker_a")
    [litter] = [
        minor
        for major in phone.get("/api/v1/catalogue").get_json()["categories"]
        for minor in major["children"]
        if minor["code"] == "06001"
    ]
    assert [(c["code"], c["class"]) for c in litter["conditions"]] == [("06001-1", "immediate"), (MUCH, "committed")]
    body = tasking.report_body(world, condition=MUCH)
    path = f"/api/v1/reports/{uuid.uuid4()}"
    answers = [phone.put(path, json=body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].get_json()["condition"] == answers[1].get_json()["condition"]
    assert answers[0].get_json()["class"] == "committed"
    assert phone.put(path, json={**body, "condition": "06001-1"}).status_code == 409


def test_a_rule_says_the_condition_unless_the_report_does(world: World, clock: SetClock) -> None:
    admin = tasking.principal(world, "admin_district")
    draft = {
        "name": "垃圾",
        "category": "06001",
        "condition": MUCH,
        "area": world.areas["a"].code,
        "target": "chief",
        "enabled": True,
    }
    rule = desk.add(admin, desk.RuleDraft.model_validate(draft))
    assert session.get_one(RoutingRule, rule.id).condition_code == MUCH
    session.commit()
    by_rule, chosen = tasking.file(world), tasking.file(world, condition="06001-1")
    assert (held(by_rule)[0], held(chosen)[0]) == (MUCH, "06001-1")
    for wrong in ({"category": "06002"}, {"category": None}, {"condition": "06002-1"}):
        with pytest.raises(Problem) as refused:
            desk.add(admin, desk.RuleDraft.model_validate({**draft, **wrong}))
        assert refused.value.errors["condition"].code == "not_of_category"


MAPPING = """
origin = "hotline"
timezone = "Asia/Shanghai"
[columns]
number = "编号"
description = ["内容"]
address = ["内容"]
opened = "时间"
[category]
default = "06001"
[condition]
columns = ["程度"]
[condition.codes]
"大量" = "06001-2"
"少量" = "06001-1"
"别的" = "06002-1"
"""


def test_orders_of_the_hotline_bring_their_condition(world: World, clock: SetClock, tmp_path: Path) -> None:
    mapping, orders = tmp_path / "m.toml", tmp_path / "o.csv"
    mapping.write_text(MAPPING, encoding="utf-8")

    def take(*rows: str) -> task_import.Imported:
        head = "编号,内容,时间,程度"
        orders.write_text("\n".join([head, *rows]), encoding="utf-8")
        return task_import.import_orders(read_table(orders), load_mapping(mapping), orders.name)

    told = ("1,一,2026-03-03 08:00,大量", "2,二,2026-03-03 08:00,", "3,三,2026-03-03 08:00,别的")
    first = take(*told)
    assert (first.created, [refusal.code for refusal in first.refused]) == (2, ["not_of_category"])

    def kept() -> dict[str, tuple[str | None, str | None]]:
        session.expire_all()
        rows = session.query(Task).where(Task.origin == "hotline")
        return {str(row.origin_number): (row.condition_code, row.task_class) for row in rows}

    assert kept() == {"1": (MUCH, "committed"), "2": (None, None)}
    again = take(told[0], "2,二,2026-03-03 08:00,少量")
    assert (again.unchanged, again.updated) == (1, 1)
    assert kept()["2"] == ("06001-1", "immediate")


def test_an_export_tells_the_condition(world: World, clock: SetClock, tmp_path: Path) -> None:
    tasking.file(world, condition=MUCH)
    tasking.file(world)
    session.flush()
    file = tmp_path / "tasks.csv"
    task_export.export(file, None, None, None)
    rows = pd.read_csv(file, dtype=str).fillna("")
    assert sorted(zip(rows["condition"], rows["condition_zh"], rows["condition_en"], strict=True)) == [
        ("", "", ""),
        (MUCH, "大量垃圾", "There is much litter"),
    ]


def test_the_desk_offers_the_conditions_of_a_call_and_shows_the_one_that_holds(
    world: World, clock: SetClock, sign_in: SignIn
) -> None:
    task_id = tasking.file(world, condition=MUCH)
    session.commit()
    desk_of = sign_in("dispatcher_a", browser=True)
    fields = desk_of.get("/command/report/fields?category=06001").text
    assert 'value="06001-1"' in fields
    assert f'value="{MUCH}"' in fields
    assert 'name="condition"' not in desk_of.get("/command/report/fields?category=06002").text
    panel = desk_of.get(f"/command/tasks/{task_id}").text
    assert "大量垃圾" in panel
    assert f'<option value="{MUCH}" selected' in panel
