"""`gridapp grids`: boundaries in and out, what is wrong with them, its mending, and new ones."""

import click

from gridapp.cli.grids import checking, cleaning, drawing, exporting, importing


@click.group()
def command() -> None:
    """Boundaries: import, export, check, clean, draw.

    Example: gridapp grids check precincts.geojson
    """


for one in (importing.import_, exporting.export, checking.check, cleaning.clean, drawing.draw):
    command.add_command(one)
