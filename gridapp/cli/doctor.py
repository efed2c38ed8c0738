"""`gridapp doctor`: looks at everything that can be wrong and says it in plain words."""

import re
from typing import Any

import click

from gridapp.cli.application import use_case
from gridapp.cli.output import FINDINGS, answer, json_option, language, patience, progress
from gridapp.services import doctor
from gridapp.services.doctor.examine import CHECKS
from gridapp.services.integrity import audit as record


class Held(click.ParamType[tuple[int, str]]):
    """A link of the chain and its head, as letters and messages of the record name them."""

    name = "head"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, str]:
        """The pair."""
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"([0-9]{1,18}):([0-9a-fA-F]{64})", str(value))
        if match is None:
            self.fail(
                f"{value!r} is no head: write the number of the link, a colon and 64 hexadecimal digits", param, ctx
            )
        return int(match[1]), match[2]


HELD = Held()


@click.command()
@click.option("--audit", is_flag=True, help="Compute the chain of the record anew and name every row that was changed.")
@click.option(
    "--held", metavar="LINK:HEAD", multiple=True, type=HELD, help="With --audit: a head that was held elsewhere."
)
@click.option("--rebuild-tasks", is_flag=True, help="Bring tasks that differ from their events back to them.")
@json_option
def command(*, audit: bool, held: tuple[tuple[int, str], ...], rebuild_tasks: bool, as_json: bool) -> int | None:
    """Looks at everything that can be wrong; exit status 1 where something is, not where something only will be.

    Example: gridapp doctor --json
    """
    words: list[str] = []
    with use_case() as app:
        rebuilt = _rebuilt() if rebuild_tasks else None
        with progress("Looking", len(CHECKS)) as bar:
            checks = doctor.examine(app.extensions["settings"], moved=bar.update)
        audited, heads = _audited(list(held)) if audit else (None, [])
    if audited is not None:
        checks.append(doctor.Check("record", tuple(audited.troubles)))
        words.append(
            f"The record has {audited.events} events in {audited.links} links; its head is {audited.head or '-'}."
        )
    findings, warnings = _told(checks, warning=False), _told(checks, warning=True)
    document = {
        "healthy": not findings,
        "checked": [check.name for check in checks],
        "findings": findings,
        "warnings": warnings,
    }
    if audited is not None:
        document["record"] = {"events": audited.events, "links": audited.links, "head": audited.head, "days": heads}
    if rebuilt is not None:
        document["rebuilt"] = rebuilt.rebuilt
        words.append(f"{len(rebuilt.rebuilt)} tasks were rebuilt from their events.")
    words += [f"{check.mark} {check.name}" for check in checks]
    words += [f"{one['check']}: {one['words']}" for one in (*findings, *warnings)]
    answer(document, as_json=as_json, words=words)
    return FINDINGS if findings else None


def _rebuilt() -> doctor.Rebuilt:
    with patience("Rebuilding tasks"):
        return doctor.rebuild_tasks()


def _audited(held: list[tuple[int, str]]) -> tuple[record.Audited, list[dict[str, Any]]]:
    with patience("Computing the chain of the record"):
        return record.audit(held), record.heads()


def _told(checks: list[doctor.Check], *, warning: bool) -> list[dict[str, Any]]:
    chinese = language() == "zh_CN"
    return [
        {"check": check.name, "words": trouble.zh if chinese else trouble.en, **trouble.detail}
        for check in checks
        for trouble in check.troubles
        if trouble.warning is warning
    ]
