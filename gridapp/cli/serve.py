"""`gridapp serve`: the production server."""

import click

from gridapp.cli.application import ensure_database
from gridapp.cli.output import patience, say
from gridapp.config import read_settings
from gridapp.server import find_nginx, serve


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port, GRIDAPP_PORT where not given.")
@click.option("--workers", type=click.IntRange(1), help="Processes that answer, one a core where not given.")
@click.option("--jobs/--no-jobs", default=True, help="Run the background jobs too.")
def command(*, port: int | None, workers: int | None, jobs: bool) -> None:
    """The production server, with the background jobs; ^C or SIGTERM stops it.

    Example: gridapp serve --port 8080
    """
    given = {name: value for name, value in {"port": port, "workers": workers}.items() if value is not None}
    settings = read_settings(**given)
    with patience("Starting the database"):
        ensure_database(settings)
    serve(settings, nginx=find_nginx(), jobs=jobs, ready=lambda: say(f"Serving at {settings.public_url}"), say=say)
