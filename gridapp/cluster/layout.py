"""Where a cluster's files lie and what its configuration says."""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

OWNER_ROLE = "gridapp"
SUPER_ROLE = "postgres"
DATABASE = "gridapp"
LONGEST_SOCKET_FOLDER = 85  # an address of a unix socket ends at 107 bytes, file name included

# Sessions of ours never wait for ever; a job that needs longer says so itself by SET LOCAL.
DATABASE_DEFAULTS = {
    "statement_timeout": "5min",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    "jit": "off",
    "timezone": "UTC",
}

SERVER = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_locks_per_transaction": "256",  # a day of positions is a partition, and a query may lock many
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_lock_waits": "on",
    "log_line_prefix": "%m [%p] %u@%d ",
}


@dataclass(frozen=True)
class Layout:
    """The folders of one instance's cluster."""

    instance: Path

    @property
    def root(self) -> Path:
        """Given to the user who runs the server."""
        return self.instance / "pg"

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """A week of the server's log."""
        return self.root / "log"

    @property
    def lock(self) -> Path:
        """Held while somebody makes, starts or stops the cluster."""
        return self.instance / "pg.lock"

    @property
    def name(self) -> str:
        """Stands in the title of each of this cluster's processes, so that they can be told from others."""
        return "gridapp-" + hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]

    @property
    def socket(self) -> Path:
        """The folder of the socket: inside the instance, or a short private one recorded there."""
        inside = self.root / "socket"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER:
            return inside
        record = self.root / "socket.path"
        return Path(record.read_text()) if record.exists() else inside

    def make_socket(self, owner: int, group: int) -> None:
        """Makes the folder of the socket for its owner alone; after a reboot the recorded one may be gone."""
        folder = self.socket
        if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER or (
            folder.parent != self.root and not _private(folder, owner)
        ):
            folder = Path(tempfile.mkdtemp(prefix="gridapp-", dir="/tmp"))
            (self.root / "socket.path").write_text(str(folder))
        folder.mkdir(mode=0o700, exist_ok=True)
        os.chown(folder, owner, group)

    def drop_socket(self) -> None:
        """Leaves no folder of a stopped server outside of the instance."""
        if self.socket.parent != self.root:
            shutil.rmtree(self.socket, ignore_errors=True)
            (self.root / "socket.path").unlink()

    def configuration(self) -> str:
        """Our part of `postgresql.conf`; what `ALTER SYSTEM` says goes before it."""
        own = {"unix_socket_directories": str(self.socket), "log_directory": str(self.log), "cluster_name": self.name}
        return "".join(f"{key} = '{_quoted(value)}'\n" for key, value in {**SERVER, **own}.items())

    def identities(self, *users: str) -> str:
        """`pg_ident.conf`: the users of this machine who are both roles here; the kernel vouches for them."""
        names = sorted({*users, "root"})
        return "".join(f'house "{name}" {role}\n' for name in names for role in (SUPER_ROLE, OWNER_ROLE))


def _private(folder: Path, owner: int) -> bool:
    try:
        facts = folder.lstat()
    except FileNotFoundError:
        return False
    return folder.is_dir() and not folder.is_symlink() and facts.st_uid == owner and facts.st_mode & 0o077 == 0


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")
