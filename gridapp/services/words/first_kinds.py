"""What is said to the unit that took a task first and answers for it until another unit accepts it (首接负责)."""

from __future__ import annotations

from gridapp.services.words.kind import FIRST, Kind


def _to_first(en: str, zh: str, many_en: str, many_zh: str, *, urgent: bool = False) -> Kind:
    return Kind(en, zh, many_en, many_zh, until=FIRST, family=FIRST, urgent=urgent)


FIRST_ANSWERABLE: dict[str, Kind] = {
    "first_stays": _to_first(
        "Task #{number} ({matter}) left {unit}, which still answers for it until another unit accepts it.",
        "任务 #{number}（{matter}）已转出，其他单位接单前仍由{unit}首接负责。",
        "{count} tasks left {unit}, which still answers for them until another unit accepts them: {numbers}.",
        "{count} 件任务已转出，其他单位接单前仍由{unit}首接负责：{numbers}。",
    ),
    "first_returned": _to_first(
        "Task #{number} ({matter}) was returned and nobody has it: {unit} still answers for it.",
        "任务 #{number}（{matter}）被退回，尚无单位承办，仍由{unit}首接负责。",
        "{count} tasks were returned and nobody has them: {unit} still answers for them: {numbers}.",
        "{count} 件任务被退回，尚无单位承办，仍由{unit}首接负责：{numbers}。",
    ),
    "first_answer": _to_first(
        "Task #{number} ({matter}) has not been accepted in time: {unit} still answers for it.",
        "任务 #{number}（{matter}）超过接单时限，仍由{unit}首接负责，请跟进。",
        "{count} tasks have not been accepted in time: {unit} still answers for them: {numbers}.",
        "{count} 件任务超过接单时限，仍由{unit}首接负责，请跟进：{numbers}。",
    ),
    "first_yellow": _to_first(
        "Task #{number} ({matter}) is due soon and no other unit accepted it: {unit} still answers for it.",
        "任务 #{number}（{matter}）即将到期，其他单位尚未接单，仍由{unit}首接负责。",
        "{count} tasks are due soon and no other unit accepted them: {unit} still answers for them: {numbers}.",
        "{count} 件任务即将到期，其他单位尚未接单，仍由{unit}首接负责：{numbers}。",
    ),
    "first_red": _to_first(
        "Task #{number} ({matter}) is overdue and no other unit accepted it: {unit} still answers for it.",
        "任务 #{number}（{matter}）已超时，其他单位尚未接单，仍由{unit}首接负责。",
        "{count} tasks are overdue and no other unit accepted them: {unit} still answers for them: {numbers}.",
        "{count} 件任务已超时，其他单位尚未接单，仍由{unit}首接负责：{numbers}。",
        urgent=True,
    ),
    "first_urge": _to_first(
        "Task #{number} ({matter}), for which {unit} still answers, is urged.",
        "{unit}首接负责的任务 #{number}（{matter}）被督办。",
        "{count} tasks for which {unit} still answers are urged: {numbers}.",
        "{unit}首接负责的 {count} 件任务被督办：{numbers}。",
        urgent=True,
    ),
    "first_over": Kind(
        "Another unit accepted task #{number} ({matter}): {unit} need not answer for it any more.",
        "任务 #{number}（{matter}）已由其他单位接单，{unit}不再首接负责。",
        "Other units accepted {count} tasks: {unit} need not answer for them any more: {numbers}.",
        "{count} 件任务已由其他单位接单，{unit}不再首接负责：{numbers}。",
    ),
}
"""By the code that ``notices.tell`` was given."""
