"""`gridapp grids check`: what is wrong with a layer of grids; needs no database."""

from pathlib import Path

import click

from geodata.coverage import ENCLAVE_M
from geodata.io import read, read_layer
from gridapp.cli.grids.words import finding_words
from gridapp.cli.output import FINDINGS, answer, json_option, progress
from gridapp.cli.params import READ
from gridapp.services.ground import grid_findings, grid_rows


@click.command()
@click.argument("file", type=READ)
@click.option("--parents", type=READ, help="Layer of the level above.")
@click.option("--buildings", type=READ, help="Buildings that no border may cut.")
@click.option("--tolerance", type=click.FloatRange(0, 100), default=0.0, help="Metres that are forgiven.")
@click.option(
    "--enclave",
    type=click.FloatRange(0),
    default=ENCLAVE_M,
    show_default=True,
    help="Metres of width from which a hole is somebody else's ground and no finding.",
)
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
    enclave: float,
    layer: str | None,
    crs: str | None,
    code: str | None,
    as_json: bool,
) -> int | None:
    """What is wrong with a layer of grids; exit status 1 where there are findings.

    Example: gridapp grids check groups.geojson --parents communities.geojson --tolerance 0.5 --json
    """
    with progress(f"Checking {file.name}", length=3) as bar:
        drawn = read(file, layer, crs, own=True, doubtful=True)
        grid_rows.check_columns(drawn.frame, grid_rows.Columns(code=code), file.name)
        frame = drawn.frame.assign(code=drawn.frame[code].map(str)) if code else drawn.frame
        bar.update(1)
        known = frame.crs is not None  # nothing can be laid beside numbers of which nobody knows what they are
        above = read_layer(parents) if parents and known else None
        houses = read_layer(buildings) if buildings and known else None
        bar.update(1)
        findings = grid_findings.find(frame, drawn.faults, above, houses, tolerance=tolerance, enclave=enclave)
        bar.update(1)
    words = finding_words(findings) or [f"{len(frame)} features, nothing wrong."]
    answer(grid_findings.document(len(frame), findings), as_json=as_json, words=words)
    return FINDINGS if findings else None
