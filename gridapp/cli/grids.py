"""`gridapp grids`: boundaries in and out, and what is wrong with them."""

import datetime as dt
from pathlib import Path

import click

from geodata.coverage import KINDS, Finding
from geodata.io import read, read_layer
from gridapp.cli.application import application, use_case
from gridapp.cli.output import FINDINGS, answer, json_option, language, say
from gridapp.cli.params import LEVEL, READ, TIME, WRITE
from gridapp.services import grid_export, grid_findings, grid_import, grid_rows
from gridapp.timesource import now


@click.group()
def command() -> None:
    """Boundaries: import, export, check.

    Example: gridapp grids check precincts.geojson
    """


def _kinds(_ctx: click.Context, _param: click.Parameter, told: str) -> frozenset[str]:
    named = frozenset(filter(None, (kind.strip() for kind in told.split(","))))
    if named - set(KINDS):
        raise click.BadParameter(f"{', '.join(sorted(named - set(KINDS)))}: the kinds are {', '.join(KINDS)}")
    return named


@command.command("import")
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

    Example: gridapp grids import wards.geojson --level community --code WARD --from 2011-01-01 --accept gap,sliver
    """
    columns = grid_rows.Columns(code, name, parent, households)
    say(f"Reading {file.name} ...")
    drawn = read(file, layer, crs)
    with use_case(dry_run=dry_run):
        result = grid_import.import_grids(drawn, file.name, level, columns, since or now(), accept)
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
    return FINDINGS if stopped else None


def _import_words(result: grid_import.Imported, stopped: list[str]) -> list[str]:
    words = [note[1 if language() == "zh_CN" else 0] for note in result.notes]
    words += _finding_words(result.findings)
    if result.mended:
        words.append(f"Rings that crossed were mended: {', '.join(result.mended)}")
    if stopped:
        return [*words, f"Nothing is stored. Mend the file, or say --accept {','.join(stopped)}"]
    return [*words, f"{result.created} new, {result.changed} changed, {result.unchanged} as they were."]


def _finding_words(findings: list[Finding]) -> list[str]:
    return [f"{one.kind}: {', '.join(one.grids)} ({one.area_m2:.2f} m2, {one.length_m:.2f} m)" for one in findings]


@command.command()
@click.argument("file", type=WRITE)
@click.option("--level", type=LEVEL, help="Only this level.")
@click.option("--at", "moment", type=TIME, help="What held at that time; now where not given.")
@click.option("--crs", help="What to write the coordinates in.")
@json_option
def export(file: Path, *, level: str | None, moment: dt.datetime | None, crs: str | None, as_json: bool) -> None:
    """What held at a time, in the format that the ending of FILE names.

    Example: gridapp grids export groups.gpkg --level group --at 2026-01-01
    """
    with application().app_context():
        count = grid_export.export(file, moment or now(), level, crs)
    answer({"file": str(file), "features": count}, as_json=as_json, words=[f"{file}: {count} grids."])


@command.command()
@click.argument("file", type=READ)
@click.option("--parents", type=READ, help="Layer of the level above.")
@click.option("--buildings", type=READ, help="Buildings that no border may cut.")
@click.option("--tolerance", type=click.FloatRange(0, 100), default=0.0, help="Metres that are forgiven.")
@click.option("--layer", help="Layer of FILE, where it has several.")
@click.option("--crs", help="What the coordinates of FILE are in.")
@click.option("--code", help="Column of FILE with the codes; by default “code”.")
@json_option
def check(
    file: Path,
    *,
    parents: Path | None,
    buildings: Path | None,
    tolerance: float,
    layer: str | None,
    crs: str | None,
    code: str | None,
    as_json: bool,
) -> int | None:
    """What is wrong with a layer of grids; exit status 1 where there are findings.

    Example: gridapp grids check groups.geojson --parents communities.geojson --tolerance 0.5 --json
    """
    drawn = read(file, layer, crs)
    grid_rows.check_columns(drawn.frame, grid_rows.Columns(code=code), file.name)
    frame = drawn.frame.assign(code=drawn.frame[code].map(str)) if code else drawn.frame
    above = read_layer(parents) if parents else None
    houses = read_layer(buildings) if buildings else None
    findings = grid_findings.find(frame, drawn.faults, above, houses, tolerance=tolerance)
    words = _finding_words(findings) or [f"{len(frame)} features, nothing wrong."]
    answer(grid_findings.document(len(frame), findings), as_json=as_json, words=words)
    return FINDINGS if findings else None
