"""Tasks of the sample district with all that happened to them, in batches: the reports first, then step after step.

The statement of the report is the one of the hot route in small; every later step goes through the guard of the
database, which compares the row with its event.
"""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import orjson
from psycopg import Connection

from geodata.sample import CategoryWeight, SampleDistrict, make_tasks
from gridapp.models import Task
from gridapp.services.bulk import copy_into, fill, take_time, wire
from gridapp.services.clockwork import calendars
from gridapp.services.demo import ground
from gridapp.services.demo.people import Cast
from gridapp.services.demo.photos import Drawn
from gridapp.services.demo.story import Fate, Step, Story
from gridapp.services.editions import categories

BATCH = 20_000
ON_THE_WAY = dt.timedelta(seconds=5)
SELF_HANDLED = 0.3
ACCURACY = 8.0

REPORTS = {
    "id": "uuid",
    "event": "uuid",
    "stage": "text",
    "source": "text",
    "category": "text",
    "description": "text",
    "lon": "float8",
    "lat": "float8",
    "address": "text",
    "grid_id": "bigint",
    "boundary_id": "bigint",
    "reporter": "uuid",
    "teller": "uuid",
    "kind": "text",
    "post": "uuid",
    "handler": "uuid",
    "note": "text",
    "reported_at": "timestamptz",
    "received_at": "timestamptz",
}
FILE = """
with filed as (
  insert into task (id, version, stage, source, edition, category_code, description, geom, raw_x, raw_y, raw_crs,
    accuracy, address, grid_id, boundary_id, located, reporter_id, self_handled, assignee_post_id, handlers,
    fed_back_by, fed_back_at, reported_at, received_at)
  select id, 1, stage, source, %(edition)s, category, description, ST_SetSRID(ST_MakePoint(lon, lat), 4326), lon, lat,
    'wgs84', %(accuracy)s, address, grid_id, boundary_id, true, reporter, post is not null, post,
    array_remove(array[handler], null), handler, case when post is not null then reported_at end, reported_at,
    received_at
  from sample_report order by reported_at
  returning *
)
insert into task_event (id, task_id, seq, action, actor_id, actor_kind, at, device_at, geom, to_stage, note, changes)
select s.event, f.id, 1, case when f.self_handled then 'self_handle' else 'report' end, s.teller, s.kind,
  f.received_at, f.reported_at, f.geom, f.stage, s.note, to_jsonb(f) - 'version'
from filed f join sample_report s on s.id = f.id
"""
STEPS = {
    "id": "uuid",
    "task_id": "uuid",
    "seq": "int",
    "action": "text",
    "actor_id": "uuid",
    "actor_kind": "text",
    "at": "timestamptz",
    "placed": "boolean",
    "from_stage": "text",
    "to_stage": "text",
    "note": "text",
    "reason": "text",
    "changes": "jsonb",
}
TELL = """
insert into task_event (id, task_id, seq, action, actor_id, actor_kind, at, device_at, geom, from_stage, to_stage, note,
  reason, changes)
select s.id, s.task_id, s.seq, s.action, s.actor_id, s.actor_kind, s.at, s.at, case when s.placed then t.geom end,
  s.from_stage, s.to_stage, s.note, s.reason, s.changes
from sample_step s join task t on t.id = s.task_id
"""
_MOVING = (
    *("stage", "outcome", "assignee_post_id", "assignee_unit_id", "condition_code", "task_class", "assigned_at"),
    *("answer_due_at", "due_at", "accepted_at", "asked_due_at", "asked_by", "held_at", "review_on", "handlers"),
    *("fed_back_by", "fed_back_at", "rework_count", "urge_count", "score_speed", "score_quality", "satisfied"),
    *("closed_at", "master_id", "clock", "yellow_at", "returned_at", "return_count", "declined_count", "first_unit_id"),
)
FOLLOW = f"""
update task t set version = s.seq, {", ".join(f"{name} = r.{name}" for name in _MOVING)}
from sample_step s join task before on before.id = s.task_id
cross join lateral jsonb_populate_record(before, s.changes) r
where t.id = s.task_id and s.seq = %s
"""
PHOTO = ("task_id", "event_id", "ordinal", "sha256", "phase")


def load_tasks(
    district: SampleDistrict,
    edition: str,
    wanted: list[CategoryWeight],
    cast: Cast,
    drawn: Drawn,
    now: dt.datetime,
    done: Callable[[float], object],
) -> None:
    """Store the tasks of the last weeks, every stage among them; ``done`` hears the share that is stored."""
    frame = make_tasks(district, wanted, now)
    teller = _Teller(district.seed, edition, cast, drawn, now)
    with wire() as connection, calendars.unchanging():
        take_time(connection)
        for start in range(0, len(frame), BATCH):
            teller.tell(connection, frame.iloc[start : start + BATCH].to_dict("records"))
            done(min(1.0, (start + BATCH) / len(frame)))


class _Teller:
    """Makes rows of a batch of the sample's tasks."""

    def __init__(self, seed: int, edition: str, cast: Cast, drawn: Drawn, now: dt.datetime) -> None:
        self._rng, self._cast, self._drawn, self._now = random.Random(seed), cast, drawn, now  # noqa: S311 - a sample
        self._grids, self._boundaries = ground.ids(), ground.boundaries()
        self._edition = edition
        self._masters: dict[str, Task] = {}

    def tell(self, connection: Connection[Any], rows: list[dict[str, Any]]) -> None:
        """Store a batch."""
        reports: list[tuple[Any, ...]] = []
        steps: list[tuple[Any, ...]] = []
        photos: list[tuple[Any, ...]] = []
        for row in rows:
            task, report = self._report(row)
            event = report[1]
            told = Story(task, self._fate(row, task), self._cast, self._rng, self._now).play()
            if task.outcome not in ("merged", "dismissed", "withdrawn"):
                self._masters[task.category_code] = task
            reports.append(report)
            steps += [_step_row(task.id, step) for step in told]
            photos += self._photos(task, event, told)
        fill(connection, "sample_report", REPORTS, reports)
        connection.execute(FILE, {"edition": self._edition, "accuracy": ACCURACY})
        fill(connection, "sample_step", STEPS, steps)
        connection.execute("analyze sample_step")
        connection.execute(TELL)
        connection.execute("analyze task, task_event")
        for seq in range(2, 2 + max((row[2] for row in steps), default=0)):
            connection.execute(FOLLOW, (seq,))
        copy_into(connection, "task_photo", PHOTO, photos)

    def _report(self, row: dict[str, Any]) -> tuple[Task, tuple[Any, ...]]:
        at = row["reported_at"].to_pydatetime()
        reporter = self._cast.people.get(row["reporter"] or "")
        grid = self._grids[row["building"] or row["grid"]]
        post = self._cast.posts.get(row["reporter"] or "") if self._settled_on_the_spot(row) else None
        task = Task(
            id=uuid.UUID(row["id"]),
            version=1,
            stage="feedback" if post else "report",
            outcome=None,
            edition=self._edition,
            category_code=row["category"],
            grid_id=grid,
            located=True,
            reporter_id=reporter.person_id if reporter else None,
            self_handled=post is not None,
            assignee_post_id=post,
            handlers=[reporter.person_id] if post and reporter else [],
            rework_count=0,
            urge_count=0,
            reported_at=at,
            received_at=min(at + ON_THE_WAY, self._now),
        )
        teller = self._rng.choice(self._cast.of_role("dispatcher")) if row["source"] == "hotline" else reporter
        report = (
            *(task.id, uuid.uuid4(), task.stage, row["source"], row["category"], row["description"]),
            *(round(row["geometry"].x, 9), round(row["geometry"].y, 9), row["address"], grid, self._boundaries[grid]),
            *(task.reporter_id or (teller.person_id if teller else None), teller.person_id if teller else None),
            *(teller.role if teller else "resident", post, reporter.person_id if post and reporter else None),
            *(row["note"] if post else None, at, task.received_at),
        )
        task.reporter_id = report[11]
        return task, report

    def _settled_on_the_spot(self, row: dict[str, Any]) -> bool:
        """Some of what workers report in their own grid and is reviewed by now, where the category allows it."""
        facts = categories.facts(row["category"], self._edition)
        closed = (row["stage"], row["outcome"]) == ("review", "resolved")
        return closed and row["source"] == "worker" and facts.self_handle and self._rng.random() < SELF_HANDLED

    def _fate(self, row: dict[str, Any], task: Task) -> Fate:
        facts = categories.facts(task.category_code, self._edition)
        after = self._pictures(task.category_code, "after", facts.photos_after)
        master = self._masters.get(task.category_code)
        return Fate(row["stage"], row["outcome"], row["assignee"], float(row["pace"]), row["note"], master, after)

    def _pictures(self, category: str, phase: str, count: int) -> tuple[str, ...]:
        return tuple(self._rng.sample(self._drawn[category, phase], min(count, len(self._drawn[category, phase]))))

    def _photos(self, task: Task, event: uuid.UUID, told: list[Step]) -> Iterator[tuple[Any, ...]]:
        facts = categories.facts(task.category_code, self._edition)
        before = self._pictures(task.category_code, "before", facts.photos_before)
        settled = self._pictures(task.category_code, "after", facts.photos_after) if task.self_handled else ()
        phases = ["before"] * len(before) + ["after"] * len(settled)
        for n, (sha256, phase) in enumerate(zip((*before, *settled), phases, strict=True)):
            yield task.id, event, n, sha256, phase
        for step in told:
            for n, sha256 in enumerate(step.photos):
                yield task.id, step.id, n, sha256, "after"


def _step_row(task_id: uuid.UUID, step: Step) -> tuple[Any, ...]:
    changes = orjson.dumps(step.changes).decode()
    who = (step.who.person_id, step.who.role)
    said = (step.placed, step.from_stage, step.to_stage, step.note, step.reason, changes)
    return step.id, task_id, step.seq, step.action, *who, step.at, *said
