"""`gridapp osm`: streets and buildings from OpenStreetMap."""

from pathlib import Path

import click

from gridapp.cli.application import use_case
from gridapp.cli.output import answer, json_option, language, progress
from gridapp.cli.params import READ
from gridapp.services.ground import osm_import


@click.group()
def command() -> None:
    """Streets and buildings from OpenStreetMap.

    Example: gridapp osm import sichuan.osm.pbf --within district.geojson
    """


@command.command("import")
@click.argument("file", type=READ)
@click.option("--within", type=READ, help="Layer of an area: only what touches it.")
@click.option("--dry-run", is_flag=True, help="Show what would happen.")
@json_option
def import_(file: Path, *, within: Path | None, dry_run: bool, as_json: bool) -> None:
    """Streets and buildings of an extract into the base data; the same file again replaces what it brought.

    Example: gridapp osm import town.osm.pbf --json
    """
    chinese = language() == "zh_CN"
    label = f"正在导入 {file.name}" if chinese else f"Importing {file.name}"
    with progress(label, osm_import.PHASES) as bar, use_case(dry_run=dry_run):
        counts = osm_import.import_osm(file, within, moved=bar.update)
    streets, buildings = counts["streets"], counts["buildings"]
    told = f"{streets} 条道路，{buildings} 个建筑物。" if chinese else f"{streets} streets, {buildings} buildings."
    answer({"streets": streets, "buildings": buildings}, as_json=as_json, words=[told])
