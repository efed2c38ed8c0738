"""Everything that can go wrong for a user, once: a code that never changes, a status, words in both languages.

Doors turn a ``Problem`` into ``application/problem+json`` or a page fragment. Constraints of the database have names;
``problem_of`` translates the name of a broken one into its problem: let the database validate, then translate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """A kind of problem: HTTP status and the sentence in English and Chinese, with ``{names}`` of parameters."""

    status: int
    en: str
    zh: str


KINDS: dict[str, Kind] = {
    "bad_request": Kind(400, "The request cannot be understood: {why}", "无法理解该请求：{why}"),
    "not_json": Kind(
        400, "The body is not JSON: {why}. Send one JSON document.", "请求体不是 JSON：{why}。请发送一个 JSON 文档。"
    ),
    "unauthenticated": Kind(401, "Sign in first.", "请先登录。"),
    "wrong_credentials": Kind(401, "User name or password is wrong.", "用户名或密码错误。"),
    "forbidden": Kind(403, "Your role or person may not do this: {why}", "您的角色或身份不能进行此操作：{why}"),
    "separation_of_duties": Kind(
        403,
        "Whoever handled or fed back a task cannot review it. Ask another reviewer.",
        "处置或反馈人不能评价同一任务，请由其他核查员评价。",
    ),
    "cross_site": Kind(403, "The request came from another site and was refused.", "请求来自其他站点，已拒绝。"),
    "not_found": Kind(404, "Not there, or not in your scope.", "不存在，或不在您的管辖范围内。"),
    "method_not_allowed": Kind(405, "This address does not know the method {method}.", "该地址不支持 {method} 方法。"),
    "not_allowed_now": Kind(
        409,
        "“{action}” is not possible in stage {stage}. Possible now: {allowed}.",
        "当前阶段（{stage}）不能进行“{action}”。现在可以：{allowed}。",
    ),
    "id_reused": Kind(
        409,
        "The id {id} is already used for other content. Make a new id.",
        "编号 {id} 已用于其他内容，请使用新的编号。",
    ),
    "conflict": Kind(409, "This collides with what is there: {why}", "与现有数据冲突：{why}"),
    "grid_has_worker": Kind(
        409,
        "The grid already has a worker in that time. End the present post first.",
        "该网格在此期间已有网格员，请先结束现有岗位。",
    ),
    "worker_has_grid": Kind(
        409,
        "The worker already has a grid in that time. End the present post first.",
        "该网格员在此期间已有网格，请先结束现有岗位。",
    ),
    "boundary_overlap": Kind(
        409,
        "The grid already has a boundary in that time. Choose a later start.",
        "该网格在此期间已有边界版本，请选择更晚的生效时间。",
    ),
    "plan_overtaken": Kind(
        409,
        "The plan “{plan}” has redrawn {grid} meanwhile. Make a new plan on the boundaries as they are now.",
        "方案“{plan}”已改划{grid}的边界，请在现行边界上新建方案。",
    ),
    "plan_faulty": Kind(
        409,
        "{count} faults of the drawing are left. Mend those that are listed, then publish.",
        "图形还有 {count} 处错误，请先处理列出的错误再发布。",
    ),
    "plan_empty": Kind(
        409, "The plan changes no boundary yet. Redraw a grid first.", "方案还没有改动边界，请先改划网格。"
    ),
    "edit_refused": Kind(409, "{why}", "{why}"),
    "plan_closed": Kind(
        409,
        "The plan is published or discarded and cannot be changed. Make a new one.",
        "方案已发布或作废，不能再修改，请新建方案。",
    ),
    "plan_changed": Kind(
        412,
        "Somebody else has drawn in this plan meanwhile. Load it again and go on from there.",
        "其他人已修改该方案，请重新载入后继续。",
    ),
    "already_on_duty": Kind(409, "There is already a shift in that time.", "该时间段内已有在岗记录。"),
    "code_taken": Kind(
        409,
        "The code {used} is taken or was used by a retired grid. Choose another.",
        "编码 {used} 已被使用或属于已停用的网格，请更换。",
    ),
    "username_taken": Kind(409, "The user name is taken. Choose another.", "用户名已被占用，请更换。"),
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
    "cursor_too_old": Kind(
        410, "The cursor is older than the log. Start afresh without it.", "游标早于日志保留期，请不带游标重新同步。"
    ),
    "too_large": Kind(413, "Larger than the {limit} allowed. Send less.", "超过上限 {limit}，请减小后再发送。"),
    "wrong_type": Kind(
        415, "This type is not taken here: {type}. Taken are: {known}.", "不支持的类型：{type}。支持：{known}。"
    ),
    "invalid": Kind(422, "Some fields are not right: {fields}.", "部分字段有误：{fields}。"),
    "version_missing": Kind(428, "Send If-Match with the version that you saw.", "请在 If-Match 中带上您看到的版本。"),
    "too_many": Kind(429, "Too many requests. Wait {seconds} s.", "请求过于频繁，请等待 {seconds} 秒。"),
    "locked": Kind(
        429,
        "Too many wrong passwords. Sign-in is locked for {minutes} minutes.",
        "密码错误次数过多，登录已锁定 {minutes} 分钟。",
    ),
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

CONSTRAINTS: dict[str, str] = {
    "ex_post_one_worker_a_grid": "grid_has_worker",
    "ex_post_one_grid_a_worker": "worker_has_grid",
    "ex_boundary_one_at_a_time": "boundary_overlap",
    "ex_shift_one_at_a_time": "already_on_duty",
    "uq_grid_code": "code_taken",
    "uq_person_username": "username_taken",
    "uq_unit_code": "code_taken",
}


@dataclass(frozen=True)
class Field:
    """What is wrong with one field: a code and the sentence in both languages."""

    code: str
    en: str
    zh: str


class Problem(Exception):
    """Something a user can understand and mend.

    Args:
        code: one of ``KINDS``.
        errors: for 422, the fields with what is wrong with each.
        extra: members added to the answer, such as ``allowed`` or the ``task`` as it is now.
        headers: such as ``Retry-After``.
        params: values for the sentence.
    """

    def __init__(
        self,
        code: str,
        *,
        errors: dict[str, Field] | None = None,
        extra: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        **params: object,
    ) -> None:
        self.code = code
        self.kind = KINDS[code]
        self.errors = errors or {}
        self.extra = extra or {}
        self.headers = headers or {}
        self.params = params
        super().__init__(self.detail("en"))

    @property
    def status(self) -> int:
        """HTTP status."""
        return self.kind.status

    def detail(self, language: str) -> str:
        """Sentence in ``language``: Chinese for ``zh…``, English for anything else."""
        chinese = language.startswith("zh")
        params = {name: _word(value, chinese=chinese) for name, value in self.params.items()}
        if self.errors:
            params["fields"] = "；".join(self.errors) if chinese else "; ".join(self.errors)
        return (self.kind.zh if chinese else self.kind.en).format_map(_Gaps(params))

    def field_errors(self, language: str) -> dict[str, dict[str, str]]:
        """Wrong fields with code and sentence in ``language``."""
        chinese = language.startswith("zh")
        return {name: {"code": f.code, "detail": f.zh if chinese else f.en} for name, f in self.errors.items()}


class _Gaps(dict[str, Any]):
    """Leaves a gap visible rather than raising while an error is being told."""

    def __missing__(self, key: str) -> str:
        return "…" if key else ""


def _word(value: object, *, chinese: bool) -> object:
    """Pick the language of a pair ``(en, zh)``; anything else is a word already."""
    if isinstance(value, tuple) and len(value) == 2:  # noqa: PLR2004  # a pair of languages
        return value[1] if chinese else value[0]
    return value


def invalid(**fields: tuple[str, str, str]) -> Problem:
    """A 422 from ``field=(code, english, chinese)``."""
    return Problem("invalid", errors={name: Field(*words) for name, words in fields.items()})


def problem_of(constraint: str | None) -> Problem:
    """The problem of a broken constraint by its name; an unknown one is a conflict that names it."""
    if constraint in CONSTRAINTS:
        return Problem(CONSTRAINTS[constraint])
    return Problem("conflict", why=constraint or "constraint")
