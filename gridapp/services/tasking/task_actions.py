"""What a person may do on a task now, with the fields of each action and what they offer to choose from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gridapp.access import Principal, may_act
from gridapp.models import Task
from gridapp.services import joint
from gridapp.services.editions import categories
from gridapp.services.tasking import assignees
from gridapp.timesource import now
from gridapp.workflow import Rule, actions_in

LABELS: dict[str, tuple[str, str]] = {
    "reason": ("Reason", "原因"),
    "note": ("Words", "说明"),
    "photos": ("Photos", "照片"),
    "location": ("Place", "位置"),
    "assignee": ("Assignee", "派给"),
    "condition": ("Filing condition", "立案条件"),
    "master": ("Master task", "主任务"),
    "due": ("New due time", "新的时限"),
    "review_on": ("Review on", "复核日期"),
    "scores": ("Scores", "评分"),
    "satisfied": ("Resident's word", "居民评价"),
}
OWN_LABELS: dict[tuple[str, str], tuple[str, str]] = {
    ("involve", "assignee"): ("Unit", "协办单位"),
    ("involve", "note"): ("What is asked of it", "协办要求"),
    ("involve", "due"): ("Due", "协办时限"),
    ("release", "assignee"): ("Unit", "协办单位"),
    ("assist_feedback", "note"): ("Result", "办理结果"),
    ("feedback", "reason"): ("Why you do not wait for who assists", "不等待协办单位的原因"),
    ("verify", "note"): ("What to look at", "核实要点"),
    ("verify", "due"): ("Answer by", "核实时限"),
    ("inspect", "note"): ("What to look at", "核查要点"),
    ("inspect", "due"): ("Answer by", "核查时限"),
    ("check_answer", "reason"): ("What you found", "现场情况"),
}
_SATISFIED = [
    {"code": "satisfied", "en": "Satisfied", "zh": "满意"},
    {"code": "basically_satisfied", "en": "Basically satisfied", "zh": "基本满意"},
    {"code": "dissatisfied", "en": "Dissatisfied", "zh": "不满意"},
]


def rules_for(who: Principal, task: Task) -> list[Rule]:
    """Rows of the table that hold for this person, task and time."""
    return [rule for rule in actions_in(task, now()) if may_act(who, rule.action, task)]


def allowed(who: Principal, task: Task) -> tuple[str, ...]:
    """Names of the actions that this person may do now."""
    return tuple(rule.action for rule in rules_for(who, task))


def offered(who: Principal, task: Task) -> list[dict[str, Any]]:
    """The actions with their fields and choices, in the order of the table."""
    return [
        {"action": rule.action, "en": rule.en, "zh": rule.zh, "fields": _fields(who, task, rule)}
        for rule in rules_for(who, task)
    ]


def _fields(who: Principal, task: Task, rule: Rule) -> list[dict[str, Any]]:
    if rule.action == "feedback":
        needed = ("reason",) if joint.needs_reason(task) else ()
        rule = replace(rule, needs=(*rule.needs, *needed), takes=())
    fields = [
        _field(who, task, rule, name.removesuffix("_after"), required=True, count=_count(task, name))
        for name in rule.needs
    ]
    taken = {field["name"] for field in fields}
    more = [name for name in rule.takes if name not in taken and not (name == "condition" and _one_condition(task))]
    return fields + [_field(who, task, rule, name, required=False) for name in more]


def _one_condition(task: Task) -> bool:
    """Whether the category leaves nothing to choose."""
    return len(categories.conditions_of(task)) == 1


def _assignees(who: Principal, task: Task, action: str) -> list[dict[str, Any]]:
    if action == "involve":
        return joint.units_to_involve(who, task)
    return joint.units_to_release(task) if action == "release" else assignees.choices(who, task)


def _count(task: Task, name: str) -> int:
    return categories.facts(task.category_code, task.edition).photos_after if name == "photos_after" else 0


def _field(who: Principal, task: Task, rule: Rule, name: str, *, required: bool, count: int = 0) -> dict[str, Any]:
    en, zh = OWN_LABELS.get((rule.action, name)) or LABELS[name]
    field: dict[str, Any] = {"name": name, "en": en, "zh": zh, "required": required and (name != "photos" or count > 0)}
    if name == "photos":
        field["count"] = count
    if name == "reason":
        field["choices"] = categories.reasons_of(task, rule.action)
    if name == "assignee":
        field["choices"] = _assignees(who, task, rule.action)
    if name == "condition":
        field |= {"choices": categories.conditions_of(task), "chosen": categories.condition_of(task).code}
    if name == "satisfied":
        field["choices"] = _SATISFIED
    return field
