"""Asks of many threads are run together, each gets its own answer, and an error is told to all whom it hit."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from gridapp.together import Together

PATIENCE_S = 30


def waiting(together, pool, count):
    """Asks 1, 2, … that wait in this order while a run lasts."""
    asked = []
    for number in range(1, count + 1):
        asked.append(pool.submit(together, number))
        while together.waiting < number:
            time.sleep(0.001)
    return asked


def test_one_alone_waits_for_nobody():
    runs = []

    def run(asked):
        runs.append(list(asked))
        return [ask * 2 for ask in asked]

    together = Together(run, 8)
    assert [together(number) for number in range(3)] == [0, 2, 4]
    assert runs == [[0], [1], [2]]


def test_who_come_while_a_run_lasts_go_together_in_the_next_ones_in_their_order():
    begun, go_on, runs = threading.Event(), threading.Event(), []

    def run(asked):
        runs.append(list(asked))
        begun.set()
        assert go_on.wait(PATIENCE_S)
        return [ask * 2 for ask in asked]

    together = Together(run, 4)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(together, 0)
        assert begun.wait(PATIENCE_S)
        others = waiting(together, pool, 6)
        go_on.set()
        assert [one.result(PATIENCE_S) for one in (first, *others)] == [0, 2, 4, 6, 8, 10, 12]
    assert runs == [[0], [1, 2, 3, 4], [5, 6]]


def test_many_threads_get_each_their_own_answer():
    together: Together[int, tuple[int, int]] = Together(
        lambda asked: [(ask, threading.get_ident()) for ask in asked], 5
    )
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(together, range(2000)))
    assert [ask for ask, _ in answers] == list(range(2000))


def test_an_error_is_told_to_those_of_its_run_and_the_next_run_goes_on():
    begun, go_on = threading.Event(), threading.Event()

    def run(asked):
        begun.set()
        assert go_on.wait(PATIENCE_S)
        if 1 in asked:
            raise ValueError("one is bad")
        return list(asked)

    together = Together(run, 2)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(together, 0)
        assert begun.wait(PATIENCE_S)
        others = waiting(together, pool, 4)
        go_on.set()
        assert first.result(PATIENCE_S) == 0
        for bad in others[:2]:
            with pytest.raises(ValueError, match="one is bad"):
                bad.result(PATIENCE_S)
        assert [good.result(PATIENCE_S) for good in others[2:]] == [3, 4]
    assert together(7) == 7


def test_too_few_answers_are_an_error_and_no_thread_is_left_waiting():
    together: Together[int, int] = Together(lambda asked: [], 2)
    for _ in range(2):
        with pytest.raises(ValueError, match="shorter"):
            together(1)
