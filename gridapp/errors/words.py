"""What can be wrong with what is said to people."""

from gridapp.errors.kind import Kind

KINDS: dict[str, Kind] = {
    "link_void": Kind(
        404,
        "This link was used or is too old. Sign in and have another letter sent under Messages.",
        "该链接已使用或已过期，请登录后在“消息”中重新发送确认邮件。",
    ),
}
