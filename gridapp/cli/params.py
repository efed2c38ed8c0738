"""Kinds of arguments that several commands take: times, layers, files that are written."""

import datetime as dt
from pathlib import Path
from typing import Any

import click

READ = click.Path(path_type=Path)
WRITE = click.Path(path_type=Path, dir_okay=False)
LEVEL = click.Choice(["district", "street", "community", "group", "building"])


class Time(click.ParamType[dt.datetime]):
    """A time in ISO 8601; a day alone begins at midnight, and what names no offset is in the settings' time zone."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        """The aware time."""
        if isinstance(value, dt.datetime):
            return value
        try:
            told = dt.datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no time: write 2026-03-01 or 2026-03-01T08:00+08:00", param, ctx)
        if told.tzinfo:
            return told
        from gridapp.config import load_settings  # noqa: PLC0415 - whoever has the kit alone has no settings

        return told.replace(tzinfo=load_settings().timezone)


TIME = Time()


def apart(file: Path, out: Path) -> None:
    """Refuse to write over what is read: the original would be gone, also where it is only readable.

    Raises:
        UsageError: they are the same file.
    """
    if file.exists() and out.exists() and file.samefile(out):
        raise click.UsageError(f"{out} is the file that is read: name another file to write to.")
