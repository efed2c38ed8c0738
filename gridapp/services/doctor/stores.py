"""What is kept beside the tasks: partitions of positions, the feed's log, photos on disk, the catalogue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import func, select, text

from gridapp.config import Settings
from gridapp.db import session
from gridapp.models import Change, Photo
from gridapp.services.doctor.finding import Trouble
from gridapp.services.editions import categories
from gridapp.services.pictures import photo_files
from gridapp.timesource import now

GRACE = dt.timedelta(days=2)
BATCH = 1000


def catalogue(_settings: Settings) -> Iterator[Trouble]:
    """Something can be reported."""
    if categories.current_edition() is None:
        yield Trouble("No edition of the catalogue is in force: publish one.", "没有现行的事项目录，请发布。")


def partitions(_settings: Settings) -> Iterator[Trouble]:
    """Positions of today and tomorrow find their partition without waiting."""
    today = now().date()
    for day in (today, today + dt.timedelta(days=1)):
        if session.scalar(text("select to_regclass(:name)"), {"name": f"position_{day:%Y%m%d}"}) is None:
            yield Trouble(
                f"Positions of {day} have no partition: see that gridapp jobs runs.",
                f"缺少 {day} 的位置分区，请确认 gridapp jobs 正在运行。",
            )


def feed(settings: Settings) -> Iterator[Trouble]:
    """The log behind the feed is cut as the settings say."""
    oldest = session.scalar(select(func.min(Change.at)).where(Change.kind != "start"))
    if oldest is not None and now() - oldest > dt.timedelta(days=settings.feed_retention_days) + GRACE:
        yield Trouble(
            f"The feed's log goes back to {oldest:%Y-%m-%d}: see that gridapp jobs runs.",
            f"变更日志保留至 {oldest:%Y-%m-%d}，超出设定期限，请确认 gridapp jobs 正在运行。",
        )


def photos(settings: Settings) -> Iterator[Trouble]:
    """Every photo that is known lies on disk."""
    names = session.scalars(select(Photo.sha256).execution_options(yield_per=BATCH))
    lost = sum(not photo_files.path_of(settings.instance, sha256).exists() for sha256 in names)
    if lost:
        yield Trouble(
            f"{lost} photos are missing on disk: restore a backup.", f"缺少 {lost} 张照片文件，请从备份恢复。"
        )
