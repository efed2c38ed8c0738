"""What the holder of a task may do after an own action, for phones that have still to send it: from the same tables."""

from __future__ import annotations

from typing import Any

from gridapp.access import ACTIONS, is_assignee
from gridapp.services.tasking.task_actions import LABELS
from gridapp.workflow import OPEN, RULES, Rule, Stage

STATES_UNKNOWN = ("held", "asked")
"""Actions that need one of these are not foreseen: the phone cannot know that they hold."""


def foresight() -> dict[str, Any]:
    """By an action of the holder: the stage that follows and the holder's actions there; ``always`` names the rest."""
    own = [rule for rule in RULES if (is_assignee,) in ACTIONS.get(rule.action, ())]
    after = {
        rule.action: {"stage": rule.to, "actions": [_offered(one) for one in own if _possible(one, rule.to)]}
        for rule in own
        if rule.to is not None
    }
    return {**after, "always": [rule.action for rule in RULES if rule.at == OPEN and rule.needs]}


def _possible(rule: Rule, stage: Stage) -> bool:
    holds_again = stage is not Stage.ASSIGN  # escalated: somebody else has it
    return holds_again and stage in rule.at and rule.state not in STATES_UNKNOWN


def _offered(rule: Rule) -> dict[str, Any]:
    return {"action": rule.action, "en": rule.en, "zh": rule.zh, "fields": _fields(rule)}


def _fields(rule: Rule) -> list[dict[str, Any]]:
    needed = [name.removesuffix("_after") for name in rule.needs]
    names = [*needed, *(name for name in rule.takes if name not in needed)]
    return [{"name": n, "en": LABELS[n][0], "zh": LABELS[n][1], "required": n in needed} for n in names]
