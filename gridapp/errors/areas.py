"""Grids, boundaries and redraws."""

from gridapp.errors.kind import Kind

KINDS: dict[str, Kind] = {
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
    "code_taken": Kind(
        409,
        "The code {used} is taken or was used by a retired grid. Choose another.",
        "编码 {used} 已被使用或属于已停用的网格，请更换。",
    ),
}

CONSTRAINTS: dict[str, str] = {
    "ex_boundary_one_at_a_time": "boundary_overlap",
    "uq_grid_code": "code_taken",
    "uq_unit_code": "code_taken",
}
