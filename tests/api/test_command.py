"""The command centre's pages: the list under its filters, the panel with what is allowed now."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gridapp.db import session
from gridapp.models import Person
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.command_list import FRAGMENT, listed
from tests.support.world import World


def file(app: Flask, world: World, who: str = "worker_a", **given: Any) -> uuid.UUID:
    with app.app_context():
        task_id = tasking.file(world, who, **given)
        session.commit()
        return task_id


def act(app: Flask, world: World, who: str, task_id: uuid.UUID, action: str, **given: Any) -> None:
    with app.app_context():
        tasking.act(world, who, task_id, action, **given)
        session.commit()


def panel(client: FlaskClient, task_id: object) -> TestResponse:
    return client.get(f"/command/tasks/{task_id}", headers=FRAGMENT)


def offered(answer: TestResponse) -> set[str]:
    return set(re.findall(r'name="action" value="(\w+)"', answer.text))


def press(client: FlaskClient, task_id: object, action: str, version: int = 1, **fields: Any) -> TestResponse:
    form = {"event": str(uuid.uuid4()), "action": action, "version": version, **fields}
    return client.post(f"/command/tasks/{task_id}/actions", data=form, headers=FRAGMENT)


@pytest.mark.parametrize("who", ["chief_a", "dispatcher_a", "reviewer_a", "handler_a", "admin_a", "auditor_a"])
def test_the_centre_opens_for_those_who_work_there(app: Flask, sign_in: SignIn, world: World, who: str) -> None:
    task_id = file(app, world)
    page = sign_in(who, browser=True).get("/command", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert str(task_id) in page.text


def test_the_centre_is_closed_to_workers(sign_in: SignIn) -> None:
    assert sign_in("worker_a", browser=True).get("/command").status_code == 403


def test_the_page_loads_nothing_from_elsewhere_and_runs_no_script_without_the_nonce(sign_in: SignIn) -> None:
    page = sign_in("dispatcher_a", browser=True).get("/command", headers={"Accept": "text/html"})
    nonce = re.search(r"'nonce-([^']+)'", page.headers["Content-Security-Policy"])
    assert nonce
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"].replace("style-src-attr 'unsafe-inline'", "")
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page.text)
    scripts = [tag for tag in re.findall(r"<script[^>]*>", page.text) if "application/json" not in tag]
    assert scripts
    assert all(f'nonce="{nonce[1]}"' in tag for tag in scripts)


def test_the_list_holds_what_the_filters_say(app: Flask, sign_in: SignIn, world: World) -> None:
    first = file(app, world, description="井盖破损")
    second = file(app, world)
    lost = file(app, world, location=None, address="长江大道 12 号")
    act(app, world, "dispatcher_a", second, "assign")
    client = sign_in("dispatcher_a")
    assert set(listed(client)) == {str(first), str(second), str(lost)}
    assert listed(client, stage="assign") == [str(second)]
    assert listed(client, q="井盖") == [str(first)]
    assert listed(client, unlocated="1") == [str(lost)]
    assert listed(client, overdue="1") == []
    assert listed(sign_in("chief_a"), mine="1") == []
    assert listed(client, ids=f"{first},{second}", stage="assign") == [str(second)]


@pytest.mark.parametrize("order", [{}, {"newest": "1"}], ids=["most urgent", "newest"])
def test_the_list_goes_on_where_a_page_ends(
    app: Flask, sign_in: SignIn, world: World, monkeypatch: pytest.MonkeyPatch, order: dict[str, str]
) -> None:
    monkeypatch.setattr("gridapp.web.command_page.PAGE", 2)
    filed = [str(file(app, world)) for _ in range(5)]
    client, seen, after = sign_in("dispatcher_a"), list[str](), ""
    for _ in range(3):
        asked = {**order, **({"after": after} if after else {})}
        page = client.get("/command/list", query_string=asked, headers=FRAGMENT).text
        seen += re.findall(r'id="task-([0-9a-f-]{36})"', page)
        after = "".join(re.findall(r'data-next="([^"]+)"', page))
    assert after == ""
    assert sorted(seen) == sorted(filed)
    assert not order or seen == filed[::-1]


def test_counts_are_of_each_stage(app: Flask, sign_in: SignIn, world: World) -> None:
    act(app, world, "dispatcher_a", file(app, world), "assign")
    file(app, world)
    page = sign_in("dispatcher_a").get("/command/list", headers=FRAGMENT).text
    counts = dict(re.findall(r'data-stage="(\w+)" aria-pressed="false"><b>(\d+)</b>', page))
    assert counts == {"report": "1", "assign": "1", "handle": "0", "feedback": "0", "review": "0"}


@pytest.mark.parametrize(
    "args", [{"stage": "nowhere"}, {"ids": "x"}, {"after": "x"}, {"after": "W10", "newest": "1"}, {"outcome": "maybe"}]
)
def test_a_filter_that_is_none_is_refused(sign_in: SignIn, args: dict[str, str]) -> None:
    assert sign_in("dispatcher_a").get("/command/list", query_string=args, headers=FRAGMENT).status_code == 422


def test_nothing_of_another_community_is_shown(app: Flask, sign_in: SignIn, world: World) -> None:
    task_id = file(app, world)
    other = sign_in("dispatcher_b")
    assert listed(other) == []
    assert listed(other, ids=task_id) == []
    assert panel(other, task_id).status_code == 404
    assert press(other, task_id, "comment", note="x").status_code == 404
    assert str(task_id) not in other.get("/command/masters", headers=FRAGMENT).text


def test_the_panel_tells_the_task_and_who_is_in_charge(app: Flask, sign_in: SignIn, world: World) -> None:
    task_id = file(app, world, description="<b>垃圾</b>堆在路口")
    with app.app_context():
        person = session.get(Person, world.people["worker_a"].id)
        assert person is not None
        person.phone = "13812345678"
        session.commit()
    client = sign_in("dispatcher_a")
    client.set_cookie("lang", "en")
    text = panel(client, task_id).text
    assert "&lt;b&gt;垃圾&lt;/b&gt;堆在路口" in text
    assert "Cuiping District" in text
    assert "East 1" in text
    assert "Worker A" in text
    assert "138****5678" in text
    assert "13812345678" not in text


def test_the_panel_offers_exactly_what_is_allowed_now(app: Flask, sign_in: SignIn, world: World) -> None:
    task_id = file(app, world)
    for who in ("dispatcher_a", "chief_a", "reviewer_a", "handler_a", "auditor_a"):
        client = sign_in(who)
        document = client.get(f"/api/v1/tasks/{task_id}").get_json()
        assert offered(panel(client, task_id)) == {action["action"] for action in document["actions"]}


def test_the_address_of_a_task_opens_the_whole_page_with_it(app: Flask, sign_in: SignIn, world: World) -> None:
    task_id = file(app, world)
    page = sign_in("dispatcher_a", browser=True).get(f"/command/tasks/{task_id}", headers={"Accept": "text/html"}).text
    assert "<!doctype html>" in page
    assert f'<article class="task" data-task="{task_id}"' in page


def test_an_action_is_done_from_the_panel(app: Flask, sign_in: SignIn, world: World) -> None:
    task_id = file(app, world)
    client = sign_in("dispatcher_a", browser=True)
    done = press(client, task_id, "assign", assignee=f"post:{world.people['worker_a'].post}", note="请今天处理")
    assert done.status_code == 200
    assert done.headers["HX-Trigger"] == "task-acted"
    assert "请今天处理" in done.text
    assert listed(client, stage="assign") == [str(task_id)]


def test_who_comes_second_is_told_who_was_first_and_keeps_what_was_typed(
    app: Flask, sign_in: SignIn, world: World
) -> None:
    task_id = file(app, world)
    act(app, world, "chief_a", task_id, "assign")
    client = sign_in("dispatcher_a")
    beaten = press(client, task_id, "dismiss", version=1, reason="not_ours", note="不属于受理范围的")
    assert beaten.status_code == 412
    assert "Chief A 已先行处理：派遣" in beaten.text
    assert "不属于受理范围的" in beaten.text
    assert 'name="action" value="transfer"' in beaten.text


def test_a_missing_field_is_named_and_the_rest_is_kept(app: Flask, sign_in: SignIn, world: World) -> None:
    task_id = file(app, world)
    answer = press(sign_in("dispatcher_a"), task_id, "assign", note="先写好的话")
    assert answer.status_code == 422
    assert "先写好的话" in answer.text
    assert 'class="wrong"' in answer.text


def test_merging_takes_the_number_of_the_master(app: Flask, sign_in: SignIn, world: World) -> None:
    master, task_id = file(app, world), file(app, world)
    client = sign_in("dispatcher_a")
    number = client.get(f"/api/v1/tasks/{master}").get_json()["number"]
    assert f'data-pick="{number}"' in client.get("/command/masters", query_string={"master": number}).text
    assert press(client, task_id, "merge", master=f"#{number}").status_code == 200
    assert client.get(f"/api/v1/tasks/{task_id}").get_json()["master"] == str(master)


def test_a_number_typed_with_its_sign_finds_that_task_alone(app: Flask, sign_in: SignIn, world: World) -> None:
    task_id = file(app, world)
    client = sign_in("dispatcher_a")
    number = client.get(f"/api/v1/tasks/{task_id}").get_json()["number"]
    file(app, world, description=f"{number}号楼前有垃圾")
    assert listed(client, q=f"#{number}") == [str(task_id)]
    assert len(listed(client, q=str(number))) == 2


def test_a_review_gives_both_scores(app: Flask, sign_in: SignIn, world: World) -> None:
    with app.app_context():
        task_id = tasking.bring_to(world, "fed_back")
        session.commit()
    client = sign_in("reviewer_a")
    version = client.get(f"/api/v1/tasks/{task_id}").get_json()["version"]
    assert press(client, task_id, "pass", version=version, score_speed="5").status_code == 422
    assert press(client, task_id, "pass", version=version, score_speed="5", score_quality="4").status_code == 200
    assert client.get(f"/api/v1/tasks/{task_id}").get_json()["scores"] == {"speed": 5, "quality": 4}


def test_a_new_due_time_is_read_in_local_time(app: Flask, sign_in: SignIn, world: World) -> None:
    with app.app_context():
        task_id = tasking.bring_to(world, "handled_by_unit")
        session.commit()
    client = sign_in("handler_a")
    version = client.get(f"/api/v1/tasks/{task_id}").get_json()["version"]
    asked = press(client, task_id, "extend", version=version, due="2099-01-01T08:00", reason="weather")
    assert asked.status_code == 200
    assert client.get(f"/api/v1/tasks/{task_id}").get_json()["asked_due_at"] == "2099-01-01T00:00:00Z"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_pages_speak_one_language(app: Flask, sign_in: SignIn, world: World, language: str) -> None:
    task_id = file(app, world)
    act(app, world, "dispatcher_a", task_id, "assign")
    client = sign_in("dispatcher_a", browser=True)
    client.set_cookie("lang", "en" if language == "en" else "zh_CN")
    text = panel(client, task_id).text
    words = {"zh-CN": ("办理过程", "责任人", "处置时限"), "en": ("Timeline", "In charge", "Handle by")}
    assert all(word in text for word in words[language])
    assert not any(word in text for other, each in words.items() if other != language for word in each)
