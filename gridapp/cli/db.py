"""`gridapp db`: the private cluster, migrations, backups."""

import uuid
from pathlib import Path

import click
from alembic.runtime.migration import MigrationContext
from psycopg.conninfo import make_conninfo

from gridapp.cli.application import application, ensure_database, renew_database
from gridapp.cli.output import AWAY, answer, json_option, patience, say, written_beside
from gridapp.cluster import Cluster
from gridapp.cluster.backup import DUMP, PHOTOS, is_empty, replace_folder, restore_dump, unpacked, write_backup
from gridapp.cluster.layout import DATABASE
from gridapp.config import Settings, load_settings
from gridapp.db import commit, session
from gridapp.services.editions.first_edition import bring_in


@click.group()
def command() -> None:
    """The database: start, stop, status, upgrade, backup, restore.

    Example: gridapp db status --json
    """


@command.command()
def start() -> None:
    """Make the private cluster if it is missing, and start it.

    Example: gridapp db start
    """
    cluster = own_cluster(load_settings())
    with patience("Starting the database"):
        cluster.ensure()
    say("The database runs.")


@command.command()
def stop() -> None:
    """Stop the private cluster, cleanly.

    Example: gridapp db stop
    """
    cluster = own_cluster(load_settings())
    with patience("Stopping the database"):
        cluster.stop()
    say("The database is stopped.")


@command.command()
@json_option
def status(*, as_json: bool) -> int | None:
    """How the private cluster stands; exit status 3 where it does not run.

    Example: gridapp db status --json
    """
    found = own_cluster(load_settings()).status()
    document = {
        "running": found.running,
        "made": found.made,
        "version": found.version,
        "processes": len(found.pids),
        "data": str(found.data),
        "socket": str(found.socket),
    }
    state = "running" if found.running else "stopped" if found.made else "not made yet: gridapp db start"
    words = [state, *(f"{name}: {value}" for name, value in document.items() if name not in {"running", "made"})]
    answer(document, as_json=as_json, words=words)
    return None if found.running else AWAY


@command.command()
@json_option
def upgrade(*, as_json: bool) -> None:
    """Bring the tables and the catalogue up to this version of the program; a district's own settings stay.

    Extensions that a server of its own lacks are made where the role may, else told: a superuser makes them.

    Example: gridapp db upgrade
    """
    with patience("Bringing the database up to date"), application().app_context():
        renew_database()
        revision = MigrationContext.configure(session.connection()).get_current_revision()
        edition = bring_in()
        commit()
    told = [f"The database is at {revision}.", f"Edition {edition} of the catalogue is in force."]
    answer({"revision": revision, "catalogue": edition}, as_json=as_json, words=told)


@command.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--check/--no-check", default=True, help="Restore it into a scratch database to prove that it is whole.")
@json_option
def backup(file: Path, *, check: bool, as_json: bool) -> None:
    """Write the database and the photos into one FILE, and prove it by restoring it.

    Example: gridapp db backup /var/backups/grid-2026-11-22.tar
    """
    settings = load_settings()
    ensure_database(settings)
    with written_beside(file) as beside:
        with patience("Reading database and photos"):
            manifest = write_backup(beside, dsn_of(settings), settings.photos)
        if check:
            with patience("Restoring into a scratch database"):
                _prove(beside, settings)
    document = {
        "file": str(file),
        "bytes": file.stat().st_size,
        "rows": sum(manifest["rows"].values()),
        "photos": len(manifest["sha256"]) - 1,
        "checked": check,
    }
    told = f"{file}: {document['rows']} rows, {document['photos']} photos, {'checked' if check else 'not checked'}."
    answer(document, as_json=as_json, words=[told])


@command.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--force", is_flag=True, help="Replace what is in the database and the photos.")
@json_option
def restore(file: Path, *, force: bool, as_json: bool) -> None:
    """Put the database and the photos of a backup FILE in place; all of it, or nothing.

    Stop the server before. With --force the present content is dropped after the backup proved whole.

    Example: gridapp db restore /var/backups/grid-2026-11-22.tar --force
    """
    settings = load_settings()
    ensure_database(settings)
    empty = is_empty(dsn_of(settings)) and not any(settings.photos.glob("*"))
    if not empty and not force:
        raise click.ClickException("database or photos hold something already: say --force to replace them")
    if not empty and settings.database_url:
        raise click.ClickException("on a server of its own the database is not replaced: empty it there, then restore")
    with patience(f"Restoring {file.name}"), unpacked(file, settings.instance) as (folder, manifest):
        if settings.database_url:
            restore_dump(folder / DUMP, dsn_of(settings), manifest["rows"])
        else:
            scratch = _restored(folder, manifest["rows"], Cluster(settings.instance))
            Cluster(settings.instance).replace_database(DATABASE, scratch)
        replace_folder(settings.photos, folder / PHOTOS)
    document = {"rows": sum(manifest["rows"].values()), "photos": len(manifest["sha256"]) - 1}
    told = f"{document['rows']} rows and {document['photos']} photos are back; gridapp db upgrade if it was older."
    answer(document, as_json=as_json, words=[told])


def own_cluster(settings: Settings) -> Cluster:
    """The private cluster.

    Raises:
        click.ClickException: the settings name another server, which is not ours to start or stop.
    """
    if settings.database_url:
        raise click.ClickException("GRIDAPP_DATABASE_URL names another server: start and stop it there")
    return Cluster(settings.instance)


def dsn_of(settings: Settings) -> str:
    """The database of these settings in libpq's form."""
    if settings.database_url:
        return make_conninfo(settings.database_url.get_secret_value().replace("+psycopg", "", 1))
    return Cluster(settings.instance).dsn()


def _prove(file: Path, settings: Settings) -> None:
    """Restores into a scratch database of the private cluster and drops it; on another server none may be made."""
    cluster = Cluster(settings.instance)
    cluster.ensure()
    with unpacked(file, settings.instance) as (folder, manifest):
        cluster.drop_database(_restored(folder, manifest["rows"], cluster))


def _restored(folder: Path, rows: dict[str, int], cluster: Cluster) -> str:
    scratch = f"restored_{uuid.uuid4().hex[:12]}"
    cluster.create_database(scratch)
    try:
        restore_dump(folder / DUMP, cluster.dsn(scratch), rows)
    except BaseException:
        cluster.drop_database(scratch)
        raise
    return scratch
