"""The supervisor by itself, over real processes."""

from __future__ import annotations

import os
import signal

from gridapp.server.supervisor import Child, Supervisor


def test_a_part_that_runs_but_never_answers_is_told_and_can_be_given_up() -> None:
    mute = Child("granian", ["sleep", "600"], ready=lambda: False)
    said: list[str] = []

    def say(words: str) -> None:
        said.append(words)
        if len(said) > 1:
            os.kill(os.getpid(), signal.SIGTERM)

    Supervisor([mute], os.environ, say, quiet_seconds=0.1).run(ready=lambda: said.append("ready"))
    assert said == ["granian runs but does not answer yet (its words are above); ^C ends the waiting."] * 2
    assert mute.ended() == -signal.SIGTERM
