"""Clocks, rules and who answers."""

from gridapp.errors.kind import Kind

KINDS: dict[str, Kind] = {
    "backstop_holds": Kind(
        409,
        "Two units said that it is not theirs, so it stays here. Ask the dispatcher to transfer it.",
        "已有两次“不属于本单位职责”，由兜底单位负责，不能再以此退回；如需调整，请联系派遣员改派。",
    ),
    "first_answerable_holds": Kind(
        409,
        "Your unit said before that it is not theirs, and answers for it until another unit accepts it. "
        "Ask the dispatcher to transfer it.",
        "本单位已表示“不属于本单位职责”，其他单位接单前仍由本单位首接负责，不能再次以此退回；请联系派遣员改派。",
    ),
    "leave_overlaps": Kind(
        409,
        "There is a leave at that time already. End it first, or choose other hours.",
        "该时段已有请假记录，请先结束原记录或选择其他时间。",
    ),
    "not_whole_house": Kind(
        403,
        "This holds for the whole house: only an administrator of the whole district can change it.",
        "该设置适用于全区，只有区级管理员可以修改。",
    ),
}
CONSTRAINTS: dict[str, str] = {"ex_leave_one_at_a_time": "leave_overlaps"}
