"""How far a long command is, where a log takes the place of the terminal."""

import re
import sys
import threading

import pytest

from gridapp.cli import output
from gridapp.cli.output import LINE_EVERY_S, Lines
from tests.support.command import Screen


def test_a_log_hears_once_a_minute_how_far_it_is(capsys):
    at = 0.0
    lines = Lines("Loading", 20, clock=lambda: at)
    for _ in range(4):
        at += LINE_EVERY_S / 2
        lines.update(5)
    assert capsys.readouterr().err.splitlines() == ["Loading: 50 %", "Loading: 100 %"]


def test_a_log_hears_nothing_of_what_is_quick(capsys):
    lines = Lines("Loading", 2, clock=lambda: 0.0)
    lines.update(1)
    lines.update(1)
    assert capsys.readouterr().err == ""


def test_what_nobody_knows_the_length_of_turns_on_a_terminal(monkeypatch):
    screen, pause = Screen(), threading.Event()
    monkeypatch.setattr(output, "TURN_EVERY_S", 0.001)
    monkeypatch.setattr(sys, "stderr", screen)
    with output.patience("Restoring"):
        while screen.getvalue().count("Restoring") < 2:
            pause.wait(0.001)
    assert re.search(r"Restoring  \[[ #-]{30,}\]  \d+ s", screen.getvalue())
    assert re.search(r"Restoring  \[#{30,}\]  \d+ s\S*\n$", screen.getvalue())


def test_a_log_hears_each_minute_of_what_nobody_knows_the_length_of(capsys, monkeypatch):
    with output.patience("Restoring"):
        pass
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(output, "LINE_EVERY_S", 0.001)
    said, pause = "", threading.Event()
    with output.patience("Restoring"):
        while not said:
            pause.wait(0.001)
            said += capsys.readouterr().err
    assert re.fullmatch(r"Restoring: \d+ s", said.splitlines()[0])


def test_a_bar_ends_with_what_went_wrong(monkeypatch):
    before = threading.active_count()
    monkeypatch.setattr(sys, "stderr", Screen())
    with pytest.raises(OSError, match="full"), output.patience("Restoring"):
        raise OSError("full")
    assert threading.active_count() == before
