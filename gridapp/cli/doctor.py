"""`gridapp doctor`: looks at everything that can be wrong and says it in plain words."""

import click

from gridapp.cli.application import use_case
from gridapp.cli.output import FINDINGS, answer, json_option, language, progress
from gridapp.services import doctor
from gridapp.services.doctor.examine import CHECKS


@click.command()
@click.option("--rebuild-tasks", is_flag=True, help="Bring tasks that differ from their events back to them.")
@json_option
def command(*, rebuild_tasks: bool, as_json: bool) -> int | None:
    """Looks at everything that can be wrong; exit status 1 where something is.

    Example: gridapp doctor --json
    """
    words: list[str] = []
    with use_case() as app:
        rebuilt = doctor.rebuild_tasks() if rebuild_tasks else None
        with progress("Looking", len(CHECKS)) as bar:
            checks = doctor.examine(app.extensions["settings"], moved=bar.update)
    chinese = language() == "zh_CN"
    findings = [
        {"check": check.name, "words": trouble.zh if chinese else trouble.en, **trouble.detail}
        for check in checks
        for trouble in check.troubles
    ]
    document = {"healthy": not findings, "checked": [check.name for check in checks], "findings": findings}
    if rebuilt is not None:
        document["rebuilt"] = rebuilt.rebuilt
        words.append(f"{len(rebuilt.rebuilt)} tasks were rebuilt from their events.")
    words += [f"{'! ' if check.troubles else 'ok '}{check.name}" for check in checks]
    words += [f"{finding['check']}: {finding['words']}" for finding in findings]
    answer(document, as_json=as_json, words=words)
    return FINDINGS if findings else None
