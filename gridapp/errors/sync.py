"""What can be wrong with an item of a queue."""

from gridapp.errors.kind import Kind

KINDS: dict[str, Kind] = {
    "not_queueable": Kind(
        422,
        "{method} {path} is no call that a queue can hold. Send it by itself.",
        "{method} {path} 不能放入离线队列，请单独发送。",
    ),
}
