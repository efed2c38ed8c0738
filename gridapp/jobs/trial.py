"""One attempt at a use case in a transaction of its own: it is committed, or undone and what went wrong is kept."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from functools import partial
from types import TracebackType
from typing import Literal

from gridapp.db import commit, session
from gridapp.services import notices

TOGETHER = 200
"""Things of a run of which a person is told in one message: a longer one would take too long to read and to make."""

log = logging.getLogger("gridapp.jobs")


class Failure(AbstractContextManager["Failure"]):
    """Keeps what fails inside it: one task that cannot be helped must not stop those behind it."""

    words: str | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Literal[True] | None:
        """Let only what ends the process through."""
        if not isinstance(error, Exception):
            return None
        self.words = f"{type(error).__name__}: {error}"
        log.error("a step failed", exc_info=(type(error), error, trace))
        return True


def attempt(call: Callable[[], object]) -> str | None:
    """Do a use case and commit it.

    Returns:
        None, or what went wrong, in words for the administrator; then nothing of it was done.
    """
    with Failure() as failure:
        call()
        commit()
    if failure.words is not None:
        session.rollback()
    return failure.words


def attempt_each(things: Collection[uuid.UUID], call: Callable[[uuid.UUID], object], failed: str) -> int:
    """Do a use case with each thing, in a transaction of its own; how many there were.

    Of ``TOGETHER`` things a person is told in one message.

    Raises:
        RuntimeError: after the last one, where some could not be done: what, as ``failed`` says it, and why the first.
    """
    wrong: list[str] = []
    run = uuid.uuid4()
    for number, thing in enumerate(things):
        with notices.as_one(uuid.uuid5(run, str(number // TOGETHER))):
            words = attempt(partial(call, thing))
        wrong += [words] if words is not None else []
    if wrong:
        raise RuntimeError(f"{len(wrong)} of {len(things)} {failed}: {wrong[0]}")
    return len(things)
