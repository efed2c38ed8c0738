"""What can be wrong with any request: its form, its sender, its size, or the server."""

from gridapp.errors.kind import Kind

KINDS: dict[str, Kind] = {
    "bad_request": Kind(400, "The request cannot be understood: {why}", "无法理解该请求：{why}"),
    "not_json": Kind(
        400, "The body is not JSON: {why}. Send one JSON document.", "请求体不是 JSON：{why}。请发送一个 JSON 文档。"
    ),
    "unauthenticated": Kind(401, "Sign in first.", "请先登录。"),
    "forbidden": Kind(403, "Your role or person may not do this: {why}", "您的角色或身份不能进行此操作：{why}"),
    "cross_site": Kind(403, "The request came from another site and was refused.", "请求来自其他站点，已拒绝。"),
    "not_found": Kind(404, "Not there, or not in your scope.", "不存在，或不在您的管辖范围内。"),
    "method_not_allowed": Kind(405, "This address does not know the method {method}.", "该地址不支持 {method} 方法。"),
    "id_reused": Kind(
        409,
        "The id {id} is already used for other content. Make a new id.",
        "编号 {id} 已用于其他内容，请使用新的编号。",
    ),
    "conflict": Kind(409, "This collides with what is there: {why}", "与现有数据冲突：{why}"),
    "cursor_too_old": Kind(
        410, "The cursor is older than the log. Start afresh without it.", "游标早于日志保留期，请不带游标重新同步。"
    ),
    "too_large": Kind(413, "Larger than the {limit} allowed. Send less.", "超过上限 {limit}，请减小后再发送。"),
    "wrong_type": Kind(
        415, "This type is not taken here: {type}. Taken are: {known}.", "不支持的类型：{type}。支持：{known}。"
    ),
    "range_not_satisfiable": Kind(
        416, "There is no such part: see Content-Range for the length.", "没有所请求的部分，总长度见 Content-Range。"
    ),
    "invalid": Kind(422, "Some fields are not right: {fields}.", "部分字段有误：{fields}。"),
    "version_missing": Kind(428, "Send If-Match with the version that you saw.", "请在 If-Match 中带上您看到的版本。"),
    "too_many": Kind(429, "Too many requests. Wait {seconds} s.", "请求过于频繁，请等待 {seconds} 秒。"),
    "checksum_differs": Kind(
        460,
        "The bytes do not match their checksum. What was sent is dropped; send it again.",
        "内容与校验值不符，已丢弃，请重新发送。",
    ),
    "internal": Kind(
        500,
        "Something broke on our side. It is logged under {ref}; what you saved before is safe.",
        "系统内部出错，已记录（{ref}）；此前保存的内容不受影响。",
    ),
    "busy": Kind(503, "The server is busy. Try again in {seconds} s.", "服务器繁忙，请 {seconds} 秒后重试。"),
}
