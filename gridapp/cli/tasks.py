"""`gridapp tasks`: orders of other systems in, tasks out."""

import datetime as dt
from pathlib import Path

import click

from geodata.io import read_table
from gridapp.cli.application import use_case
from gridapp.cli.output import FINDINGS, answer, json_option, language, progress, say
from gridapp.cli.params import READ, TIME, WRITE
from gridapp.services.orders import task_export, task_import
from gridapp.services.orders.order_mapping import load_mapping

SHOWN = 20


@click.group()
def command() -> None:
    """Tasks: import and export.

    Example: gridapp tasks export last-week.xlsx --from 2026-03-01
    """


@command.command("import")
@click.argument("file", type=READ)
@click.option("--mapping", type=READ, required=True, help="TOML file that says what the columns mean.")
@click.option("--dry-run", is_flag=True, help="Show what would happen.")
@json_option
def import_(file: Path, *, mapping: Path, dry_run: bool, as_json: bool) -> int | None:
    """Hotline orders from CSV, XLSX or Parquet; an order that was imported before is not imported again.

    Example: gridapp tasks import orders.xlsx --mapping orders.toml --json
    """
    how = load_mapping(mapping)
    table = read_table(file)
    say(f"Importing {file.name} ...")
    with progress("Importing", task_import.PHASES) as bar, use_case(dry_run=dry_run):
        result = task_import.import_orders(table, how, file.name, moved=bar.update)
    told = "zh" if language() == "zh_CN" else "en"
    refused = [{"row": one.row, "code": one.code, "reason": getattr(one, told)} for one in result.refused]
    document = {name: getattr(result, name) for name in COUNTS} | {"refused": refused}
    counts = ", ".join(f"{name} {document[name]}" for name in COUNTS)
    words = [f"row {one['row']}: {one['reason']}" for one in refused[:SHOWN]]
    words += [f"… and {len(refused) - SHOWN} more refused rows"] if len(refused) > SHOWN else []
    answer(document, as_json=as_json, words=[*words, f"{counts}, refused {len(refused)}."])
    return FINDINGS if refused else None


COUNTS = ("rows", "created", "unchanged", "updated", "located", "unlocated")


@command.command()
@click.argument("file", type=WRITE)
@click.option("--from", "since", type=TIME, help="Reported at this time or later.")
@click.option("--to", "until", type=TIME, help="Reported before this time.")
@click.option("--scope", help="Code of an area: it and everything under it.")
@json_option
def export(
    file: Path, *, since: dt.datetime | None, until: dt.datetime | None, scope: str | None, as_json: bool
) -> None:
    """Tasks as CSV, XLSX, GeoPackage or Parquet by the ending of FILE; personal data is masked.

    Example: gridapp tasks export 2026-02.gpkg --from 2026-02-01 --to 2026-03-01 --scope 511502001
    """
    with progress(f"Writing {file.name}", task_export.PARTS) as bar, use_case():
        count = task_export.export(file, since, until, scope, moved=bar.update)
    answer({"file": str(file), "tasks": count}, as_json=as_json, words=[f"{file}: {count} tasks."])
