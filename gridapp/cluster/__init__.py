"""The private PostgreSQL under an instance: made, started and stopped by the program, on a local socket only."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL

from gridapp.cluster.extensions import make_extensions, missing
from gridapp.cluster.install import ClusterError, Install, Runner, find_install, runner_for
from gridapp.cluster.layout import DATABASE, DATABASE_DEFAULTS, OWNER_ROLE, SUPER_ROLE, Layout

__all__ = ["Cluster", "ClusterError", "ClusterStatus"]

PATIENCE_SECONDS = 120  # a start after a crash first replays what was written


@dataclass(frozen=True)
class ClusterStatus:
    """What `gridapp db status` tells."""

    made: bool
    running: bool
    version: int | None
    pids: list[int]
    data: Path
    socket: Path


class Cluster:
    """One instance's PostgreSQL; every method may be called by several processes at once."""

    def __init__(self, instance: Path) -> None:
        self.layout = Layout(instance.absolute())

    def ensure(self) -> None:
        """Makes and starts what is missing, and returns when the database `gridapp` answers.

        Raises:
            ClusterError: PostgreSQL is not installed, or does not start; the text says what to do.
        """
        if self._answers():
            return
        with self._locked():
            if not self._answers():
                self._start(*self._prepared())
                self._make_owner()
                self.create_database(DATABASE)

    def stop(self) -> None:
        """Ends all sessions and stops the server, cleanly; nothing where it does not run."""
        if not self.layout.data.exists():
            return
        with self._locked():
            install, runner = self._install(), runner_for(self.layout.root)
            if self.processes():
                self._pg_ctl(install, runner, "stop", "--mode=fast")
                self._wait_for_the_last()
            self.layout.drop_socket()

    def status(self) -> ClusterStatus:
        """How the cluster stands; changes nothing."""
        made = self.layout.data.exists()
        version = self._version() if made else None
        return ClusterStatus(
            made, made and self._answers(), version, self.processes(), self.layout.data, self.layout.socket
        )

    def url(self, database: str = DATABASE) -> str:
        """SQLAlchemy's address of a database, as the role that owns it and is no superuser."""
        query = {"host": str(self.layout.socket)}
        return URL.create("postgresql+psycopg", username=OWNER_ROLE, database=database, query=query).render_as_string()

    def dsn(self, database: str = DATABASE, *, user: str = OWNER_ROLE) -> str:
        """The address in libpq's form."""
        return make_conninfo("", host=str(self.layout.socket), user=user, dbname=database, connect_timeout=10)

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Makes a database of ours with its extensions; nothing where it is there.

        A `template` database, which nobody may be using, is copied with all that is in it.
        """
        with self._superuser(SUPER_ROLE) as connection:
            made = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
            if not made:
                self._create(connection, name, template)
        with self._superuser(name) as connection:
            make_extensions(connection)
            for setting, value in DATABASE_DEFAULTS.items():
                connection.execute(
                    sql.SQL("alter database {} set {} = {}").format(
                        sql.Identifier(name), sql.Identifier(setting), sql.Literal(value)
                    )
                )

    def drop_database(self, name: str) -> None:
        """Drops a database and ends its sessions; nothing where it is not there."""
        with self._superuser(SUPER_ROLE) as connection:
            connection.execute(_named("drop database if exists {} with (force)", name))

    def replace_database(self, name: str, fresh: str) -> None:
        """Puts the database `fresh` in the place of `name`, whose sessions end and whose content is dropped."""
        aside = f"{name}_replaced"
        with self._superuser(SUPER_ROLE) as connection:
            connection.execute(_named("drop database if exists {} with (force)", aside))
            connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
            with connection.transaction():
                for old, new in ((name, aside), (fresh, name)):
                    rename = sql.SQL("alter database {} rename to {}")
                    connection.execute(rename.format(sql.Identifier(old), sql.Identifier(new)))
        self.drop_database(aside)

    def processes(self) -> list[int]:
        """The pids of this cluster's processes: its server names the folder, the others bear its name.

        Read from the titles, because a container's root may not see another user's working folder.
        """
        signs = (b"\0" + os.fsencode(self.layout.data) + b"\0", b"postgres: " + self.layout.name.encode() + b":")
        return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if _is_postgres(folder, signs)]

    def _answers(self) -> bool:
        if not self.layout.data.exists():
            return False
        try:
            with psycopg.connect(self.dsn(), autocommit=True) as connection:
                return not missing(connection)
        except psycopg.OperationalError:
            return False

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.layout.instance.mkdir(parents=True, exist_ok=True)
        with self.layout.lock.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _version(self) -> int:
        return int((self.layout.data / "PG_VERSION").read_text())

    def _install(self) -> Install:
        return find_install(self._version() if self.layout.data.exists() else None)

    def _prepared(self) -> tuple[Install, Runner]:
        """Folders and configuration as they must be before each start."""
        layout = self.layout
        layout.root.mkdir(mode=0o700, exist_ok=True)
        install, runner = self._install(), runner_for(layout.root)
        owner, group = runner.user.pw_uid, runner.user.pw_gid
        if not layout.data.exists():
            self._initdb(install, runner)
        layout.log.mkdir(mode=0o700, exist_ok=True)
        os.chown(layout.log, owner, group)
        if not self.processes():
            layout.make_socket(owner, group)
        self._write("gridapp.conf", layout.configuration(), runner)
        self._write("pg_hba.conf", "local all all peer map=house\n", runner)
        self._write("pg_ident.conf", layout.identities(runner.user.pw_name), runner)
        return install, runner

    def _initdb(self, install: Install, runner: Runner) -> None:
        """Made beside and renamed, so that a broken-off initdb leaves nothing that looks like a cluster."""
        fresh = self.layout.root / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        options = [f"--username={SUPER_ROLE}", "--auth=peer", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"]
        made = runner.run([install.programs / "initdb", "-D", fresh, *options], folder=self.layout.root)
        if made.returncode != 0:
            raise ClusterError(f"the database cannot be made in {fresh}: {made.stderr.strip()}")
        with (fresh / "postgresql.conf").open("a") as file:
            file.write("include = 'gridapp.conf'\n")
        fresh.rename(self.layout.data)

    def _write(self, name: str, text: str, runner: Runner) -> None:
        beside = self.layout.data / f"{name}.new"
        beside.write_text(text)
        beside.chmod(0o600)
        os.chown(beside, runner.user.pw_uid, runner.user.pw_gid)
        beside.rename(self.layout.data / name)

    def _start(self, install: Install, runner: Runner) -> None:
        """Starts the server, also where a killed one left its pid file or the last of its processes."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._accepts():
            living = self.processes()
            if living and time.monotonic() > deadline:
                raise ClusterError(f"an earlier server does not end (process {living[0]}): end it, then start again")
            if living:  # starting up, or the last statements of a server that was killed
                time.sleep(0.1)
            else:
                self._drop_foreign_locks()
                self._pg_ctl(install, runner, "start", f"--log={self.layout.log / 'start.log'}")

    def _wait_for_the_last(self) -> None:
        """The server is said to be stopped when its pid file is gone; its logger may still be writing."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.01)

    def _drop_foreign_locks(self) -> None:
        """After a reboot or a kill the pid in a lock may be another program's, or a dead one's that nobody reaped.

        PostgreSQL would take either for a server; none of ours lives when this is called.
        """
        for lock in (self.layout.data / "postmaster.pid", self.layout.socket / ".s.PGSQL.5432.lock"):
            if lock.exists() and Path("/proc", lock.read_text().split("\n")[0].strip()).exists():
                lock.unlink()

    def _pg_ctl(self, install: Install, runner: Runner, action: str, *options: str) -> None:
        words = [install.programs / "pg_ctl", action, "-D", self.layout.data, "-w", f"--timeout={PATIENCE_SECONDS}"]
        done = runner.run([*words, *options], folder=self.layout.root)
        if done.returncode != 0:
            raise ClusterError(
                f"the database does not {action}: {self._last_words()} (its log is in {self.layout.log})"
            )

    def _last_words(self) -> str:
        logs = sorted(self.layout.log.glob("*.log"), key=lambda file: file.stat().st_mtime)
        lines = [line for file in logs for line in file.read_text(errors="replace").splitlines() if " FATAL: " in line]
        return lines[-1].partition(" FATAL: ")[2].strip() if lines else "it gives no reason"

    def _accepts(self) -> bool:
        try:
            with self._superuser(SUPER_ROLE):
                return True
        except psycopg.OperationalError:
            return False

    def _superuser(self, database: str) -> psycopg.Connection:
        return psycopg.connect(self.dsn(database, user=SUPER_ROLE), autocommit=True)

    def _make_owner(self) -> None:
        with self._superuser(SUPER_ROLE) as connection:
            if not connection.execute("select 1 from pg_roles where rolname = %s", [OWNER_ROLE]).fetchone():
                connection.execute(_named("create role {} login", OWNER_ROLE))

    def _create(self, connection: psycopg.Connection, name: str, template: str | None) -> None:
        words = sql.SQL("create database {} owner {} template {}").format(
            sql.Identifier(name), sql.Identifier(OWNER_ROLE), sql.Identifier(template or "template1")
        )
        try:
            connection.execute(words)
        except psycopg.errors.DuplicateDatabase:
            return  # somebody made it at the same moment


def _named(words: LiteralString, name: str) -> sql.Composed:
    return sql.SQL(words).format(sql.Identifier(name))


def _is_postgres(process: Path, signs: tuple[bytes, bytes]) -> bool:
    try:
        title = (process / "cmdline").read_bytes()
    except OSError:  # ended meanwhile
        return False
    server, helper = signs
    return title.startswith(helper) or (title.split(b"\0")[0].endswith(b"/postgres") and server in title)
