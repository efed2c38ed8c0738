"""Tasks and their stages."""

from gridapp.errors.kind import Kind

KINDS: dict[str, Kind] = {
    "separation_of_duties": Kind(
        403,
        "Whoever handled or fed back a task cannot review it. Ask another reviewer.",
        "处置或反馈人不能评价同一任务，请由其他核查员评价。",
    ),
    "not_allowed_now": Kind(
        409,
        "“{action}” is not possible in stage {stage}. Possible now: {allowed}.",
        "当前阶段（{stage}）不能进行“{action}”。现在可以：{allowed}。",
    ),
    "nobody_above": Kind(
        409,
        "Nobody above can take the task. Transfer it, or set up a unit for the area.",
        "上级没有可承接的岗位或单位，请改派或先为该区域设置责任单位。",
    ),
    "changed_meanwhile": Kind(
        412,
        "{who} was first: {action}, {when}. Look at it as it is now and decide again.",
        "{who} 已先行处理：{action}，{when}。请查看最新情况后再决定。",
    ),
}
