"""`gridapp grids clean`: gaps, slivers and overlaps closed, and what was changed; needs no database."""

import math
from collections import Counter
from pathlib import Path

import click

from geodata.clean import TOLERANCE_M, Change, Cleaned
from geodata.clean import clean as mend
from geodata.coverage import ENCLAVE_M
from geodata.io import read, read_layer, write_layer
from gridapp.cli.grids.words import finding_words
from gridapp.cli.output import FINDINGS, answer, json_option, progress
from gridapp.cli.params import READ, WRITE, apart
from gridapp.services.ground import grid_rows

TOLD_M = 0.001
"""Metres from which a moved border is told by its grid."""
KEEP_THEIR_NUMBERS = frozenset({".gpkg", ".zip", ".parquet"})
"""Formats that are written in the numbers of FILE; the others are WGS 84, as their readers expect."""


@click.command("clean")
@click.argument("file", type=READ)
@click.argument("out", type=WRITE)
@click.option(
    "--tolerance",
    type=click.FloatRange(0, 100),
    default=TOLERANCE_M,
    show_default=True,
    help="Metres of width up to which gaps are closed.",
)
@click.option("--parents", type=READ, help="Layer of the level above, which the grids shall tile.")
@click.option(
    "--overlaps",
    type=click.FloatRange(0),
    default=math.inf,
    help="Metres of width up to which overlaps are removed; all where not given.",
)
@click.option(
    "--enclave",
    type=click.FloatRange(0),
    default=ENCLAVE_M,
    show_default=True,
    help="Metres of width from which a hole is somebody else's ground.",
)
@click.option("--layer", help="Layer of FILE, where it has several.")
@click.option("--crs", help="What the coordinates of FILE are in.")
@click.option("--code", help="Column of FILE with the codes; by default “code”.")
@click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")
@json_option
def clean(
    file: Path,
    out: Path,
    *,
    tolerance: float,
    parents: Path | None,
    overlaps: float,
    enclave: float,
    layer: str | None,
    crs: str | None,
    code: str | None,
    dry_run: bool,
    as_json: bool,
) -> int | None:
    """Close gaps and slivers up to the tolerance, remove overlaps, match edges; no vertex is moved to a new place.

    Exit status 1 where something is left that is larger than the tolerance.

    Example: gridapp grids clean precincts.zip mended.gpkg --tolerance 0.5 --json
    """
    apart(file, out)
    drawn = read(file, layer, crs, own=out.suffix.lower() in KEEP_THEIR_NUMBERS)
    grid_rows.check_columns(drawn.frame, grid_rows.Columns(code=code), file.name)
    above = read_layer(parents) if parents else None
    with progress(f"{file.name} to {out.name}", length=2) as bar:
        named = drawn.frame.assign(code=drawn.frame[code].map(str)) if code else drawn.frame
        done = mend(named, above, tolerance=tolerance, overlaps=overlaps, enclave=enclave)
        bar.update(1)
        if not dry_run:
            write_layer(drawn.frame.set_geometry(done.layer.geometry), out)
        bar.update(1)
    answer(_document(done, out, dry_run=dry_run), as_json=as_json, words=_words(done))
    return FINDINGS if done.findings else None


def _document(done: Cleaned, out: Path, *, dry_run: bool) -> dict[str, object]:
    return {
        "file": None if dry_run else str(out),
        "features": len(done.layer),
        "changes": [change.as_dict() for change in done.changes],
        "grids": [grid.as_dict() for grid in done.grids],
        "moved_m": max((grid.moved_m for grid in done.grids), default=0.0),
        "valid": not done.findings,
        "findings": [finding.as_dict() for finding in done.findings],
    }


def _words(done: Cleaned) -> list[str]:
    if not done.changes and not done.findings:
        return [f"{len(done.layer)} features, nothing to mend."]
    words = [_change_words(kind, done.changes) for kind in Counter(change.kind for change in done.changes)]
    moved = [one for one in done.grids if one.moved_m >= TOLD_M]
    words += [f"{one.code}: {one.grown_m2:+.2f} m2, its border moved by {one.moved_m:.3f} m" for one in moved]
    if len(moved) < len(done.grids):
        words.append(f"{len(done.grids) - len(moved)} more grids by less than a millimetre")
    return words + [f"left: {line}" for line in finding_words(list(done.findings))]


def _change_words(kind: str, changes: tuple[Change, ...]) -> str:
    these = [change for change in changes if change.kind == kind]
    ground, widest = sum(one.area_m2 for one in these), max(one.width_m for one in these)
    return f"{kind}: {len(these)} mended, {ground:.2f} m2, {widest:.3f} m at the widest"
