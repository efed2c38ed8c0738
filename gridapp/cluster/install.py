"""Finding the PostgreSQL of this machine, and running its programs as a user that may run them."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SYSTEM_USER = "gridapp"
OLDEST = 15
PROGRAMS = Path("/usr/lib/postgresql")
SHARED = Path("/usr/share/postgresql")


class ClusterError(Exception):
    """The database cannot be had as the program needs it; the text names the cause and the remedy."""


@dataclass(frozen=True)
class Install:
    """One major version of PostgreSQL with PostGIS on this machine."""

    version: int
    programs: Path


def find_install(required: int | None = None, programs: Path = PROGRAMS, shared: Path = SHARED) -> Install:
    """The newest PostgreSQL with PostGIS here, or the `required` version of an existing cluster.

    Raises:
        ClusterError: none is installed, with the command that installs it.
    """
    found = [
        Install(int(folder.parent.name), folder)
        for folder in programs.glob("*/bin")
        if folder.parent.name.isdigit()
        and (folder / "initdb").exists()
        and (shared / folder.parent.name / "extension" / "postgis.control").exists()
    ]
    usable = [
        install for install in found if install.version == required or (not required and install.version >= OLDEST)
    ]
    if not usable:
        wanted = required or OLDEST
        raise ClusterError(
            f"PostgreSQL {wanted}{'' if required else ' or newer'} with PostGIS is not installed: "
            f"apt-get install postgresql-{wanted}-postgis-3, or name another server in GRIDAPP_DATABASE_URL"
        )
    return max(usable, key=lambda install: install.version)


@dataclass(frozen=True)
class Runner:
    """Runs programs as one user, because PostgreSQL refuses to run as root.

    `powers` lets that user pass through folders that only root may enter (an instance below /root, say): the
    process gets the capability to search, and nobody's folder is opened for others.
    """

    user: pwd.struct_passwd
    powers: str | None = None

    def run(self, command: Sequence[object], *, folder: Path) -> subprocess.CompletedProcess[str]:
        """Runs to the end in `folder`, in plain English; never raises for an exit status."""
        return subprocess.run(
            [*self._prefix(), *map(str, command)],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def _prefix(self) -> list[str]:
        if os.geteuid() != 0:
            return []
        drop = ["setpriv", f"--reuid={self.user.pw_uid}", f"--regid={self.user.pw_gid}", "--clear-groups"]
        keep = [f"--inh-caps=+{self.powers}", f"--ambient-caps=+{self.powers}"] if self.powers else []
        return [*drop, *keep, "--"]


def runner_for(folder: Path) -> Runner:
    """Who runs the cluster in `folder`: its owner, and where root made it, an own system user that it is given to.

    Raises:
        ClusterError: the folder belongs to somebody else, or cannot be reached by its owner.
    """
    user = _owner(folder)
    if os.geteuid() != 0:
        return Runner(user)
    for powers in (None, "dac_read_search", "dac_override"):  # many containers have only the last
        runner = Runner(user, powers)
        if runner.run(["ls", folder], folder=Path("/")).returncode == 0:  # access(2) would not see the powers
            return runner
    raise ClusterError(
        f"the user {user.pw_name}, who runs the database, cannot enter {folder}: "
        "set GRIDAPP_INSTANCE to a folder outside of private ones"
    )


def _owner(folder: Path) -> pwd.struct_passwd:
    owner = folder.stat().st_uid
    me = os.geteuid()
    if me == 0 and owner == 0:
        user = _system_user()
        os.chown(folder, user.pw_uid, user.pw_gid)
        return user
    if owner != me != 0:
        raise ClusterError(f"{folder} belongs to another user: start as its owner or as root")
    try:
        return pwd.getpwuid(owner)
    except KeyError:
        raise ClusterError(f"user id {owner} has no name in /etc/passwd: PostgreSQL needs one, so add it") from None


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    words = ["useradd", "--system", "--no-create-home", "--home-dir=/nonexistent", "--shell=/usr/sbin/nologin"]
    try:
        made = subprocess.run([*words, SYSTEM_USER], capture_output=True, text=True, check=False)
        return pwd.getpwnam(SYSTEM_USER)  # also where another process made it at the same moment
    except (KeyError, FileNotFoundError) as error:
        cause = str(error) if isinstance(error, FileNotFoundError) else made.stderr.strip()
        raise ClusterError(f"the system user {SYSTEM_USER} cannot be made ({cause}): run {' '.join(words)}") from None
