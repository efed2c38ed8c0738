"""What every command owes its caller: one JSON document or words, a bar, an exit status, one clear sentence."""

import itertools
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Protocol

import click
import orjson

DONE, FINDINGS, WRONG, AWAY, INTERRUPTED = 0, 1, 2, 3, 130

LINE_EVERY_S, TURN_EVERY_S = 60, 0.25
OWN = frozenset({"gridapp", "geodata", "mobile_api"})
WITHOUT_PLATFORM = {
    "en": "this belongs to the platform, and {library} is not installed: pip install -r requirements.txt",
    "zh_CN": "此命令属于平台功能，未安装 {library}：请运行 pip install -r requirements.txt",
}

json_option = click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document on standard output.")


def answer(document: object, *, as_json: bool, words: Iterable[str]) -> None:
    """The result on standard output: `document` as JSON, or the lines in `words`."""
    if as_json:
        text = orjson.dumps(document, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY).decode()
        click.echo(text)
    else:
        for line in words:
            click.echo(line)


def say(words: str) -> None:
    """A word on the way, on standard error."""
    click.echo(words, err=True)


class Bar(Protocol):
    """How far something is: `pos` steps of all."""

    pos: int

    def update(self, n_steps: int, /) -> None:
        """So many more steps are done."""


def progress(label: str, length: int) -> AbstractContextManager[Bar]:
    """A bar on standard error where that is a terminal, else a line a minute at most; `.update(n)` moves it."""
    if sys.stderr.isatty():
        return click.progressbar(length=length, label=label, file=sys.stderr)
    return nullcontext(Lines(label, length))


@contextmanager
def patience(label: str) -> Iterator[None]:
    """For what nobody knows the length of: a bar that turns and counts seconds on a terminal, else a line a minute."""
    begun = time.monotonic()

    def passed(_item: object = None) -> str:
        return f"{time.monotonic() - begun:.0f} s"

    if not sys.stderr.isatty():
        with _every(LINE_EVERY_S, lambda: say(f"{label}: {passed()}")):
            yield
        return
    with click.progressbar(itertools.count(), label=label, file=sys.stderr, item_show_func=passed) as bar:
        with _every(TURN_EVERY_S, lambda: bar.update(1)):
            yield
        bar.finished = True
        bar.render_progress()


@contextmanager
def _every(seconds: float, call: Callable[[], object]) -> Iterator[None]:
    """Calls again and again meanwhile, from a thread of its own."""
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(seconds):
            call()

    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class Lines:
    """How far something is, for a log; what takes less than a minute says nothing."""

    def __init__(self, label: str, length: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._label, self._length, self._clock = label, length, clock
        self.pos, self._said_at = 0, clock()

    def update(self, n_steps: int, /) -> None:
        """So many more of all steps are done."""
        self.pos += n_steps
        if self._clock() - self._said_at >= LINE_EVERY_S:
            self._said_at = self._clock()
            say(f"{self._label}: {100 * self.pos // self._length} %")


@contextmanager
def written_beside(target: Path) -> Iterator[Path]:
    """A path beside `target`, with its ending, that becomes `target` when all went well, and is removed otherwise.

    Raises:
        click.ClickException: the folder is missing or cannot be written.
    """
    try:
        with NamedTemporaryFile(dir=target.parent, prefix=f".{target.stem[:40]}.", suffix=target.suffix) as made:
            beside = Path(made.name)
    except OSError as error:
        raise click.ClickException(f"{target}: cannot be written there ({error.strerror}); name another file") from None
    try:
        yield beside
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def status_of(run: Callable[[], Any]) -> int:
    """The exit status of a command; what a person can understand becomes one sentence on standard error.

    A fault of the program itself is not caught: it is to be seen whole, and mended.
    """
    try:
        status = run()
    except click.ClickException as error:
        error.show()
        return WRONG
    except (click.Abort, KeyboardInterrupt):
        say("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in OWN:
            raise
        say(f"Error: {WITHOUT_PLATFORM[language()].format(library=error.name)}")
        return AWAY
    except _told() as error:
        status, sentence = _sentence(error)
        say(f"Error: {sentence}")
        return status
    return status if isinstance(status, int) else DONE


def _told() -> tuple[type[Exception], ...]:
    """The errors made to be told; imported only when something went wrong, for the sake of a quick start."""
    from geodata.errors import GeodataError  # noqa: PLC0415

    try:
        import psycopg  # noqa: PLC0415
        from psycopg_pool import PoolTimeout  # noqa: PLC0415
        from sqlalchemy import exc  # noqa: PLC0415
    except ModuleNotFoundError:  # only the kit is installed
        return GeodataError, OSError
    from gridapp.catalogue import CatalogueError  # noqa: PLC0415
    from gridapp.cluster import ClusterError  # noqa: PLC0415
    from gridapp.cluster.backup import BackupError  # noqa: PLC0415
    from gridapp.config import SettingsError  # noqa: PLC0415
    from gridapp.errors import Problem  # noqa: PLC0415
    from gridapp.server.supervisor import ServerError  # noqa: PLC0415

    database = (
        *(psycopg.OperationalError, psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn),
        *(PoolTimeout, exc.OperationalError, exc.ProgrammingError),
    )
    told = (Problem, GeodataError, SettingsError, ClusterError, ServerError, BackupError, CatalogueError, OSError)
    return (*told, *database)


def _sentence(error: Exception) -> tuple[int, str]:
    from geodata.errors import GeodataError  # noqa: PLC0415

    if isinstance(error, GeodataError):
        return WRONG, error.message(language())
    if isinstance(error, OSError):
        return WRONG, f"{error.filename or 'a file'}: {error.strerror or error}"
    from gridapp.catalogue import CatalogueError  # noqa: PLC0415
    from gridapp.cluster import ClusterError  # noqa: PLC0415
    from gridapp.cluster.backup import BackupError  # noqa: PLC0415
    from gridapp.config import SettingsError  # noqa: PLC0415
    from gridapp.errors import Problem  # noqa: PLC0415
    from gridapp.server.supervisor import ServerError  # noqa: PLC0415

    match error:
        case Problem():
            return AWAY if error.code == "busy" else WRONG, error.whole(language())
        case SettingsError() | BackupError() | CatalogueError():
            return WRONG, str(error)
        case ClusterError() | ServerError():
            return AWAY, str(error)
    return _of_database(error)


def _of_database(error: Exception) -> tuple[int, str]:
    from psycopg.errors import UndefinedColumn, UndefinedTable  # noqa: PLC0415

    cause = getattr(error, "orig", None) or error
    first = str(cause).strip().partition("\n")[0]
    if isinstance(cause, UndefinedTable | UndefinedColumn):
        return AWAY, f"the database is not up to date ({first}): run gridapp db upgrade"
    return AWAY, f"the database does not answer: {first}; see gridapp db status"


def language() -> str:
    """The language of the terminal: `zh_CN` or `en`."""
    told = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh_CN" if told.startswith("zh") else "en"
