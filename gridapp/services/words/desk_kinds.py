"""What is said to those who decide about a task, and to its holder of what they decided."""

from __future__ import annotations

from gridapp.services.words.kind import ASKED, AT_WORK, FED_BACK, HELD, REPORTED, Kind

DESK: dict[str, Kind] = {
    "task_extend": Kind(
        "More time is asked for on task #{number} ({matter}): grant or refuse it.",
        "任务 #{number}（{matter}）申请延期，请审批。",
        "More time is asked for on {count} tasks: {numbers}.",
        "{count} 件任务申请延期，请审批：{numbers}。",
        until=ASKED,
    ),
    "task_feedback": Kind(
        "Task #{number} ({matter}) was fed back and waits for review.",
        "任务 #{number}（{matter}）已反馈，请评价。",
        "{count} tasks were fed back and wait for review: {numbers}.",
        "{count} 件任务已反馈，请评价：{numbers}。",
        until=FED_BACK,
    ),
    "review_nobody_there": Kind(
        "Task #{number} ({matter}) waits for review and nobody is there who may review it: call in a reviewer.",
        "任务 #{number}（{matter}）待评价，但没有可评价的人员，请安排核查评价员。",
        "{count} tasks wait for review and nobody is there who may review them: {numbers}.",
        "{count} 件任务待评价，但没有可评价的人员：{numbers}。",
        until=FED_BACK,
    ),
    "task_urge_review": Kind(
        "Task #{number} ({matter}), which waits for review, is urged.",
        "待评价的任务 #{number}（{matter}）被督办，请尽快评价。",
        "{count} tasks that wait for review are urged: {numbers}.",
        "{count} 件待评价的任务被督办，请尽快评价：{numbers}。",
        until=FED_BACK,
        urgent=True,
    ),
    "task_hold": Kind(
        "Task #{number} ({matter}) is on hold: its clock stands still.",
        "任务 #{number}（{matter}）已挂账，暂停计时。",
        "{count} of your tasks are on hold: {numbers}.",
        "您的 {count} 件任务已挂账，暂停计时：{numbers}。",
        until=HELD,
        family="hold",
    ),
    "task_resume": Kind(
        "The hold of task #{number} ({matter}) is over.",
        "任务 #{number}（{matter}）挂账结束，请继续办理。",
        "The hold of {count} tasks is over: {numbers}.",
        "{count} 件任务挂账结束，请继续办理：{numbers}。",
        until=HELD,
        family="hold",
    ),
    "task_left": Kind(
        "Task #{number} ({matter}) went to somebody else; it is not yours any more.",
        "任务 #{number}（{matter}）已转由他人办理，不再由您办理。",
        "{count} tasks went to somebody else; they are not yours any more: {numbers}.",
        "{count} 件任务已转由他人办理，不再由您办理：{numbers}。",
    ),
    "task_off": Kind(
        "Task #{number} ({matter}) was taken back or merged into another: there is nothing for you to do on it.",
        "任务 #{number}（{matter}）已撤回派遣或并入其他任务，无需您办理。",
        "{count} tasks were taken back or merged into others: there is nothing for you to do on them: {numbers}.",
        "{count} 件任务已撤回派遣或并入其他任务，无需您办理：{numbers}。",
    ),
    "task_urge_desk": Kind(
        "Task #{number} ({matter}) is urged and nobody has it yet: decide who takes it.",
        "任务 #{number}（{matter}）被督办，尚未派遣，请尽快处理。",
        "{count} tasks that nobody has yet are urged: {numbers}.",
        "{count} 件尚未派遣的任务被督办：{numbers}。",
        until=REPORTED,
        urgent=True,
    ),
    "rework_nobody_above": Kind(
        "Task #{number} ({matter}) came back for rework again and nobody stands above to take it: transfer it.",
        "任务 #{number}（{matter}）多次返工，且上级无人承接，请改派。",
        "{count} tasks came back for rework again and nobody stands above to take them: {numbers}.",
        "{count} 件任务多次返工，且上级无人承接：{numbers}。",
        until=AT_WORK,
    ),
}
"""By the code that ``notices.tell`` was given."""
