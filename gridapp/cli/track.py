"""`gridapp track`: tracks from devices' files."""

from pathlib import Path

import click

from gridapp.cli.application import use_case
from gridapp.cli.output import FINDINGS, answer, json_option, language, progress
from gridapp.cli.params import READ
from gridapp.services.field import track_import

SHOWN = 20


@click.group()
def command() -> None:
    """Tracks from GPX and CSV files.

    Example: gridapp track import *.gpx --person worker1
    """


@command.command("import")
@click.argument("files", type=READ, nargs=-1, required=True)
@click.option("--person", required=True, help="User name of the person who walked.")
@click.option("--dry-run", is_flag=True, help="Show what would happen.")
@json_option
def import_(files: tuple[Path, ...], *, person: str, dry_run: bool, as_json: bool) -> int | None:
    """GPX and CSV (columns at, lon, lat) as positions of a person; points without a time are refused.

    Example: gridapp track import monday.gpx tuesday.csv --person worker1 --json
    """
    with progress("Importing", len(files) + 1) as bar, use_case(dry_run=dry_run):
        result = track_import.import_tracks(files, person, moved=bar.update)
    chinese = language() == "zh_CN"
    refused = [
        {"file": lost.file, "row": lost.row, "reason": lost.zh if chinese else lost.en} for lost in result.refused
    ]
    counts = {name: getattr(result, name) for name in ("files", "points", "stored", "duplicate")}
    words = [f"{lost['file']}, point {lost['row']}: {lost['reason']}" for lost in refused[:SHOWN]]
    told = ", ".join(f"{name} {count}" for name, count in counts.items())
    answer({**counts, "refused": refused}, as_json=as_json, words=[*words, f"{told}, refused {len(refused)}."])
    return FINDINGS if refused else None
