"""What can be wrong with what only phones do: alarms, codes at the desk, lost phones, stops."""

from gridapp.errors.kind import Kind

KINDS: dict[str, Kind] = {
    "alarm_taken": Kind(409, "{who} takes care of it since {when}.", "{who} 已于 {when} 接警处置。"),
    "wrong_code": Kind(
        401,
        "The code is wrong, was used, or is older than ten minutes. Have a new one shown at the desk.",
        "登录码有误、已使用或已超过十分钟，请在工作台重新出示。",
    ),
    "locked_out": Kind(
        401,
        "This phone was reported lost and is locked out. What lies on it is to be erased.",
        "该手机已报失并被锁定，本机数据须清除。",
    ),
    "stop_done": Kind(409, "{who} was there already, {when}.", "{who} 已于 {when} 到访。"),
}
