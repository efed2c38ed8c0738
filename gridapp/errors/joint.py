"""Joint work, checks on the spot, and admission."""

from gridapp.errors.kind import Kind

KINDS: dict[str, Kind] = {
    "assists_already": Kind(
        409,
        "The unit assists in this task already. Wait for its result, or release it first.",
        "该单位已在协办此任务，请等待其结果或先撤销协办。",
    ),
    "checked_already": Kind(
        409,
        "A check of this task is under way. Wait for its answer, or call it off first.",
        "此任务已有核查在进行，请等待结果或先取消核查。",
    ),
    "nobody_to_check": Kind(
        409,
        "Nobody stands in the grids of this place who could check it without having reported or handled it.",
        "该位置所在网格没有可核查的人员（上报人、处置人不能核查本人的任务）。",
    ),
    "nobody_advised": Kind(
        409,
        "Nobody in your scope can be advised for it. Choose somebody by hand.",
        "您的管辖范围内没有可建议的人员或单位，请手动选择。",
    ),
    "applied_already": Kind(
        409,
        "The unit has applied for this item already. Wait for the decision, or withdraw the application.",
        "该单位已就此事项提出申请，请等待决定或撤回申请。",
    ),
    "self_handling_not_admitted": Kind(
        409,
        "The item {item} is not admitted for grid workers here, so it does not count as handled on the spot. "
        "It is kept as an ordinary report, with what you did: somebody else decides about it.",
        "事项“{item}”在此区域未准入网格，不能按自行处置办结；已作为普通上报保留（含您的处置情况），等待派遣。",
    ),
    "application_closed": Kind(
        409, "The application is decided or withdrawn and cannot be changed.", "该申请已办结或已撤回，不能再修改。"
    ),
}

CONSTRAINTS: dict[str, str] = {
    "ux_assist_open": "assists_already",
    "ux_task_open_check": "checked_already",
    "ux_admission_application_open": "applied_already",
}
