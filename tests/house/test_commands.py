"""Every command tells how it is called, and the documents call none in a way that there is not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from gridapp.cli import main
from scripts.docs.pages import PAGES

TEXTS = {page.name: page.read_text() for page in PAGES}
BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
HELP = {"--help", "-h", "--version"}
OF_OTHERS = ("pip ", "python -m ")
"""How code begins whose options are another program's."""


def tree(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Each command with the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from tree(below, (*path, name))


def options_of(command: click.Command) -> set[str]:
    """Every option of it, in each of its forms."""
    return {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | HELP


COMMANDS = dict(tree(main))
OPTIONS = {path: options_of(command) for path, command in COMMANDS.items()}


def called(line: str) -> tuple[tuple[str, ...], set[str]]:
    """The command that a line of a shell calls, and the options in it."""
    path: tuple[str, ...] = ()
    words = line.split()[1:]
    for word in words:
        if (*path, word) not in COMMANDS:
            break
        path = (*path, word)
    return path, {word for word in words if re.match(r"--?[a-z]", word)}


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_examples_that_call_it_rightly(path: tuple[str, ...]) -> None:
    ran = CliRunner().invoke(main, [*path, "--help"])
    assert (ran.exit_code, ran.stderr) == (0, "")
    shown = " ".join(re.split(r"^(?:Options|Commands):", ran.stdout, flags=re.MULTILINE)[0].split())
    examples = [f"gridapp {call}" for call in shown.partition("Example: gridapp ")[2].split(" gridapp ")]
    for example in examples:
        below, options = called(example)
        assert below[: len(path)] == path, example
        assert not isinstance(COMMANDS[below], click.Group), example
        assert options <= OPTIONS[below], example


def code_in(text: str) -> list[str]:
    """Lines of the blocks of a document, and its spans."""
    lines = [line.strip() for block in BLOCK.findall(text) for line in block.splitlines()]
    return lines + [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", BLOCK.sub("", text))]


@pytest.mark.parametrize("document", TEXTS)
def test_the_documents_call_commands_as_they_are(document: str) -> None:
    calls = [code for code in code_in(TEXTS[document]) if re.match(r"gridapp [a-z]", code)]
    assert [call for call in calls if not called(call)[0]] == []
    odd = {call: called(call)[1] - OPTIONS[called(call)[0]] for call in calls}
    assert {call: options for call, options in odd.items() if options} == {}


@pytest.mark.parametrize("document", TEXTS)
def test_the_documents_name_no_option_that_there_is_not(document: str) -> None:
    spans = [code for code in code_in(BLOCK.sub("", TEXTS[document])) if not code.startswith(OF_OTHERS)]
    named = {option for span in spans for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", span)}
    assert named - set().union(*OPTIONS.values()) == set()
