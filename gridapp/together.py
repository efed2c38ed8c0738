"""Group commit: what arrives while a statement runs waits for it, and then goes together in the next one.

A single caller waits for nobody. Under load the statement's start, its round trip and its commit are shared by all who
came meanwhile.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")


class _Caller(Generic[Ask, Answer]):
    """One who waits; ``turn`` is released when the answer is there or when this one is to lead the next run."""

    __slots__ = ("answer", "ask", "error", "leads", "turn")

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.answer: Answer | None = None
        self.error: BaseException | None = None
        self.leads = False
        self.turn = threading.Lock()
        self.turn.acquire()


class Together(Generic[Ask, Answer]):
    """Lets the threads of a process run one function together.

    Args:
        run: answers a list of asks, in their order; what it raises is raised by each of the callers.
        most: asks in one run.
    """

    def __init__(self, run: Callable[[Sequence[Ask]], Sequence[Answer]], most: int) -> None:
        self._run = run
        self._most = most
        self._lock = threading.Lock()
        self._waiting: deque[_Caller[Ask, Answer]] = deque()
        self._busy = False

    @property
    def waiting(self) -> int:
        """How many wait for the next run."""
        with self._lock:
            return len(self._waiting)

    def __call__(self, ask: Ask) -> Answer:
        """The answer to one ask, whoever's thread ran it."""
        caller = _Caller[Ask, Answer](ask)
        with self._lock:
            self._waiting.append(caller)
            caller.leads, self._busy = not self._busy, True
        if not caller.leads:
            caller.turn.acquire()
        if caller.leads:
            self._lead()
        if caller.error is not None:
            raise caller.error
        return caller.answer  # type: ignore[return-value]  # where there is no error there is an answer

    def _lead(self) -> None:
        """Run for the first who wait, oneself among them, then name the next leader."""
        with self._lock:
            run = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        try:
            for caller, answer in zip(run, self._run([caller.ask for caller in run]), strict=True):
                caller.answer = answer
        except BaseException as error:  # noqa: BLE001  # raised again by each, the leader among them
            for caller in run:
                caller.error = error
        self._hand_over()
        for caller in run:
            if not caller.leads:
                caller.turn.release()

    def _hand_over(self) -> None:
        with self._lock:
            if not self._waiting:
                self._busy = False
                return
            following = self._waiting[0]
            following.leads = True
        following.turn.release()
