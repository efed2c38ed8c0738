"""One task's life, played by the rules of the house: the table says what follows, the effects say what it sets."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from dataclasses import dataclass, field
from typing import Any

from gridapp.access import SYSTEM, Principal
from gridapp.clocks import Step as ClockStep
from gridapp.clocks import steps_of
from gridapp.errors import Problem
from gridapp.models import Task
from gridapp.services.demo.people import Cast
from gridapp.services.editions import categories
from gridapp.services.tasking import deadlines
from gridapp.services.tasking.assignees import Assignee
from gridapp.services.tasking.task_effects import EFFECTS, Given
from gridapp.workflow import step

REWORKED, EXTENDED, HELD, URGED, DISSATISFIED = 0.08, 0.12, 0.04, 0.1, 0.06
OPEN_AT_MOST = 0.6
"""Share of the time left until now that one step may take."""


@dataclass(frozen=True)
class Step:
    """An event to be stored."""

    seq: int
    action: str
    who: Principal
    at: dt.datetime
    from_stage: str
    to_stage: str
    note: str | None
    reason: str | None
    changes: dict[str, Any]
    placed: bool = False
    photos: tuple[str, ...] = ()
    id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True)
class Fate:
    """How far a task comes, as the sample says."""

    stage: str
    outcome: str | None
    assignee: str | None
    pace: float
    note: str | None
    master: Task | None
    after: tuple[str, ...]


class Story:
    """Plays the steps of one task from its report until now, on a draft of its row that no session knows."""

    def __init__(self, draft: Task, fate: Fate, cast: Cast, rng: random.Random, now: dt.datetime) -> None:
        self._draft, self._fate, self._cast, self._rng, self._now = draft, fate, cast, rng, now
        self._at = draft.received_at
        self._facts = categories.facts(draft.category_code, draft.edition)
        self._steps: list[Step] = []

    def play(self) -> list[Step]:
        """The steps after the report, in order; the task is brought to where they lead."""
        fate = self._fate
        match fate.stage, fate.outcome:
            case _, "withdrawn":
                self._withdraw()
            case "report", "dismissed":
                self._do("dismiss", self._desk(), 1.5, reason="below_condition")
            case "report", "merged":
                self._merge()
            case "report", _:
                pass
            case _ if self._draft.self_handled:
                if fate.outcome:
                    self._do("auto_pass", SYSTEM, 0.0)
            case _:
                self._handle()
        return self._steps

    def _withdraw(self) -> None:
        """Only a reporter with an account can take a report back; a resident's is dismissed instead."""
        reporter = next((who for who in self._cast.people.values() if who.person_id == self._draft.reporter_id), None)
        if reporter is None:
            self._do("dismiss", self._desk(), 1.5, reason="repeated")
        else:
            self._do("withdraw", reporter, 0.7, reason="solved")

    def _merge(self) -> None:
        if self._fate.master is not None:
            self._do("merge", self._desk(), 0.8, master=self._fate.master)

    def _handle(self) -> None:
        stage = self._fate.stage
        holder, assignee = self._holder()
        self._do("assign", self._desk(), self._rng.uniform(0.1, 2), assignee=assignee)
        if stage == "assign":
            self._merge() if self._fate.outcome == "merged" else self._go_up()
            return
        self._do("accept", holder, self._rng.uniform(0.1, 3))
        if stage == "handle":
            self._delay(holder)
            return
        self._feed_back(holder)
        if stage == "review":
            self._review(holder)

    def _delay(self, holder: Principal) -> None:
        """What keeps a task in handling: an extension asked for, a hold, an urging."""
        drawn = self._rng.random()
        if drawn < EXTENDED and self._draft.due_at:
            due = self._draft.due_at + dt.timedelta(days=2)
            self._do("extend", holder, 1, reason="weather", due=due)
        elif drawn < EXTENDED + HELD:
            review_on = (self._now + dt.timedelta(days=14)).date()
            self._do("hold", self._desk(), 1, reason="season", review_on=review_on)
        elif drawn < EXTENDED + HELD + URGED:
            self._do("urge", self._desk(), 2, note="请抓紧办理。")
        self._go_up()

    def _go_up(self) -> None:
        """What nobody finished went up at its hour, as often as somebody stood above, just as clocks have it."""
        while (at := self._goes_up_at()) and at < self._now:
            self._at = max(self._at, at)
            try:
                self._tell("escalate", SYSTEM, reason="overdue")
            except Problem as problem:
                if problem.code != "nobody_above":
                    raise
                return

    def _goes_up_at(self) -> dt.datetime | None:
        steps = steps_of(self._draft, deadlines.calendar_of(self._draft.clock))
        return next((due.at for due in steps if due.step is ClockStep.ESCALATE), None)

    def _feed_back(self, holder: Principal) -> None:
        limit = (self._draft.due_at or self._at) - (self._draft.assigned_at or self._at)
        hours = self._fate.pace * limit.total_seconds() / 3600
        note = self._fate.note or "已处置完毕。"
        self._do("feedback", holder, hours, note=note, placed=True, photos=self._fate.after)

    def _review(self, holder: Principal) -> None:
        reviewer = self._one_of("reviewer")
        if self._rng.random() < REWORKED:
            self._do("rework", reviewer, self._rng.uniform(0.5, 8), reason="not_thorough", note="请再处理一次。")
            self._feed_back(holder)
        late = self._draft.due_at is not None and self._at > self._draft.due_at
        scores = (self._rng.randint(2, 4) if late else self._rng.randint(4, 5), self._rng.randint(3, 5))
        word = None if self._draft.reporter_id else self._word()
        self._do("pass", reviewer, self._rng.uniform(0.5, 12), scores=scores, satisfied=word)

    def _word(self) -> str:
        if self._rng.random() < DISSATISFIED:
            return "dissatisfied"
        return self._rng.choice(("satisfied", "satisfied", "basically_satisfied"))

    def _holder(self) -> tuple[Principal, Assignee]:
        """The worker whom the sample names, or a unit: the one of the sample, else the one of the category."""
        name = self._fate.assignee or ""
        post = self._cast.posts.get(name)
        if post is not None and self._facts.admitted:
            return self._cast.people[name], Assignee(post_id=post)
        named = self._cast.people.get(name)
        unit = named.unit_id if named and named.unit_id else self._cast.units.get(self._facts.condition.unit_code or "")
        holder = self._cast.handlers.get(unit) if unit else None
        holder = holder or self._one_of("handler")
        return holder, Assignee(unit_id=holder.unit_id)

    def _desk(self) -> Principal:
        return self._one_of("dispatcher")

    def _one_of(self, role: str) -> Principal:
        return self._rng.choice(self._cast.of_role(role))

    def _do(self, action: str, who: Principal, hours: float, **told: Any) -> None:
        """One step, some hours later but before now."""
        self._at += min(dt.timedelta(hours=hours), (self._now - self._at) * OPEN_AT_MOST)
        self._tell(action, who, **told)

    def _tell(
        self,
        action: str,
        who: Principal,
        *,
        note: str | None = None,
        reason: str | None = None,
        placed: bool = False,
        photos: tuple[str, ...] = (),
        **given: Any,
    ) -> None:
        """One step at the time that it is: stage by the table, columns by the effect of the action."""
        draft = self._draft
        stage, outcome = step(action, draft, self._at)
        wanted = {"stage": stage, "outcome": outcome, **EFFECTS[action](draft, Given(who=who, at=self._at, **given))}
        changes = {name: value for name, value in wanted.items() if getattr(draft, name) != value}
        before = draft.stage
        for name, value in changes.items():
            setattr(draft, name, value)
        draft.version += 1
        made = Step(draft.version, action, who, self._at, before, stage, note, reason, changes, placed, photos)
        self._steps.append(made)
