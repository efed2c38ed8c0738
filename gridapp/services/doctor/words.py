"""What goes out: the outbox is handed on, receivers take their messages, letters arrive, events are sealed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from gridapp.config import Settings
from gridapp.services.bulk import wire
from gridapp.services.doctor.finding import Trouble
from gridapp.timesource import now

LATE = dt.timedelta(minutes=15)

OLDEST = "select min(at) from outbox"
STOPPED = "select name, stopped_at from receiver where active and stopped_at is not null order by name"
FAILED = "select count(*) from letter where state = 'failed'"


def waiting(_settings: Settings) -> Iterator[Trouble]:
    """Nothing waits that should have gone out."""
    with wire() as connection:
        (oldest,) = connection.execute(OLDEST).fetchone() or (None,)
        stopped = connection.execute(STOPPED).fetchall()
        (failed,) = connection.execute(FAILED).fetchone() or (0,)
    if oldest is not None and now() - oldest > LATE:
        yield Trouble(
            f"What was committed since {oldest:%Y-%m-%d %H:%M} has not been handed on: see that gridapp jobs runs.",
            f"自 {oldest:%Y-%m-%d %H:%M} 起的消息尚未发出，请确认 gridapp jobs 正在运行。",
        )
    for name, since in stopped:
        yield Trouble(
            f"The receiver {name} has taken nothing since {since:%Y-%m-%d %H:%M}: see Administration, Receivers.",
            f"接收方“{name}”自 {since:%Y-%m-%d %H:%M} 起停止接收，请到“管理 - 接收方”处理。",
            {"receiver": name},
        )
    if failed:
        yield Trouble(
            f"{failed} letters were refused by the mail server after all tries: check the addresses.",
            f"{failed} 封邮件多次重试后仍被拒收，请检查邮箱地址。",
            {"letters": failed},
        )
