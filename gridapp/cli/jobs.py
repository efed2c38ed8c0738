"""`gridapp jobs`: the background jobs."""

import click

from gridapp import jobs
from gridapp.cli.application import application
from gridapp.cli.output import say


@click.command()
def command() -> None:
    """The background jobs, until ^C or SIGTERM; `gridapp serve` runs them too unless told otherwise.

    Example: gridapp jobs
    """
    app = application()
    say("Background jobs run.")
    jobs.run(app)
