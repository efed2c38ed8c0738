"""The machine and the database below: versions, durability, clock, disk, migrations."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from collections.abc import Iterator

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import text

from gridapp.cluster.extensions import missing, statements
from gridapp.config import Settings
from gridapp.db import session
from gridapp.services.bulk import wire
from gridapp.services.doctor.finding import Trouble
from gridapp.timesource import now

PYTHON, POSTGRES, POSTGIS = (3, 11), 15, (3, 3)
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
CLOCK_APART = dt.timedelta(seconds=2)
FREE_GB = 2


def versions(_settings: Settings) -> Iterator[Trouble]:
    """Python, PostgreSQL, PostGIS and the extensions."""
    if sys.version_info[:2] < PYTHON:
        yield Trouble("Python is older than 3.11: install a newer one.", "Python 版本低于 3.11，请升级。")
    server = int(session.scalar(text("show server_version_num")) or 0) // 10_000
    if server < POSTGRES:
        yield Trouble(f"PostgreSQL is {server}; 15 is needed.", f"PostgreSQL 版本为 {server}，需要 15 以上。")
    with wire() as connection:
        lacking = missing(connection)
    if lacking:
        names, told = ", ".join(lacking), statements(lacking)
        yield Trouble(
            f"Extensions are missing ({names}): gridapp db upgrade makes those that its role may make;"
            f" a superuser makes them by: {told}",
            f"缺少扩展（{names}）：请运行 gridapp db upgrade 安装本角色有权安装的扩展，或由超级用户执行：{told}",
        )
    postgis: str | None = session.scalar(text("select extversion from pg_extension where extname = 'postgis'"))
    if postgis and tuple(int(part) for part in postgis.split(".")[:2]) < POSTGIS:
        yield Trouble("PostGIS is older than 3.3: upgrade it.", "PostGIS 版本低于 3.3，请升级。")


def durability(_settings: Settings) -> Iterator[Trouble]:
    """Settings of the server without which an answered request may be lost."""
    for name in DURABLE:
        if session.scalar(text(f"show {name}")) == "off":
            yield Trouble(
                f"{name} is off: what was answered may be lost. Turn it on.", f"{name} 已关闭，数据可能丢失，请开启。"
            )


def migrations(_settings: Settings) -> Iterator[Trouble]:
    """The tables are those of this version of the program."""
    config = current_app.extensions["migrate"].migrate.get_config()
    wanted = ScriptDirectory.from_config(config).get_current_head()
    there = MigrationContext.configure(session.connection()).get_current_revision()
    if there != wanted:
        yield Trouble(
            f"The tables are at {there}, the program wants {wanted}: gridapp db upgrade.",
            f"数据表版本为 {there}，程序需要 {wanted}：请运行 gridapp db upgrade。",
        )


def clock(_settings: Settings) -> Iterator[Trouble]:
    """The program's clock and the database's agree."""
    there: dt.datetime | None = session.scalar(text("select clock_timestamp()"))
    apart = abs(now() - there) if there else dt.timedelta()
    if apart > CLOCK_APART:
        seconds = round(apart.total_seconds(), 1)
        yield Trouble(
            f"The clocks of program and database are {seconds} s apart: synchronise them.",
            f"程序与数据库的时钟相差 {seconds} 秒，请校时。",
        )


def disk(settings: Settings) -> Iterator[Trouble]:
    """There is room for photos and the database."""
    free = shutil.disk_usage(settings.instance).free / 1e9
    if free < FREE_GB:
        yield Trouble(
            f"Only {free:.1f} GB are free under {settings.instance}: make room.",
            f"{settings.instance} 仅剩 {free:.1f} GB，请清理磁盘。",
        )
