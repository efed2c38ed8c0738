"""Persons, posts, units and signing in."""

from gridapp.errors.kind import Kind

KINDS: dict[str, Kind] = {
    "wrong_credentials": Kind(401, "User name or password is wrong.", "用户名或密码错误。"),
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
    "already_on_duty": Kind(409, "There is already a shift in that time.", "该时间段内已有在岗记录。"),
    "username_taken": Kind(409, "The user name is taken. Choose another.", "用户名已被占用，请更换。"),
    "locked": Kind(
        429,
        "Too many wrong passwords. Sign-in is locked for {minutes} minutes.",
        "密码错误次数过多，登录已锁定 {minutes} 分钟。",
    ),
}

CONSTRAINTS: dict[str, str] = {
    "ex_post_one_worker_a_grid": "grid_has_worker",
    "ex_post_one_grid_a_worker": "worker_has_grid",
    "ex_shift_one_at_a_time": "already_on_duty",
    "uq_person_username": "username_taken",
}
