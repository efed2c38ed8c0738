"""What people are told on their screens and phones: one message a batch, read once, nothing that was overtaken."""

from __future__ import annotations

import re

from gridapp.db import session
from gridapp.models import Notice, Task
from gridapp.services import admission, notices
from gridapp.services.drafts import parse
from gridapp.services.words import reading
from gridapp.services.words.kind import CLOCK
from gridapp.services.words.kinds import KINDS
from tests.api.test_changes import read
from tests.support import tasking


def give(app, world, count=1):
    """Tasks given to worker_a in one transaction; their numbers."""
    with app.app_context():
        made = [tasking.file(world) for _ in range(count)]
        for task_id in made:
            tasking.act(world, "dispatcher_a", task_id, "assign")
        session.commit()
        return [session.get_one(Task, task_id).number for task_id in made]


def told(client):
    return client.get("/notices/recent").text


def found(pattern, page):
    match = re.search(pattern, page)
    assert match, page
    return match[1]


def count(page):
    return int(found(r'data-unread="(\d+)"', page))


def test_the_bell_counts_and_says_what_happened_in_the_readers_language(app, world, sign_in):
    [number] = give(app, world)
    worker = sign_in("worker_a", browser=True)
    page = told(worker)
    assert count(page) == 1
    assert f"任务 #{number}" in page
    assert "/field#/tasks/" in page
    worker.set_cookie("lang", "en")
    assert f"Task #{number}" in told(worker)
    assert 'data-bell-list data-recent="/notices/recent"' in worker.get("/notices").text


def test_a_batch_is_one_message(app, world, sign_in):
    numbers = give(app, world, 3)
    page = told(sign_in("worker_a", browser=True))
    assert count(page) == 1
    assert all(f"#{number}" in page for number in numbers)
    assert "3 件任务" in page


def test_messages_are_read_one_by_one_or_all_at_once(app, world, sign_in):
    give(app, world, 2)
    give(app, world)
    worker = sign_in("worker_a", browser=True)
    ids = re.findall(r'data-message="(\d+)"', told(worker))
    assert len(ids) == 2
    assert count(worker.post("/notices/read", data={"id": ids[1]}).text) == 1
    stranger = sign_in("worker_b", browser=True)
    stranger.post("/notices/read", data={"until": ids[0], "id": ids})
    assert count(told(worker)) == 1
    assert count(worker.post("/notices/read", data={"until": ids[0]}).text) == 0
    assert worker.post("/notices/read", data={"until": "x" * 30, "id": ["-1", "9" * 40]}).status_code == 200


def test_what_was_overtaken_is_not_said_any_more(app, world, sign_in):
    with app.app_context():
        first, second = tasking.file(world), tasking.file(world)
        for task_id in (first, second):
            tasking.act(world, "dispatcher_a", task_id, "assign")
        session.commit()
        tasking.act(world, "dispatcher_a", first, "transfer")
        session.commit()
        left = session.get_one(Task, second).number
        gone = session.get_one(Task, first).number
    page = told(sign_in("worker_a", browser=True))
    assert f"#{left}" in page
    assert f"#{gone}（暴露垃圾）已派给您" not in page
    assert f"#{gone}（暴露垃圾）已转由他人办理" in page
    assert f"#{gone}" in told(sign_in("worker_a2", browser=True))


def test_a_redder_lamp_outdoes_the_one_before(app, world):
    with app.app_context():
        task = session.get_one(Task, tasking.bring_to(world, "assigned"))
        person = world.people["worker_a"].id
        for kind in [code for code, kind in KINDS.items() if kind.family == CLOCK]:
            notices.tell([person], kind, task)
            session.commit()
        wanted = [one.kind for one in session.query(Notice).filter_by(overtaken_at=None, person_id=person)]
        assert sum(KINDS[kind].family == CLOCK for kind in wanted) == 1


def test_a_phone_is_told_once_a_batch_and_again_when_it_is_overtaken(live_app, live_sign_in, world):
    worker = live_sign_in("worker_a")
    _, cursor = read(worker)
    numbers = give(live_app, world, 2)
    news, cursor = read(worker, cursor)
    [message] = [one["thing"] for one in news if one["kind"] == "notice"]
    assert len(message["tasks"]) == 2
    assert f"#{numbers[0]}" in message["words"]["en"]
    assert "2 件任务" in message["words"]["zh"]
    with live_app.app_context():
        for task in session.query(Task):
            tasking.act(world, "dispatcher_a", task.id, "transfer")
        session.commit()
    news, cursor = read(worker, cursor)
    assert ("remove", "gone") in [(one["op"], one.get("reason")) for one in news if one["kind"] == "notice"]
    assert [one["thing"]["kind"] for one in read(worker)[0] if one["kind"] == "notice"] == ["task_left"]


def test_how_one_wants_to_be_told_is_kept_and_checked(app, world, sign_in):
    worker = sign_in("worker_a", browser=True)
    wrong = worker.post("/notices/settings", data={"email": "nobody", "letters": "all"})
    assert (wrong.status_code, 'value="nobody"' in wrong.text) == (422, True)
    half = worker.post("/notices/settings", data={"letters": "all", "quiet_from": "21:00"})
    assert half.status_code == 422
    chosen = {"email": "a@city.example", "letters": "urgent", "quiet_from": "21:00", "quiet_until": "08:30"}
    assert worker.post("/notices/settings", data=chosen).status_code == 303
    kept = worker.get("/notices/settings").text
    assert all(f'value="{chosen[name]}"' in kept for name in ("email", "quiet_from", "quiet_until"))
    assert "a@city.example" not in sign_in("worker_b", browser=True).get("/notices/settings").text


def test_the_list_goes_back_in_pages(app, world, sign_in):
    with app.app_context():
        task = session.get_one(Task, tasking.file(world))
        for _ in range(60):
            notices.tell([world.people["worker_a"].id], "task_resolved", task)
            session.commit()
        assert reading.unread(tasking.principal(world, "worker_a")) == 60
    worker = sign_in("worker_a", browser=True)
    first = worker.get("/notices").text
    older = found(r'rel="next" href="([^"]+)"', first).replace("&amp;", "&")
    second = worker.get(older).text
    ids = [re.findall(r'data-message="(\d+)"', page) for page in (first, second)]
    assert [len(page) for page in ids] == [50, 10]
    assert not set(ids[0]) & set(ids[1])


def test_in_english_units_and_items_have_their_english_names(app, world):
    with app.app_context():
        task_id = tasking.file(world)
        tasking.act(world, "dispatcher_district", task_id, "assign", assignee={"unit": str(world.units["a"])})
        tasking.act(world, "dispatcher_district", task_id, "involve", assignee={"unit": str(world.units["street"])})
        tasking.act(world, "dispatcher_district", task_id, "transfer", assignee={"unit": str(world.units["district"])})
        draft = {"item": "07001", "words": "网格员可以先行劝导"}
        admission.apply(tasking.principal(world, "handler_a"), parse(admission.Application, draft))
        words = {
            message.kind: (message.words("en"), message.words("zh_CN"))
            for name in ("handler_a", "chief_a", "admin_a")
            for message in reading.newest(tasking.principal(world, name))
        }
    for kind, unit in (("first_stays", "East Community"), ("assist_nobody_there", "Hejiang Street")):
        assert f"{unit} office, which" in words[kind][0]
        assert "综合办" in words[kind][1]
    assert words["admission_applied"][0].startswith("East Community office applies that “")
    assert not any(re.search("[\u4e00-\u9fff]", english) for english, _ in words.values())
