"""`gridapp demo`: database, sample district, accounts and server, all at once."""

import threading
from collections.abc import Callable
from typing import get_args

import click

from geodata.sample.sizes import SizeName
from gridapp.app import create_core
from gridapp.cli import live
from gridapp.cli.application import ensure_database, renew_database
from gridapp.cli.output import patience, progress, say
from gridapp.config import Settings, read_settings
from gridapp.db import commit
from gridapp.server import find_nginx, serve
from gridapp.services import demo

SIZES: tuple[SizeName, ...] = get_args(SizeName)


@click.command()
@click.option("--size", type=click.Choice(SIZES), default="medium", show_default=True, help="How large a district.")
@click.option(
    "--seed", type=click.IntRange(0, 2**31), default=1, show_default=True, help="Another seed, another district."
)
@click.option("--live", "walking", is_flag=True, help="Made-up workers walk, report and handle through the real API.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port, GRIDAPP_PORT where not given.")
def command(*, size: SizeName, seed: int, walking: bool, port: int | None) -> None:
    """A district with its grids, people and tasks, served; what is there already is not loaded again.

    Example: gridapp demo --size small --live
    """
    given = {} if port is None else {"port": port}
    settings = read_settings(**given)
    with patience("Starting the database"):
        ensure_database(settings)
    password = demo.demo_password(settings)
    found = _prepare(settings, password, size, seed)
    over = threading.Event()
    ready = _ready(settings, password, found, over if walking else None)
    try:
        serve(settings, nginx=find_nginx(), jobs=True, ready=ready, say=say)
    finally:
        over.set()


def _prepare(settings: Settings, password: str, size: SizeName, seed: int) -> demo.Loaded:
    app = create_core(settings)
    with app.app_context():
        renew_database()
        with progress("Loading the sample district", demo.PARTS) as bar:
            demo.load(settings, password, size, seed, moved=bar.update)
            commit()
        return demo.loaded()


def _ready(
    settings: Settings, password: str, found: demo.Loaded, walk_until: threading.Event | None
) -> Callable[[], None]:
    def ready() -> None:
        click.echo(f"\n  {settings.public_url}\n")
        click.echo(f"  {found.grids} grids, {found.tasks} tasks")
        for role, count in sorted(found.accounts.items()):
            click.echo(f"  {role}1" + (f" … {role}{count}" if count > 1 else ""))
        click.echo(f"  password: {password}\n\n  ^C stops the server; `gridapp db stop` the database.\n")
        if walk_until is not None:
            live.start(settings.public_url, password, found.accounts.get("worker", 0), walk_until)

    return ready
