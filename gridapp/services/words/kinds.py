"""What each kind of notice says, in both languages, and what it is for; joint work and deciding have their rooms."""

from __future__ import annotations

from gridapp.services.words.desk_kinds import DESK
from gridapp.services.words.first_kinds import FIRST_ANSWERABLE
from gridapp.services.words.joint_kinds import JOINT
from gridapp.services.words.kind import AT_WORK, CLOCK, HELD, REPORTED, Kind


def _to_holder(
    en: str, zh: str, many_en: str, many_zh: str, *, family: str | None = None, urgent: bool = False
) -> Kind:
    return Kind(en, zh, many_en, many_zh, until=HELD, family=family, urgent=urgent)


KINDS: dict[str, Kind] = {
    "task_resolved": Kind(
        "Task #{number} ({matter}), which you reported, is settled.",
        "您上报的任务 #{number}（{matter}）已办结。",
        "{count} tasks that you reported are settled: {numbers}.",
        "您上报的 {count} 件任务已办结：{numbers}。",
    ),
    "task_dismissed": Kind(
        "Task #{number} ({matter}), which you reported, was not filed.",
        "您上报的任务 #{number}（{matter}）不予立案。",
        "{count} tasks that you reported were not filed: {numbers}.",
        "您上报的 {count} 件任务不予立案：{numbers}。",
    ),
    "task_withdrawn": Kind(
        "Task #{number} ({matter}) was withdrawn.",
        "任务 #{number}（{matter}）已撤回。",
        "{count} tasks were withdrawn: {numbers}.",
        "{count} 件任务已撤回：{numbers}。",
    ),
    "task_merged": Kind(
        "Your report #{number} was merged into task #{master}; you will be told when it ends.",
        "您的上报 #{number} 已并入任务 #{master}，办结时会通知您。",
        "{count} of your reports were merged: {numbers}.",
        "您的 {count} 件上报已合并：{numbers}。",
    ),
    "task_assign": _to_holder(
        "Task #{number} ({matter}) was given to you.",
        "任务 #{number}（{matter}）已派给您。",
        "{count} tasks were given to you: {numbers}.",
        "{count} 件任务已派给您：{numbers}。",
    ),
    "task_transfer": _to_holder(
        "Task #{number} ({matter}) was transferred to you.",
        "任务 #{number}（{matter}）已改派给您。",
        "{count} tasks were transferred to you: {numbers}.",
        "{count} 件任务已改派给您：{numbers}。",
    ),
    "task_escalate": _to_holder(
        "Task #{number} ({matter}) was escalated to you.",
        "任务 #{number}（{matter}）已上呈给您。",
        "{count} tasks were escalated to you: {numbers}.",
        "{count} 件任务已上呈给您：{numbers}。",
        family=CLOCK,
    ),
    "task_rework": _to_holder(
        "Task #{number} ({matter}) came back to you for rework.",
        "任务 #{number}（{matter}）被退回返工。",
        "{count} tasks came back to you for rework: {numbers}.",
        "{count} 件任务被退回返工：{numbers}。",
    ),
    "task_reopen": _to_holder(
        "Task #{number} ({matter}) was reopened.",
        "任务 #{number}（{matter}）已重新办理。",
        "{count} tasks of yours were reopened: {numbers}.",
        "您的 {count} 件任务已重新办理：{numbers}。",
    ),
    "task_urge": _to_holder(
        "Task #{number} ({matter}) is urged.",
        "任务 #{number}（{matter}）被督办。",
        "{count} tasks of yours are urged: {numbers}.",
        "您的 {count} 件任务被督办：{numbers}。",
        urgent=True,
    ),
    "task_grant_extension": _to_holder(
        "Your extension for task #{number} was granted.",
        "任务 #{number} 的延期申请已同意。",
        "{count} of your extensions were granted: {numbers}.",
        "您的 {count} 件延期申请已同意：{numbers}。",
    ),
    "task_refuse_extension": _to_holder(
        "Your extension for task #{number} was refused.",
        "任务 #{number} 的延期申请未获同意。",
        "{count} of your extensions were refused: {numbers}.",
        "您的 {count} 件延期申请未获同意：{numbers}。",
    ),
    "task_rehome": _to_holder(
        "Task #{number} ({matter}) came to your grid by the new boundary of “{plan}”.",
        "因边界调整“{plan}”，任务 #{number}（{matter}）转入您的网格。",
        "{count} tasks came to your grid by the new boundary of “{plan}”: {numbers}.",
        "因边界调整“{plan}”，{count} 件任务转入您的网格：{numbers}。",
    ),
    "task_taken": Kind(
        "Task #{number} ({matter}) was overdue and went one level up; it is not yours any more.",
        "任务 #{number}（{matter}）超时，已自动上呈，不再由您办理。",
        "{count} tasks were overdue and went one level up: {numbers}.",
        "{count} 件任务超时，已自动上呈：{numbers}。",
    ),
    "task_closed_there": Kind(
        "Task #{number} ({matter}) was settled by the system that it came from; it is not yours any more.",
        "任务 #{number}（{matter}）已由来源系统办结，不再由您办理。",
        "{count} tasks were settled by the system that they came from: {numbers}.",
        "{count} 件任务已由来源系统办结：{numbers}。",
    ),
    "task_nobody_there": Kind(
        "Task #{number} ({matter}) is with a unit that has no handlers, so nobody there was told: transfer it.",
        "任务 #{number}（{matter}）所在的责任单位没有经办人，无人收到通知，请改派。",
        "{count} tasks are with units that have no handlers: {numbers}.",
        "{count} 件任务所在的责任单位没有经办人：{numbers}。",
        until=AT_WORK,
    ),
    "task_return": Kind(
        "Task #{number} ({matter}) was returned: decide who takes it.",
        "任务 #{number}（{matter}）被退回，请重新派遣。",
        "{count} tasks were returned: {numbers}.",
        "{count} 件任务被退回：{numbers}。",
        until=REPORTED,
        family="returned",
    ),
    "clock_returned": Kind(
        "Task #{number} ({matter}) was returned and nobody has looked at it yet.",
        "任务 #{number}（{matter}）退回后尚未处理，请尽快确认。",
        "{count} returned tasks still wait: {numbers}.",
        "{count} 件退回任务尚未处理：{numbers}。",
        until=REPORTED,
        family="returned",
        urgent=True,
    ),
    "clock_answer": _to_holder(
        "Task #{number} ({matter}) has not been accepted in time.",
        "任务 #{number}（{matter}）超过接单时限，请尽快接单。",
        "{count} tasks have not been accepted in time: {numbers}.",
        "{count} 件任务超过接单时限：{numbers}。",
        family=CLOCK,
    ),
    "clock_yellow": _to_holder(
        "Task #{number} ({matter}) is due soon.",
        "任务 #{number}（{matter}）即将到期。",
        "{count} tasks are due soon: {numbers}.",
        "{count} 件任务即将到期：{numbers}。",
        family=CLOCK,
    ),
    "clock_empty_answer": _to_holder(
        "Task #{number} ({matter}) has not been accepted in time, and nobody of {unit} is there to accept it.",
        "任务 #{number}（{matter}）超过接单时限，{unit}无人经办，请处理或改派。",
        "{count} tasks have not been accepted in time, and nobody is there to accept them: {numbers}.",
        "{count} 件任务超过接单时限且无人经办，请处理或改派：{numbers}。",
        family=CLOCK,
    ),
    "clock_empty_yellow": _to_holder(
        "Task #{number} ({matter}) is due soon, and nobody of {unit} is there to handle it.",
        "任务 #{number}（{matter}）即将到期，{unit}无人经办，请处理或改派。",
        "{count} tasks are due soon, and nobody is there to handle them: {numbers}.",
        "{count} 件任务即将到期且无人经办，请处理或改派：{numbers}。",
        family=CLOCK,
    ),
    "clock_red": Kind(
        "Task #{number} ({matter}) is overdue.",
        "任务 #{number}（{matter}）已超时。",
        "{count} tasks are overdue: {numbers}.",
        "{count} 件任务已超时：{numbers}。",
        until=AT_WORK,
        family=CLOCK,
        urgent=True,
    ),
    "clock_nobody_above": Kind(
        "Task #{number} ({matter}) is overdue and nobody stands above to take it: transfer it.",
        "任务 #{number}（{matter}）已超时，且上级无人承接，请改派。",
        "{count} tasks are overdue and nobody stands above to take them: {numbers}.",
        "{count} 件任务已超时，且上级无人承接：{numbers}。",
        until=AT_WORK,
        family=CLOCK,
        urgent=True,
    ),
    **JOINT,
    **DESK,
    **FIRST_ANSWERABLE,
    "task_check": _to_holder(
        "Look on the spot at what task #{of} ({matter}) is about: check #{number}.",
        "请到现场核查任务 #{of}（{matter}）：核查单 #{number}。",
        "{count} checks on the spot were given to you: {numbers}.",
        "{count} 件现场核查已派给您：{numbers}。",
    ),
    "check_answered": Kind(
        "The check of task #{number} ({matter}) is answered.",
        "任务 #{number}（{matter}）的现场核查已有结果。",
        "The checks of {count} tasks are answered: {numbers}.",
        "{count} 件任务的现场核查已有结果：{numbers}。",
    ),
    "check_unanswered": Kind(
        "The check of task #{number} ({matter}) ended without an answer.",
        "任务 #{number}（{matter}）的现场核查未获答复。",
        "The checks of {count} tasks ended without an answer: {numbers}.",
        "{count} 件任务的现场核查未获答复：{numbers}。",
    ),
    "admission_applied": Kind(
        "{unit} applies that “{item}” be admitted for grid workers.", "{unit}申请将“{item}”准入网格，请审定。"
    ),
    "admission_admitted": Kind("“{item}” is admitted for grid workers.", "“{item}”已准入网格。"),
    "admission_refused": Kind("“{item}” is not admitted for grid workers.", "“{item}”未获准入网格。"),
    "receiver_stopped": Kind(
        "Messages to “{name}” have stopped: the receiver took none after all tries. See Administration, Receivers.",
        "发往“{name}”的消息已停止：多次重试后对方仍未接收，请到“管理 - 接收方”处理。",
        urgent=True,
    ),
}
"""By the code that ``notices.tell`` was given."""

UNKNOWN = Kind(
    "There is news of task #{number} ({matter}).",
    "任务 #{number}（{matter}）有新消息。",
    "There is news of {count} tasks: {numbers}.",
    "{count} 件任务有新消息：{numbers}。",
)


def overtaken_by(until: str) -> tuple[str, ...]:
    """Codes of the kinds that are overtaken at the same turn."""
    return tuple(code for code, kind in KINDS.items() if kind.until == until)


def family_of(code: str) -> tuple[str, ...]:
    """Codes of the family that a kind belongs to; none where it has no family."""
    family = KINDS.get(code, UNKNOWN).family
    return tuple(other for other, kind in KINDS.items() if kind.family == family) if family else ()


def is_urgent(code: str) -> bool:
    """Whether letters of this kind go out in quiet hours."""
    return KINDS.get(code, UNKNOWN).urgent
