"""The application for commands: the database answers, and a use case is one transaction here too."""

from collections.abc import Iterator
from contextlib import contextmanager

import flask_migrate
from flask import Flask

from gridapp.app import create_core
from gridapp.cluster import Cluster
from gridapp.cluster.extensions import make_extensions
from gridapp.config import Settings, load_settings
from gridapp.db import commit, session
from gridapp.services.bulk import wire


def ensure_database(settings: Settings) -> None:
    """Starts the private cluster, unless the settings name another server.

    Raises:
        ClusterError: it cannot be had.
    """
    if settings.database_url is None:
        Cluster(settings.instance).ensure()


def application() -> Flask:
    """The app of this instance, without doors, on a database that answers."""
    settings = load_settings()
    ensure_database(settings)
    return create_core(settings)


def renew_database() -> None:
    """Brings extensions and tables up to this version of the program, in the app's context.

    Raises:
        ClusterError: an extension is missing, and the role may not make it.
    """
    with wire() as connection:
        make_extensions(connection)
    commit()
    flask_migrate.upgrade()


@contextmanager
def use_case(*, dry_run: bool = False) -> Iterator[Flask]:
    """The app's context around one use case: committed at its end, rolled back on any error and on a dry run."""
    app = application()
    with app.app_context():
        yield app
        if dry_run:
            session.rollback()
        else:
            commit()
