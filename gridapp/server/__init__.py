"""The production server: nginx before granian, which answers, and one gevent process, which holds those who wait.

Where nginx is missing, gevent workers do everything.
"""

import errno
import os
import resource
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gridapp.config import Settings
from gridapp.server.nginx import configuration, find_nginx
from gridapp.server.supervisor import Child, ServerError, Supervisor

__all__ = ["ServerError", "find_nginx", "serve"]

SHORT = Path("/tmp")  # noqa: S108 - made there with a name that nobody can guess, for us alone
THREADS = 16  # of a worker: as many callers can share one statement
STREAMS_AT_MOST = 10_000
PATIENCE_SECONDS = 3  # in between, the supervisor looks whether the process still lives
LONGEST_SOCKET_FOLDER = 96  # an address of a unix socket ends at 107 bytes, file name included
SERVER_PID = "server.pid"
OWN_NAME = 9  # bytes that a start's own folder adds, slash included
LEAVING_SECONDS = 12  # in which the parts of a killed server end: longer than each of them is given


def serve(
    settings: Settings,
    *,
    nginx: str | None,
    jobs: bool,
    ready: Callable[[], None],
    say: Callable[[str], None],
    module: str = "gridapp.server.wsgi",
) -> None:
    """Serves until it is told to stop; `ready` is called once when the address answers.

    `nginx` is the program, None where there is none. `module` holds the application as `app` and, trusting one
    proxy, as `behind_proxy`.

    Raises:
        ServerError: the port is taken, or a part does not start.
    """
    _check_port(settings)
    files = _allow_files()
    with _folder(settings) as run:
        if not nginx:
            say("nginx is missing, so gevent workers serve everything; for full speed: apt-get install nginx-light")
        children = _with_nginx(settings, run, nginx, files, module) if nginx else [_everything(settings, module)]
        if jobs:
            children.append(Child("jobs", [sys.executable, "-m", "gridapp", "jobs"]))
        Supervisor(children, _environment(settings), say).run(ready)


def _with_nginx(settings: Settings, run: Path, nginx: str, files: int, module: str) -> list[Child]:
    conf = run / "nginx.conf"
    conf.write_text(configuration(settings, run, user="root" if os.geteuid() == 0 else None, files=files))
    web, live, front = run / "web.sock", run / "live.sock", (_own_host(settings), settings.port)
    waiting = _gunicorn(settings, f"unix:{live}", 1, f"{module}:behind_proxy")
    return [
        # First, because it ends where the application does not start; granian would try for ever.
        Child("gunicorn", waiting, lambda: _answers(live), live),
        Child("granian", _granian(settings, web, module), lambda: _answers(web), web),
        Child("nginx", [nginx, "-e", "stderr", "-p", str(run), "-c", str(conf)], lambda: _answers(front)),
    ]


def _everything(settings: Settings, module: str) -> Child:
    address = (_own_host(settings), settings.port)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    command = _gunicorn(settings, f"{host}:{settings.port}", settings.workers, f"{module}:app")
    return Child("gunicorn", command, lambda: _answers(address))


def _granian(settings: Settings, address: Path, module: str) -> list[str]:
    # Below an error it says which of its parts start and end, and that so many threads need many cores: ours wait.
    level = "debug" if settings.log_level == "debug" else "error"
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws"),
        *("--uds", str(address), "--uds-permissions", "0600"),
        *("--workers", str(settings.workers), "--blocking-threads", str(THREADS)),
        *("--respawn-failed-workers", "--workers-kill-timeout", "8", "--log-level", level),
        f"{module}:behind_proxy",
    ]


def _gunicorn(settings: Settings, address: str, workers: int, app: str) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", "--worker-class", "gevent", "--workers", str(workers)),
        *("--worker-connections", str(STREAMS_AT_MOST), "--bind", address, "--umask", "0o077"),
        *("--timeout", "60", "--graceful-timeout", "2", "--no-control-socket", "--log-level", settings.log_level),
        app,
    ]


def _environment(settings: Settings) -> dict[str, str]:
    """The environment of the children: what was said on the command line goes before what they would read."""
    said = {
        "GRIDAPP_INSTANCE": str(settings.instance),
        "GRIDAPP_HOST": settings.host,
        "GRIDAPP_PORT": str(settings.port),
        "GRIDAPP_PUBLIC_URL": settings.public_url,
        "GRIDAPP_WORKERS": str(settings.workers),
    }
    return {**os.environ, **said}


def _check_port(settings: Settings) -> None:
    """Where a server was killed, its last parts are waited for.

    Raises:
        ServerError: somebody else has the port.
    """
    deadline = time.monotonic() + (LEAVING_SECONDS if _was_killed(settings) else 0)
    while cause := _taken(settings):
        if time.monotonic() >= deadline:
            raise ServerError(
                f"port {settings.port} of {settings.host} {cause}: end what uses it, or choose another by --port"
            )
        time.sleep(0.1)


def _was_killed(settings: Settings) -> bool:
    """Whether the server that was last at this port is gone without having tidied up."""
    try:
        os.kill(int((_of_port(settings) / SERVER_PID).read_text()), 0)
    except (FileNotFoundError, ValueError, ProcessLookupError) as error:
        return not isinstance(error, FileNotFoundError)
    except PermissionError:  # another user's, so it lives
        return False
    return False


def _taken(settings: Settings) -> str | None:
    """Why the port cannot be had; None where it can."""
    family, _, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(address)
        except OSError as error:
            return "is taken" if error.errno == errno.EADDRINUSE else f"cannot be had ({error.strerror})"
    return None


def _allow_files() -> int:
    """Every stream is an open file: as many as the system lets this user have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


@contextmanager
def _folder(settings: Settings) -> Iterator[Path]:
    """A private folder for sockets, configuration and temporary files: in the instance, or a short one elsewhere.

    Each start has its own: the parts of a killed server may still be ending, and remove the sockets that they opened.
    It lies in one that the port names, for nobody else serves at that port: what was left there is cleared away.
    """
    of_port = _of_port(settings)
    if len(os.fsencode(of_port)) + OWN_NAME <= LONGEST_SOCKET_FOLDER:
        shutil.rmtree(of_port, ignore_errors=True)
        of_port.mkdir(mode=0o700, parents=True, exist_ok=True)
        (of_port / SERVER_PID).write_text(str(os.getpid()))
        folder = Path(tempfile.mkdtemp(prefix="", dir=of_port))
    else:
        folder = of_port = Path(tempfile.mkdtemp(prefix="gridapp-", dir=SHORT))
    try:
        yield folder
    finally:
        shutil.rmtree(of_port, ignore_errors=True)


def _of_port(settings: Settings) -> Path:
    return settings.instance / f"run-{settings.port}"


def _answers(address: Path | tuple[str, int]) -> bool:
    """Whether the application answers there, whatever it says: an open socket alone may have nobody behind it."""
    family = socket.AF_UNIX if isinstance(address, Path) else socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as trial:
        trial.settimeout(PATIENCE_SECONDS)
        try:
            trial.connect(str(address) if isinstance(address, Path) else address)
            trial.sendall(b"HEAD /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return trial.recv(1) != b""
        except OSError:
            return False


def _own_host(settings: Settings) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - compared, not bound
