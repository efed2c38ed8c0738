"""The five stages as data: which action is possible when, and what it leads to.

*Who* may act stands in ``gridapp.access``; here is only *when*. ``step`` is the one decision about a stage.
Source: the action table of the domain page; order of rows as there.
"""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from gridapp.errors import Problem


class Stage(enum.StrEnum):
    """Where a task stands."""

    REPORT = "report"
    ASSIGN = "assign"
    HANDLE = "handle"
    FEEDBACK = "feedback"
    REVIEW = "review"


class Outcome(enum.StrEnum):
    """How a task ended; none while it is open."""

    RESOLVED = "resolved"
    DISMISSED = "dismissed"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


STAGES: tuple[str, ...] = tuple(s.value for s in Stage)
OUTCOMES: tuple[str, ...] = tuple(o.value for o in Outcome)
SOURCES: tuple[str, ...] = ("worker", "chief", "dispatcher", "handler", "resident", "hotline", "import", "check")
CHECKS: tuple[str, ...] = ("verify", "inspect")
"""Looking on the spot before filing (核实) and after handling (核查)."""

OPEN = (Stage.REPORT, Stage.ASSIGN, Stage.HANDLE, Stage.FEEDBACK)
REOPEN_WITHIN = dt.timedelta(days=7)
REWORKS_THAT_ESCALATE = 3
NOT_MINE = frozenset({"not_mine"})
"""Reasons of a return by which a unit says that the matter is not its own."""
REFUSALS_UNTIL_BACKSTOP = 2
"""After so many of them the district's unit takes the task (兜底)."""

SYSTEM_REASONS: dict[str, tuple[str, str]] = {
    "third_rework": ("third rework", "第三次返工"),
    "overdue": ("overdue for four working hours", "超时四个工作时仍未办结"),
    "review_date": ("the review date of the hold has come", "挂账复核日已到"),
    "routing_rule": ("by a routing rule", "按派遣规则"),
    "auto_assign": ("straight to the worker of the grid", "自动派给网格员"),
    "backstop": ("the district as backstop", "区级兜底"),
    "stand_in": ("to whoever stands in", "移交代班人员"),
    "leads_now": ("it leads now", "已改为主办单位"),
    "nobody_there": ("nobody stands in the post", "岗位无人在岗"),
    "not_admitted": ("the item is not admitted for grid workers any more", "该事项已不再准入网格"),
}
"""Why the system does something, beside the typed reasons of people, which are the catalogue's."""

STAGE_NAMES: dict[str, tuple[str, str]] = {
    "report": ("report", "上报"),
    "assign": ("assign", "派遣"),
    "handle": ("handle", "处置"),
    "feedback": ("feedback", "反馈"),
    "review": ("review", "评价"),
}


class Facts(Protocol):
    """What *when* may look at besides the stage."""

    stage: str
    outcome: str | None
    held_at: dt.datetime | None
    asked_due_at: dt.datetime | None
    closed_at: dt.datetime | None
    returned_at: dt.datetime | None
    check_kind: str | None

    @property
    def asked_units(self) -> list[uuid.UUID]:
        """Units that were asked to assist and have not answered yet."""
        ...

    @property
    def assisting_units(self) -> list[uuid.UUID]:
        """Units that assist now."""
        ...

    @property
    def being_checked(self) -> bool:
        """Whether somebody is on the way to look at it."""
        ...


@dataclass(frozen=True)
class Rule:
    """One row of the table.

    Attributes:
        action: name of the action.
        zh: its Chinese name.
        en: its English name.
        at: stages of an open task in which it is possible; empty for what files a task.
        to: stage that follows; None leaves it.
        outcome: outcome that follows; None leaves the task open.
        needs: fields without which it is refused, of ``reason note photos_after location assignee master due review_on
            scores``.
        takes: further fields that it may carry.
        after: outcome that the task must have had; None means it must be open.
        state: what must hold besides, one of ``STATES``.
        on: kinds of task that it is for: ``task``, or ``check``, which looks at another task on the spot.
    """

    action: str
    zh: str
    en: str
    at: tuple[Stage, ...]
    to: Stage | None = None
    outcome: Outcome | None = None
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    after: Outcome | None = None
    state: str | None = None
    on: tuple[str, ...] = ("task",)


_BOTH, _CHECK = ("task", "check"), ("check",)
_R, _A, _H, _F, _V = Stage.REPORT, Stage.ASSIGN, Stage.HANDLE, Stage.FEEDBACK, Stage.REVIEW

RULES: tuple[Rule, ...] = (
    Rule("report", "上报", "report", (), _R),
    Rule("self_handle", "自行处置", "handle on the spot", (), _F),
    Rule("dismiss", "不予立案", "dismiss", (_R,), outcome=Outcome.DISMISSED, needs=("reason",), takes=("note",)),
    Rule("merge", "合并", "merge", (_R, _A), outcome=Outcome.MERGED, needs=("master",), takes=("note",)),
    Rule("assign", "派遣", "assign", (_R,), _A, needs=("assignee",), takes=("condition", "note", "location")),
    Rule("accept", "接单", "accept", (_A,), _H, takes=("note", "location"), on=_BOTH),
    Rule("return", "退回", "return", (_A, _H), _R, needs=("reason", "note")),
    Rule("acknowledge", "确认退回", "acknowledge the return", (_R,), takes=("note",), state="returned"),
    Rule("transfer", "改派", "transfer", (_A, _H), _A, needs=("assignee", "reason"), takes=("note",), on=_BOTH),
    Rule("escalate", "上呈", "escalate", (_A, _H), _A, needs=("reason",), takes=("note",)),
    Rule(
        "extend", "申请延期", "ask for extension", (_A, _H), needs=("due", "reason"), takes=("note",), state="not_asked"
    ),
    Rule("grant_extension", "同意延期", "grant extension", (_A, _H), takes=("note",), state="asked"),
    Rule("refuse_extension", "不同意延期", "refuse extension", (_A, _H), takes=("note", "reason"), state="asked"),
    Rule("hold", "挂账", "hold", (_H,), needs=("reason", "review_on"), takes=("note",), state="not_held"),
    Rule("resume", "恢复办理", "resume", (_H,), takes=("note",), state="held"),
    Rule("feedback", "反馈", "feed back", (_H,), _F, needs=("note", "photos_after", "location"), takes=("reason",)),
    Rule("pass", "评价通过", "pass", (_F,), _V, Outcome.RESOLVED, needs=("scores",), takes=("note", "satisfied")),
    Rule("rework", "返工", "send back for rework", (_F,), _H, needs=("reason",), takes=("note", "photos")),
    Rule(
        "reopen",
        "重新办理",
        "reopen",
        (_V,),
        _A,
        needs=("reason",),
        takes=("note",),
        after=Outcome.RESOLVED,
        state="just_closed",
    ),
    Rule("withdraw", "撤回", "withdraw", (_R,), outcome=Outcome.WITHDRAWN, needs=("reason",), takes=("note",)),
    Rule("comment", "留言", "comment", OPEN, needs=("note",), takes=("photos",), on=_BOTH),
    Rule("urge", "督办", "urge", OPEN, needs=("note",), on=_BOTH),
    Rule("auto_pass", "自动通过", "pass by itself", (_F,), _V, Outcome.RESOLVED),
    Rule("import", "导入", "import", ()),
    Rule("rehome", "调整网格", "move to another grid", OPEN, on=_BOTH),
    Rule("rebuild", "按事件重建", "rebuild from its events", OPEN, on=_BOTH),
    Rule("freeze", "补记时限", "write the limit down", (_A, _H)),
    Rule("recall", "撤回派遣", "take the assignment back", (_A,), _R, takes=("note",)),
    Rule("involve", "派遣协办", "have a unit assist", (_A, _H), needs=("assignee", "note"), takes=("due",)),
    Rule("assist_accept", "协办接单", "accept to assist", OPEN),
    Rule("assist_feedback", "协办反馈", "feed back as assistant", OPEN, needs=("note",), takes=("photos", "location")),
    Rule("assist_decline", "协办退回", "decline to assist", OPEN, needs=("note",)),
    Rule("assist_escalate", "协办超时", "end a part that is overdue", OPEN),
    Rule("assist_pass_up", "协办上呈", "have the unit above assist", OPEN),
    Rule("assist_freeze", "补记协办时限", "write a part's limit down", OPEN),
    Rule("release", "撤销协办", "release a unit", OPEN, needs=("assignee", "note"), state="assisted"),
    Rule("verify", "核实", "have it verified on the spot", (_R,), takes=("note", "due"), state="not_checked"),
    Rule("inspect", "核查", "have it inspected on the spot", (_F,), takes=("note", "due"), state="not_checked"),
    Rule("check_told", "核查结果", "tell the result of a check", OPEN),
    Rule("check", "派发核查", "send somebody to look", (), _A, on=_CHECK),
    Rule(
        "check_answer",
        "回复核查",
        "answer the check",
        (_A, _H),
        _V,
        Outcome.RESOLVED,
        needs=("reason", "location"),
        takes=("note", "photos"),
        on=_CHECK,
    ),
    Rule("call_off", "取消核查", "call the check off", (_A, _H), outcome=Outcome.WITHDRAWN, takes=("note",), on=_CHECK),
)

STATES: dict[str, Callable[[Facts, dt.datetime], bool]] = {
    "held": lambda task, _at: task.held_at is not None,
    "not_held": lambda task, _at: task.held_at is None,
    "asked": lambda task, _at: task.asked_due_at is not None and task.held_at is None,
    "not_asked": lambda task, _at: task.asked_due_at is None and task.held_at is None,
    "returned": lambda task, _at: task.returned_at is not None,
    "assisted": lambda task, _at: bool(task.asked_units or task.assisting_units),
    "not_checked": lambda task, _at: not task.being_checked,
    "just_closed": lambda task, at: task.closed_at is not None and at - task.closed_at <= REOPEN_WITHIN,
}

BY_ACTION: dict[str, Rule] = {rule.action: rule for rule in RULES}
WITHOUT_VERSION = frozenset({"comment", "urge"})
FILING = frozenset(rule.action for rule in RULES if not rule.at)


def possible(rule: Rule, task: Facts, at: dt.datetime) -> bool:
    """Whether the task's stage, outcome and state allow the action at this time."""
    kind = "check" if task.check_kind else "task"
    if task.stage not in rule.at or task.outcome != rule.after or kind not in rule.on:
        return False
    return rule.state is None or STATES[rule.state](task, at)


def actions_in(task: Facts, at: dt.datetime) -> tuple[Rule, ...]:
    """Rows of the table that the task allows now, whoever asks."""
    return tuple(rule for rule in RULES if possible(rule, task, at))


def step(action: str, task: Facts, at: dt.datetime, allowed: tuple[str, ...] = ()) -> tuple[str, str | None]:
    """Stage and outcome after ``action``.

    Args:
        action: name of the action.
        task: the task now.
        at: the time now.
        allowed: what the asker may do now, named in the refusal.

    Raises:
        Problem: ``not_allowed_now`` where the task does not allow it.
    """
    rule = BY_ACTION.get(action)
    if rule is None or not possible(rule, task, at):
        raise refused(action, task.stage, allowed)
    if rule.after is not None:
        return rule.to or task.stage, rule.outcome
    return rule.to or task.stage, rule.outcome or task.outcome


def refused(action: str, stage: str, allowed: tuple[str, ...]) -> Problem:
    """The typed refusal that names what is allowed now."""
    rule = BY_ACTION.get(action)
    names = [BY_ACTION[name] for name in allowed]
    return Problem(
        "not_allowed_now",
        action=(rule.en, rule.zh) if rule else action,
        stage=STAGE_NAMES[stage],
        allowed=(", ".join(r.en for r in names) or "nothing", "、".join(r.zh for r in names) or "无"),
        extra={"allowed": list(allowed), "stage": stage},
    )
