"""`gridapp grids import`: boundaries of a level into the database."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geodata.coverage import KINDS
from geodata.io import read
from gridapp.cli.grids.words import finding_words
from gridapp.cli.output import FINDINGS, answer, json_option, language, progress
from gridapp.cli.params import LEVEL, READ, TIME

if TYPE_CHECKING:
    from gridapp.services.ground.grid_import import Imported


def _kinds(_ctx: click.Context, _param: click.Parameter, told: str) -> frozenset[str]:
    named = frozenset(filter(None, (kind.strip() for kind in told.split(","))))
    if named - set(KINDS):
        raise click.BadParameter(f"{', '.join(sorted(named - set(KINDS)))}: the kinds are {', '.join(KINDS)}")
    return named


@click.command("import")
@click.argument("file", type=READ)
@click.option("--level", type=LEVEL, required=True, help="Level of the tree.")
@click.option("--layer", help="Layer of the file, where it has several.")
@click.option("--code", help="Column of the codes; numbered by rule where not given.")
@click.option("--name", help="Column of the names; by default “name”.")
@click.option("--parent", help="Column of the parents' codes; by default whoever holds the larger part.")
@click.option("--households", help="Column of the households.")
@click.option("--crs", help="What the coordinates are in: an EPSG code, gcj02, bd09.")
@click.option("--from", "since", type=TIME, help="From when the boundaries hold; now where not given.")
@click.option("--accept", default="", callback=_kinds, help="Kinds of findings that do not stop it, by commas.")
@click.option("--dry-run", is_flag=True, help="Show what would happen.")
@json_option
def import_(
    file: Path,
    *,
    level: str,
    layer: str | None,
    code: str | None,
    name: str | None,
    parent: str | None,
    households: str | None,
    crs: str | None,
    since: dt.datetime | None,
    accept: frozenset[str],
    dry_run: bool,
    as_json: bool,
) -> int | None:
    """Boundaries of a level, in force from a time; findings stop it, unless their kinds are accepted.

    Exit status 1 where there are findings, accepted or not; `stored` says whether they stopped it.

    Example: gridapp grids import wards.geojson --level community --code WARD --from 2011-01-01 --accept gap,sliver
    """
    # the other commands of this room need neither the application nor the database, and start without them
    from gridapp.cli.application import use_case  # noqa: PLC0415
    from gridapp.services.ground import grid_findings, grid_import, grid_rows  # noqa: PLC0415
    from gridapp.timesource import now  # noqa: PLC0415

    columns = grid_rows.Columns(code, name, parent, households)
    with progress(f"Importing {file.name}", 1 + grid_import.PHASES) as bar:
        drawn = read(file, layer, crs)
        bar.update(1)
        with use_case(dry_run=dry_run):
            result = grid_import.import_grids(
                drawn, file.name, level, columns, since or now(), accept, moved=bar.update
            )
    stopped = result.refused_kinds(accept)
    document = {
        **grid_findings.document(result.features, result.findings),
        "stored": result.stored and not dry_run,
        "created": result.created,
        "changed": result.changed,
        "unchanged": result.unchanged,
        "left_out": result.left_out,
        "mended": list(result.mended),
        "notes": [note[0] for note in result.notes],
    }
    answer(document, as_json=as_json, words=_import_words(result, stopped))
    return FINDINGS if result.findings else None


def _import_words(result: "Imported", stopped: list[str]) -> list[str]:
    words = [note[1 if language() == "zh_CN" else 0] for note in result.notes]
    words += finding_words(result.findings)
    if result.mended:
        words.append(f"Rings that crossed were mended: {', '.join(result.mended)}")
    if stopped:
        return [*words, f"Nothing is stored. Mend the file, or say --accept {','.join(stopped)}"]
    return [*words, f"{result.created} new, {result.changed} changed, {result.unchanged} as they were."]
