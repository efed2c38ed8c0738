"""How far a long command is, where a log takes the place of the terminal."""

from gridapp.cli.output import LINE_EVERY_S, Lines


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
