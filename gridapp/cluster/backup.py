"""Backups: one tar with the database as it was at one moment, the photos, and a manifest of counts and checksums."""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from gridapp import __version__
from gridapp.cluster.install import find_install

MANIFEST, DUMP, PHOTOS = "manifest.json", "database.dump", "photos"


class BackupError(Exception):
    """A backup cannot be made or used; the text names the file, the cause and the remedy."""


VOID_FEED = "with gone as (delete from change) update feed_state set epoch = gen_random_uuid(), horizon = '0'"
"""The log's transaction ids mean nothing in another cluster, and cursors from after the backup would skip."""


def write_backup(file: Path, dsn: str, photos: Path) -> dict[str, Any]:
    """Writes a backup of the database `dsn` and the folder `photos`; its manifest.

    The photos are read after the database: one that came in between is in the backup although no task knows it.
    """
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup.") as folder:
        dump = Path(folder, DUMP)
        rows = _dump(dsn, dump)
        sums = {DUMP: _sum_of(dump)}
        pictures = [path for path in sorted(photos.rglob("*")) if path.is_file()]
        sums |= {f"{PHOTOS}/{path.relative_to(photos).as_posix()}": _sum_of(path) for path in pictures}
        manifest = {"program": f"gridapp {__version__}", "rows": rows, "sha256": sums}
        facts = Path(folder, MANIFEST)
        facts.write_text(json.dumps(manifest, indent=1))
        with tarfile.open(file, "w") as archive:
            archive.add(facts, MANIFEST)
            for name in sums:
                archive.add(dump if name == DUMP else photos / name.removeprefix(f"{PHOTOS}/"), name)
    file.chmod(0o600)
    return manifest


@contextmanager
def unpacked(file: Path, beside: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The backup's content in a folder in `beside` for the time of the block, checked against its sums.

    Raises:
        BackupError: the file is no backup, or damaged.
    """
    with tempfile.TemporaryDirectory(dir=beside, prefix=".restore.") as folder:
        try:
            manifest = _unpack(file, Path(folder))
        except (tarfile.TarError, KeyError, ValueError, EOFError) as error:
            raise BackupError(f"{file}: this is no whole backup of this program ({error}): take another one") from None
        yield Path(folder), manifest


def restore_dump(dump: Path, dsn: str, rows: dict[str, int]) -> None:
    """Restores into the empty database `dsn`, which has the extensions, in one transaction, and counts the rows.

    Raises:
        BackupError: PostgreSQL refuses it, or rows are missing.
    """
    contents = _run("pg_restore", ["--list", str(dump)], dsn=None)
    theirs = (" EXTENSION ", " spatial_ref_sys ")  # the superuser's, made with the database
    ours = [line for line in contents.splitlines() if not any(word in line for word in theirs)]
    with tempfile.NamedTemporaryFile("w", suffix=".list") as chosen:
        chosen.write("\n".join(ours))
        chosen.flush()
        words = ["--no-owner", "--no-acl", "--single-transaction", "--exit-on-error", f"--use-list={chosen.name}"]
        _run("pg_restore", [*words, str(dump)], dsn=dsn)
    with psycopg.connect(dsn) as connection:
        found = _counts(connection)
        if found != rows:
            wrong = sorted(table for table in {*found, *rows} if found.get(table) != rows.get(table))
            raise BackupError(f"after restoring, {', '.join(wrong)} differ from the backup's rows: take another one")
        if "feed_state" in found:
            connection.execute(VOID_FEED)


def replace_folder(target: Path, fresh: Path) -> None:
    """Puts the folder `fresh` in the place of `target` by renaming."""
    aside = target.with_name(f"{target.name}.replaced")
    shutil.rmtree(aside, ignore_errors=True)
    fresh.mkdir(exist_ok=True)
    if target.exists():
        target.rename(aside)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh.rename(target)
    shutil.rmtree(aside, ignore_errors=True)


def is_empty(dsn: str) -> bool:
    """Whether no table of ours is in the database."""
    with psycopg.connect(dsn) as connection:
        return not _tables(connection)


def _dump(dsn: str, dump: Path) -> dict[str, int]:
    """Counts and dumps in one snapshot; rows by table."""
    with psycopg.connect(dsn) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute("set local idle_in_transaction_session_timeout = 0")
        connection.execute("set local statement_timeout = 0")
        rows = _counts(connection)
        snapshot = connection.execute("select pg_export_snapshot()").fetchone()
        words = ["--format=custom", f"--snapshot={snapshot[0] if snapshot else ''}", f"--file={dump}"]
        _run("pg_dump", [*words, "--no-owner", "--no-acl"], dsn=dsn)
    return rows


def _tables(connection: psycopg.Connection) -> list[str]:
    """Names of our tables; those of extensions and the parts of partitioned ones are left out."""
    rows = connection.execute(
        "select relname from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        " and not relispartition and not exists"
        " (select 1 from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')"
        " order by relname"
    )
    return [row[0] for row in rows]


def _counts(connection: psycopg.Connection) -> dict[str, int]:
    counts = {}
    for table in _tables(connection):
        row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(table))).fetchone()
        counts[table] = row[0] if row else 0
    return counts


def _run(program: str, words: Sequence[str], *, dsn: str | None) -> str:
    """Output of one of PostgreSQL's programs; a password goes by the environment, which others cannot read."""
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"}
    where: list[str] = []
    if dsn is not None:
        parts = conninfo_to_dict(dsn)
        environment["PGPASSWORD"] = str(parts.pop("password", ""))
        where = [f"--dbname={make_conninfo('', **parts)}"]
    command = [str(find_install().programs / program), *where, *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BackupError(f"{program} fails: {(done.stderr.strip().splitlines() or ['it gives no reason'])[0]}")
    return done.stdout


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    with tarfile.open(file, "r:") as archive:
        manifest: dict[str, Any] = json.loads(_member(archive, MANIFEST).read())
        for name, expected in manifest["sha256"].items():
            if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
                raise ValueError(f"{name} would leave its folder")
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("wb") as target:
                shutil.copyfileobj(_member(archive, name), target)
            if _sum_of(place) != expected:
                raise ValueError(f"{name} is damaged")
    return manifest


def _member(archive: tarfile.TarFile, name: str) -> BinaryIO:
    member = archive.extractfile(name)
    if member is None:
        raise ValueError(f"{name} is no file")
    return member  # type: ignore[return-value] # typeshed's IO[bytes]


def _sum_of(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
