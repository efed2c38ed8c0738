"""`gridapp grids export`: what held at a time, as a file."""

import datetime as dt
from pathlib import Path

import click

from gridapp.cli.output import answer, json_option, progress
from gridapp.cli.params import LEVEL, TIME, WRITE


@click.command()
@click.argument("file", type=WRITE)
@click.option("--level", type=LEVEL, help="Only this level.")
@click.option("--at", "moment", type=TIME, help="What held at that time; now where not given.")
@click.option("--crs", help="What to write the coordinates in.")
@json_option
def export(file: Path, *, level: str | None, moment: dt.datetime | None, crs: str | None, as_json: bool) -> None:
    """What held at a time, in the format that the ending of FILE names.

    Example: gridapp grids export groups.gpkg --level group --at 2026-01-01
    """
    from gridapp.cli.application import application  # noqa: PLC0415 - check and clean start without the application
    from gridapp.services.ground import grid_export  # noqa: PLC0415
    from gridapp.timesource import now  # noqa: PLC0415

    with progress(f"Writing {file.name}", grid_export.PHASES) as bar, application().app_context():
        count = grid_export.export(file, moment or now(), level, crs, moved=bar.update)
    answer({"file": str(file), "features": count}, as_json=as_json, words=[f"{file}: {count} grids."])
