"""The set-up where packages are missing and may not be installed: one sentence with what to run, and nothing done."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SETUP = Path(__file__).parents[2] / "scripts" / "setup.sh"
THERE = ("bash", "dirname", "grep")
PLAIN_USER = "echo 1000"
ALLOWED, REFUSED = '[ "$1" = -n ]', "exit 100"
AGAIN = "then run the same again"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs without setpriv, which util-linux holds, for somebody who is not root."""
    for name in THERE:
        found = shutil.which(name)
        assert found
        (tmp_path / name).symlink_to(found)
    add(tmp_path, "id", PLAIN_USER)
    return tmp_path


def add(machine: Path, name: str, words: str) -> None:
    (machine / name).write_text(f"#!/bin/sh\n{words}\n")
    (machine / name).chmod(0o755)


def set_up(machine: Path) -> list[str]:
    """What it says; it must end with status 1 and an empty standard output."""
    environment = {"PATH": str(machine), "PYTHON": sys.executable}
    ran = subprocess.run(
        [machine / "bash", SETUP, "demo"], env=environment, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    return ran.stderr.splitlines()


def test_who_may_not_install_is_told_the_command(machine: Path) -> None:
    add(machine, "apt-get", REFUSED)
    [sentence] = set_up(machine)
    assert "as root" in sentence and AGAIN in sentence
    assert "apt-get update && apt-get install" in sentence
    assert "util-linux" in sentence.split()


def test_who_has_a_password_for_it_is_told_the_command_with_sudo(machine: Path) -> None:
    add(machine, "apt-get", REFUSED)
    add(machine, "sudo", "exit 1")
    [sentence] = set_up(machine)
    assert "sudo apt-get update && sudo apt-get install" in sentence and AGAIN in sentence


def test_without_apt_the_packages_are_named(machine: Path) -> None:
    [sentence] = set_up(machine)
    assert "Debian" in sentence and AGAIN in sentence
    assert "util-linux" in sentence.split()


def test_where_apt_refuses_the_last_word_is_the_command(machine: Path) -> None:
    add(machine, "apt-get", REFUSED)
    add(machine, "sudo", ALLOWED)
    *_, sentence = set_up(machine)
    assert "sudo apt-get update && sudo apt-get install" in sentence and AGAIN in sentence
    assert "util-linux" in sentence.split()
