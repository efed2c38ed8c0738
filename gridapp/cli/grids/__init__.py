"""`gridapp grids`: boundaries in and out, what is wrong with them, and its mending."""

import click

from gridapp.cli.grids import checking, cleaning, exporting, importing


@click.group()
def command() -> None:
    """Boundaries: import, export, check, clean.

    Example: gridapp grids check precincts.geojson
    """


for one in (importing.import_, exporting.export, checking.check, cleaning.clean):
    command.add_command(one)
