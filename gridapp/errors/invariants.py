"""What the database keeps, in words: a broken constraint that has no problem of its own is told by its rule.

``tests/house/test_invariants.py`` holds the list against the models.
"""

from __future__ import annotations

ONE_OF_ITS_WORDS = ("a field takes one of the words on its list.", "该字段只能取列表中的值。")
TIMES = ("a span of time has a beginning before its end.", "时间段的开始须早于结束。")
BOTH_OR_NEITHER = ("longitude and latitude stand together or not at all.", "经度与纬度须同时填写或同时留空。")
ONCE = ("this is there already, and only once.", "该内容已存在，不能重复。")
ADDED_ONLY = (
    "what has happened is only ever added to, never changed or deleted.",
    "已发生的记录只能追加，不能修改或删除。",
)
OTHERS = (
    "something that it names is not there any more, or is still needed elsewhere.",
    "所引用的内容已不存在，或仍被其他数据使用。",
)
"""Of a foreign key, and of a constraint that is not ours."""

RULES: dict[str, tuple[str, str]] = {
    **dict.fromkeys(
        (
            "ck_grid_kind",
            "ck_grid_level",
            "ck_unit_level",
            "ck_chain_link_level",
            "ck_chain_link_answerer",
            "ck_person_role",
            "ck_person_language",
            "ck_admission_application_state",
            "ck_contact_letters",
            "ck_letter_state",
            "ck_plan_status",
            "ck_post_kind",
            "ck_stop_kind",
            "ck_token_kind",
            "ck_routing_rule_hours",
            "ck_routing_rule_target",
            "ck_filing_condition_task_class",
            "ck_task_stage",
            "ck_task_outcome",
            "ck_task_source",
            "ck_task_check_kind",
            "ck_assist_outcome",
            "ck_clock_step_step",
            "ck_delivery_state",
            "ck_task_photo_phase",
        ),
        ONE_OF_ITS_WORDS,
    ),
    **dict.fromkeys(
        (
            "ck_post_during_not_empty",
            "ck_shift_during_not_empty",
            "ck_boundary_during_not_empty",
            "ck_leave_during",
            "ck_admission_dates",
            "ck_routing_rule_times",
        ),
        TIMES,
    ),
    **dict.fromkeys(("ck_alarm_place", "ck_stop_place"), BOTH_OR_NEITHER),
    **dict.fromkeys(
        (
            "uq_catalogue_edition_content_hash",
            "uq_chain_link_level",
            "uq_clock_step_once",
            "uq_contact_confirm_hash",
            "uq_data_key_alive",
            "uq_delivery_receiver_id_message_id",
            "uq_letter_person_id_batch",
            "uq_plan_change_step_grid",
            "uq_stop_done_stop_id_day",
            "uq_task_event_task_id_seq",
            "uq_task_number",
            "uq_task_origin_number",
            "uq_token_secret_hash",
        ),
        ONCE,
    ),
    "ck_grid_households": ("a number of households is not below zero.", "户数不能小于零。"),
    "ck_grid_path_ends_in_itself": ("the path of a grid ends in the grid itself.", "网格层级路径须以自身结尾。"),
    "ck_boundary_geom_not_empty": ("a boundary has an area.", "边界不能为空。"),
    "ck_boundary_geom_valid": ("a boundary does not cross itself.", "边界不能自相交。"),
    "ck_photo_sha256": ("a photo is named by its SHA-256.", "照片须以其 SHA-256 命名。"),
    "ck_seal_as_many_digests": ("a seal has one digest for each event.", "每个事件对应一个摘要。"),
    "ck_chain_link_unit": ("only where a unit answers is a unit named.", "仅当由单位负责时才指定单位。"),
    "ck_person_username": ("a user name is written in small letters.", "用户名须为小写且不能为空。"),
    "ck_person_handler_has_unit": ("a handler belongs to a unit.", "经办人须属于某个单位。"),
    "ck_alarm_acknowledged": ("who took care of an alarm stands with when.", "告警的处理人与处理时间须同时记录。"),
    "ck_contact_confirmed_address": ("only an address that is there is confirmed.", "没有邮箱地址则不能确认。"),
    "ck_data_key_destroyed": ("a destroyed key has no salt left.", "已销毁的密钥不得保留盐值。"),
    "ck_plan_published_has_time": ("a published plan says when it was published.", "已发布的方案须有发布时间。"),
    "ck_plan_published_has_start": ("a published plan says from when it holds.", "已发布的方案须有生效时间。"),
    "ck_category_sample_share": ("a share lies between 0 and 1.", "比例须在 0 与 1 之间。"),
    "ck_routing_rule_post": ("a rule for a post names the post.", "派往岗位的规则须指定岗位。"),
    "ck_routing_rule_unit": ("a rule for a unit names the unit.", "派往单位的规则须指定单位。"),
    "ck_task_one_assignee": ("a task lies with one post or one unit.", "任务只能由一个岗位或一个单位承办。"),
    "ck_task_review_is_resolved": ("what stands in review is resolved.", "处于评价阶段的任务须已办结。"),
    "ck_task_resolved_in_review": ("what is resolved stands in review.", "已办结的任务须处于评价阶段。"),
    "ck_task_has_place": ("a task has a position or an address.", "任务须有位置或地址。"),
    "ck_task_merged_has_master": ("a merged task names its master.", "被合并的任务须指明主任务。"),
    "ck_task_not_its_own_master": ("a task is not merged into itself.", "任务不能合并到自身。"),
    "ck_task_check_of": ("a check says what it checks and how.", "核查任务须指明对象与方式。"),
    "ck_task_scores": ("scores lie between 1 and 5.", "评分须在 1 至 5 之间。"),
    "ck_assist_ended": ("an ended part says how it ended.", "已结束的协办须有结果。"),
    "ck_clock_step_result": ("a step that was done says what came of it.", "已执行的时限步骤须有结果。"),
    "task_follows_its_events": ("a task changes by an event alone.", "任务只能通过事件变更。"),
    "task_begins_with_an_event": ("a task begins with an event.", "任务须始于事件。"),
    "assist_follows_its_events": ("a part of a task changes by an event alone.", "协办只能通过事件变更。"),
}


def rule_of(constraint: str | None) -> tuple[str, str]:
    """The rule behind a constraint, in English and Chinese."""
    name = constraint or ""
    return ADDED_ONLY if name.endswith("_append_only") else RULES.get(name, OTHERS)
