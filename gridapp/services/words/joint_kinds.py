"""What is said of joint work: to the units that assist, to the lead, to who asked, to the desk."""

from __future__ import annotations

from gridapp.services.words.kind import ASSISTING, PART, Kind

JOINT: dict[str, Kind] = {
    "task_involve": Kind(
        "{unit} is asked to assist in task #{number} ({matter}).",
        "请{unit}协办任务 #{number}（{matter}）。",
        "{unit} is asked to assist in {count} tasks: {numbers}.",
        "请{unit}协办 {count} 件任务：{numbers}。",
        until=ASSISTING,
    ),
    "task_release": Kind(
        "{unit} need not assist in task #{number} ({matter}) any more.",
        "任务 #{number}（{matter}）不再需要{unit}协办。",
        "{unit} need not assist in {count} tasks any more: {numbers}.",
        "{count} 件任务不再需要{unit}协办：{numbers}。",
    ),
    "task_assist_accept": Kind(
        "{unit} assists in task #{number} ({matter}).",
        "{unit}已接单协办任务 #{number}（{matter}）。",
        "{unit} assists in {count} tasks: {numbers}.",
        "{unit}已接单协办 {count} 件任务：{numbers}。",
    ),
    "task_assist_feedback": Kind(
        "{unit} has done its part of task #{number} ({matter}).",
        "{unit}已办结任务 #{number}（{matter}）的协办部分。",
        "{unit} has done its part of {count} tasks: {numbers}.",
        "{unit}已办结 {count} 件任务的协办部分：{numbers}。",
    ),
    "task_assist_decline": Kind(
        "{unit} declines to assist in task #{number} ({matter}).",
        "{unit}退回任务 #{number}（{matter}）的协办。",
        "{unit} declines to assist in {count} tasks: {numbers}.",
        "{unit}退回 {count} 件任务的协办：{numbers}。",
    ),
    "task_assist_escalate": Kind(
        "The part of {unit} in task #{number} ({matter}) was overdue and went one level up; it is not yours any more.",
        "{unit}协办任务 #{number}（{matter}）超时，已自动上呈，不再由您协办。",
        "The parts of {unit} in {count} tasks were overdue and went one level up: {numbers}.",
        "{unit}协办的 {count} 件任务超时，已自动上呈：{numbers}。",
    ),
    "task_assist_pass_up": Kind(
        "A part of task #{number} ({matter}) was overdue and went one level up: {unit} assists instead.",
        "任务 #{number}（{matter}）的协办超时，已上呈{unit}协办。",
        "Parts of {count} tasks were overdue and went one level up: {numbers}.",
        "{count} 件任务的协办超时，已自动上呈：{numbers}。",
    ),
    "task_urge_assist": Kind(
        "Task #{number} ({matter}), in which {unit} assists, is urged.",
        "{unit}协办的任务 #{number}（{matter}）被督办。",
        "{count} tasks in which {unit} assists are urged: {numbers}.",
        "{unit}协办的 {count} 件任务被督办：{numbers}。",
        until=ASSISTING,
        urgent=True,
    ),
    "assist_nobody_there": Kind(
        "{unit}, which is asked to assist in task #{number} ({matter}), has no handlers: release or replace it.",
        "请求协办任务 #{number}（{matter}）的{unit}没有经办人，请撤销协办或另派单位。",
        "Units without handlers are asked to assist in {count} tasks: {numbers}.",
        "{count} 件任务的协办单位没有经办人，请撤销协办或另派单位：{numbers}。",
        until=ASSISTING,
    ),
    "clock_assist_answer": Kind(
        "{unit} has not accepted in time to assist in task #{number} ({matter}).",
        "{unit}超过接单时限，请尽快接单协办任务 #{number}（{matter}）。",
        "{unit} has not accepted in time to assist in {count} tasks: {numbers}.",
        "{unit}有 {count} 件协办任务超过接单时限：{numbers}。",
        until=ASSISTING,
        family=PART,
    ),
    "clock_assist_yellow": Kind(
        "The part of {unit} in task #{number} ({matter}) is due soon.",
        "{unit}协办任务 #{number}（{matter}）即将到期。",
        "The parts of {unit} in {count} tasks are due soon: {numbers}.",
        "{unit}协办的 {count} 件任务即将到期：{numbers}。",
        until=ASSISTING,
        family=PART,
    ),
    "clock_assist_red": Kind(
        "The part of {unit} in task #{number} ({matter}) is overdue.",
        "{unit}协办任务 #{number}（{matter}）已超时。",
        "{count} parts of joint tasks are overdue: {numbers}.",
        "{count} 项协办已超时：{numbers}。",
        until=ASSISTING,
        urgent=True,
    ),
    "clock_assist_nobody_above": Kind(
        "The part of {unit} in task #{number} ({matter}) is overdue and no unit stands above: release or replace it.",
        "{unit}协办任务 #{number}（{matter}）已超时，且上级无单位承接，请撤销协办或另派单位。",
        "{count} parts of joint tasks are overdue and no unit stands above: {numbers}.",
        "{count} 项协办已超时，且上级无单位承接：{numbers}。",
        until=ASSISTING,
        urgent=True,
    ),
}
"""By the code that ``notices.tell`` was given."""
