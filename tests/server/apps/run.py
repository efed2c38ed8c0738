"""Serves one of the applications here: `run.py MODULE PORT [--without-nginx]`; says "ready" when it answers."""

import sys

import click

from gridapp.cli.output import status_of
from gridapp.config import read_settings
from gridapp.server import find_nginx, serve


def main(module: str, port: int, *, nginx: bool) -> None:
    serve(
        read_settings(port=port, workers=2),
        nginx=find_nginx() if nginx else None,
        jobs=False,
        ready=lambda: click.echo("ready"),
        say=click.echo,
        module=module,
    )


sys.exit(status_of(lambda: main(sys.argv[1], int(sys.argv[2]), nginx="--without-nginx" not in sys.argv)))
