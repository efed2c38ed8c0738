"""The `gridapp` command: each subject is a module of its own, loaded when it is called, so that `--help` is quick."""

import importlib
import sys
from typing import Any

import click

from gridapp import __version__
from gridapp.cli.output import status_of

# Name of the command, which is the name of its module, and its line of the help.
ROOMS = {
    "demo": "Database, sample district, accounts and server, all at once.",
    "serve": "The production server.",
    "jobs": "The background jobs.",
    "db": "The database: start, stop, status, upgrade, backup, restore.",
    "doctor": "Looks at everything that can be wrong and says it in plain words.",
    "grids": "Boundaries: import, export, check, clean, draw.",
    "osm": "Streets and buildings from OpenStreetMap.",
    "convert": "Coordinates and files from one system to another.",
    "tasks": "Tasks: import and export.",
    "people": "People: add and import.",
    "track": "Tracks from GPX and CSV files.",
}


class Rooms(click.Group):
    """Knows its commands by name and line, and loads only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """In the order of a day's work."""
        return list(ROOMS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of the module of that name."""
        if cmd_name not in ROOMS:
            return None
        command: click.Command = importlib.import_module(f"gridapp.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The lines of `ROOMS`; click's own way would load every module."""
        with formatter.section("Commands"):
            formatter.write_dl(list(ROOMS.items()))

    def main(self, *args: Any, **extra: Any) -> Any:
        """Runs and exits: 0 done, 1 findings or refused rows, 2 wrong call or input, 3 a part is not there."""
        extra = {"prog_name": "gridapp", **extra, "standalone_mode": False}
        sys.exit(status_of(lambda: super(Rooms, self).main(*args, **extra)))


@click.group(cls=Rooms, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """City management in grids.

    \b
    Example: gridapp demo
    """  # noqa: D301 - click's mark for a paragraph that is not wrapped
