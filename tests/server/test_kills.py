"""Server and jobs killed at random under load, with a clock that is moved on: every lamp and every word once."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from gridapp.app import create_app
from gridapp.config import read_settings
from gridapp.db import session
from gridapp.services.deliveries import receivers
from gridapp.services.deliveries.receivers import ReceiverDraft
from gridapp.services.words import reading
from gridapp.services.words.kinds import KINDS
from tests.support import tasking
from tests.support.database import all_closed_after
from tests.support.hours import set_clock
from tests.support.houses import PATIENCE, House, send
from tests.support.mailbox import Mailbox
from tests.support.receivers import Program, up

BEGINS = "2026-03-04 08:00"
FEW, KILLS_UNDER_LOAD, KILLS_LATER = 5, 4, 1
THREE_HOURS = 3 * 3600.0
ACTORS = ("worker_a", "dispatcher_a", "reviewer_a")

# What is done to a task after its report, and by whom.
ASSIGN, ACCEPT, INVOLVE = ("dispatcher_a", "assign"), ("worker_a", "accept"), ("dispatcher_a", "involve")
FEED_BACK, PASS = ("worker_a", "feedback"), ("reviewer_a", "pass")
LOAD: dict[str, tuple[int, tuple[tuple[str, str], ...]]] = {
    "reported": (2, ()),
    "assigned": (4, (ASSIGN,)),
    "accepted": (4, (ASSIGN, ACCEPT)),
    "joint": (3, (ASSIGN, INVOLVE)),
    "fed_back": (3, (ASSIGN, ACCEPT, FEED_BACK)),
    "reviewed": (3, (ASSIGN, ACCEPT, FEED_BACK, PASS)),
}

# Words to persons: lamp and escalation to the worker and the chief; its unit's handler, the chief and who asked, the
# late unit, the lead and who asked, and the desk, for nobody is in the street's unit; those who may review.
LATE = {"task_assign": 1, "clock_yellow": 1, "clock_red": 1, "task_escalate": 1, "task_taken": 1}
BESIDE = {"task_involve": 1, "clock_assist_yellow": 1, "clock_assist_red": 2, "task_assist_escalate": 1}
TOGETHER = {**LATE, **BESIDE, "task_assist_pass_up": 2, "assist_nobody_there": 2}
WORDS: dict[str, dict[str, int]] = {
    "reported": {},
    "assigned": LATE,
    "accepted": LATE,
    "joint": TOGETHER,
    "fed_back": {"task_assign": 1, "task_feedback": 3},
    "reviewed": {"task_assign": 1, "task_feedback": 3, "task_resolved": 1},
}
EVENTS = {"reported": 1, "assigned": 3, "accepted": 4, "joint": 6, "fed_back": 4, "reviewed": 5}
STEPS = {"assigned": (2, 3, 4), "accepted": (1, 2, 3), "joint": (4, 6, 8)}
"""Steps of a clock that have come to an end after each move: answering and yellow, red, escalation."""

JOBS = {"jobs_1": ("jobs",), "jobs_2": ("jobs",)}
SERVER = {"server": ("serve", "--no-jobs")}
DONE = "select count(*) from clock_step where done_at is not null"
TOLD = "select task_id, kind, count(*) from notice group by task_id, kind"
UP = """
select e.task_id, e.at, e.device_at, s.due_at from task_event e
join clock_step s on s.task_id = e.task_id and s.step = %s and s.done_at is not null
where e.action = %s
"""
SHAPES = {
    name: re.compile("|".join(re.sub(r"\\{\w+\\}", ".+", re.escape(words)) for words in (kind.zh, kind.many_zh)))
    for name, kind in KINDS.items()
}
"""What a kind of message looks like, about one task or about several."""
UNSENT = """
select (select count(*) from outbox) + (select count(*) from delivery where state <> 'done')
  + (select count(*) from letter where state = 'waiting')
"""


@pytest.fixture
def program() -> Iterator[Program]:
    with up() as there:
        yield there


@pytest.fixture
def house(tmp_path: Path, mailbox: Mailbox, program: Program) -> Iterator[House]:
    mail = {"mail_host": "127.0.0.1", "mail_port": mailbox.port, "mail_security": "none"}
    house = House(tmp_path, BEGINS, **mail, webhook_networks="127.0.0.0/8", public_url="https://grid.city.example")
    upgrade = house.start("upgrade", "db", "upgrade")
    assert upgrade.wait() == 0, (tmp_path / "upgrade.log").read_text()
    del house.running["upgrade"]
    house.people(*ACTORS)
    try:
        with inside(house):
            draft = {"name": "外部系统", "url": program.url, "events": ("task.*",), "active": True}
            area = house.world.areas["district"].code
            who = tasking.principal(house.world, "admin_district")
            receivers.add(who, ReceiverDraft.model_validate({**draft, "area": area}))
            session.commit()
        yield house
    finally:
        house.close()


def play(house: House, deeds: tuple[tuple[str, str], ...]) -> uuid.UUID:
    """File a task and do with it what is to be done, by the people whose it is."""
    task_id, world = uuid.uuid4(), house.world
    send(
        house,
        "worker_a",
        "PUT",
        f"/api/v1/reports/{task_id}",
        tasking.report_body(world, reported_at=house.now.isoformat()),
    )
    carried: dict[str, dict[str, Any]] = {
        "assign": {"assignee": {"post": str(world.people["worker_a"].post)}},
        "involve": {"assignee": {"unit": str(world.units["a"])}, "note": "请派车清运"},
        "feedback": {"note": "已清理", "location": world.inside("a1")},
        "pass": {"scores": {"speed": 5, "quality": 4}},
    }
    for version, (who, action) in enumerate(deeds, 1):
        body = {"id": str(uuid.uuid4()), "at": house.now.isoformat(), "action": action, **carried.get(action, {})}
        send(house, who, "POST", f"/api/v1/tasks/{task_id}/actions", body, **{"If-Match": f'"{version}"'})
    return task_id


def kill_until(
    house: House, commands: Mapping[str, tuple[str, ...]], done: Callable[[], int], wanted: int, most: int
) -> Counter[str]:
    """Keep the processes going until so much is done, and kill one of them after every few things; how often which.

    What is done counts and not the time, so that a slow machine kills as much in the middle of work as a fast one.
    """
    for name, words in commands.items():
        if name not in house.running:
            house.start(name, *words)
    kills: Counter[str] = Counter()
    ends = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=PATIENCE)
    next_at = house.dice.randint(1, FEW)
    while (reached := done()) < wanted:
        assert dt.datetime.now(dt.UTC) < ends, f"{reached} of {wanted} done"
        name = house.dice.choice(sorted(commands))
        if reached >= next_at and kills.total() < most:
            house.kill(name)
            house.start(name, *commands[name])
            kills[name] += 1
            next_at = reached + house.dice.randint(1, FEW)
        with suppress(subprocess.TimeoutExpired):
            house.running[name].wait(0.1)
            raise AssertionError(f"{name} ended by itself")
    return kills


def under_load(house: House) -> tuple[dict[uuid.UUID, str], Counter[str]]:
    """People work while server and jobs are killed; the tasks with what was done to each, and who was killed."""
    wanted = [kind for kind, (count, _) in LOAD.items() for _ in range(count)]
    house.dice.shuffle(wanted)
    with ThreadPoolExecutor(4) as phones:
        playing = [phones.submit(play, house, LOAD[kind][1]) for kind in wanted]
        both = {**SERVER, **JOBS}
        kills = kill_until(house, both, lambda: sum(one.done() for one in playing), len(playing), KILLS_UNDER_LOAD)
        return {one.result(): kind for one, kind in zip(playing, wanted, strict=True)}, kills


def move_on(house: House, tasks: Mapping[uuid.UUID, str]) -> Counter[str]:
    """The clock is moved on by three hours, by three more and to the next morning, at last while all stand still."""
    kills: Counter[str] = Counter()
    for number, (moves, stopped) in enumerate(((1, ["jobs_1"]), (1, ["jobs_2"]), (6, list(JOBS)))):
        steps = sum(STEPS[kind][number] for kind in tasks.values() if kind in STEPS)
        for name in stopped:
            house.kill(name)
        house.set_apart(house.seconds + moves * THREE_HOURS)
        kills += kill_until(house, JOBS, lambda: house.ask(DONE)[0][0], steps, KILLS_LATER)
    house.kill("jobs_1")
    return kills + kill_until(house, JOBS, lambda: -house.ask(UNSENT)[0][0], 0, 0)


def test_every_lamp_escalation_and_word_comes_once_whoever_is_killed(
    house: House, mailbox: Mailbox, program: Program
) -> None:
    tasks, kills = under_load(house)
    house.kill("server")
    kills += move_on(house, tasks)
    assert kills.total() > KILLS_UNDER_LOAD
    told: dict[uuid.UUID, Counter[str]] = {task_id: Counter() for task_id in tasks}
    for task_id, kind, count in house.ask(TOLD):
        told[task_id][kind] += count
    assert {task_id: dict(kinds) for task_id, kinds in told.items()} == {
        one: WORDS[kind] for one, kind in tasks.items()
    }
    events = dict(house.ask("select task_id, count(*) from task_event group by task_id"))
    assert events == {task_id: EVENTS[kind] for task_id, kind in tasks.items()}
    check_escalations(house, tasks)
    check_messages(house, program, most_twice=kills.total() + 5)
    check_letters(house, mailbox)


def check_escalations(house: House, tasks: Mapping[uuid.UUID, str]) -> None:
    """Each once, with its true time, and only where it was due."""
    for step, action, kinds in (("escalate", "escalate", LATE), ("assist_escalate", "assist_pass_up", BESIDE)):
        escalated = house.ask(UP, step, action)
        concerned = [task_id for task_id, kind in tasks.items() if WORDS[kind].keys() >= kinds.keys()]
        assert sorted(row[0] for row in escalated) == sorted(concerned)
        assert all(true_at == due and at >= due for _, at, true_at, due in escalated)


def check_messages(house: House, program: Program, *, most_twice: int) -> None:
    """Every event reached the receiver, those of a task in order; again only under its id, after a kill."""
    wanted = house.ask("select id::text, task_id::text, seq from task_event order by task_id, seq")
    first = {one.id: one for one in reversed(program.got)}
    assert len(program.got) - len(first) <= most_twice
    came = [json.loads(first[one].body)["data"] for one in dict.fromkeys(got.id for got in program.got)]
    found = [(one["event"]["id"], one["task"]["id"], one["event"]["seq"]) for one in came]
    assert sorted(found) == sorted(wanted)
    in_order: dict[str, list[int]] = {}
    for _, task_id, seq in found:
        in_order.setdefault(task_id, []).append(seq)
    assert all(seqs == sorted(seqs) for seqs in in_order.values())


def check_letters(house: House, mailbox: Mailbox) -> None:
    """Whatever still holds was written to everybody it was said to, once; a letter comes again only under its id."""
    letters = {letter["Message-ID"]: (to, letter) for letter, to in zip(mailbox.letters, mailbox.to, strict=True)}
    written: Counter[tuple[str, str, int]] = Counter()
    for to, letter in letters.values():
        for line in letter.get_content().strip().splitlines()[:-2]:
            kinds = [kind for kind, shape in SHAPES.items() if shape.fullmatch(line)]
            written.update((to, kind, int(number)) for kind in kinds for number in re.findall(r"#(\d+)", line))
    assert set(written.values()) == {1}
    with inside(house):
        for name in house.world.people:
            for message in reading.newest(tasking.principal(house.world, name), limit=1000):
                assert all(written[f"{name}@city.example", message.kind, one] == 1 for one in message.numbers)


@contextmanager
def inside(house: House) -> Iterator[None]:
    """The house's database by the services, with its settings."""
    app = create_app(read_settings(**house.settings))
    with all_closed_after(app), app.app_context(), set_clock(BEGINS):
        yield
