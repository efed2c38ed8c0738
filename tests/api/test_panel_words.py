"""What the panel of a task says, in the words of whoever reads it."""

from __future__ import annotations

import pytest
from flask import Flask

from gridapp.db import session
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.world import World


def test_the_panel_names_the_grid_in_charge_in_the_reader_s_language(app: Flask, sign_in: SignIn, world: World) -> None:
    with app.app_context():
        task_id = tasking.file(world)
        tasking.act(world, "dispatcher_a", task_id, "assign")
        session.commit()
    client = sign_in("dispatcher_a")
    for language, name in (("en", "East 1"), ("zh_CN", "东一组")):
        client.set_cookie("lang", language)
        assert f'<b>Worker A</b> <span class="muted">{name}</span>' in client.get(f"/command/tasks/{task_id}").text


@pytest.mark.parametrize(
    ("amount", "unit", "words"),
    [
        (1, "working_hour", "1 working hour"),
        (2, "working_day", "2 working days"),
        (1, "urgent_day", "1 urgent day"),
        (4, "urgent_hour", "4 urgent hours"),
    ],
)
def test_one_of_a_unit_of_time_is_no_plural(app: Flask, amount: int, unit: str, words: str) -> None:
    with app.test_request_context("/command", headers={"Cookie": "lang=en"}):
        assert app.jinja_env.filters["limit"]({"amount": amount, "unit": unit}) == words
