"""`gridapp convert`: one place, or a whole file, from one coordinate system to another."""

from pathlib import Path
from typing import Any

import click

from geodata import crs
from gridapp.cli.output import answer, json_option, language, progress
from gridapp.cli.params import apart

DEGREES, METRES = 9, 4  # decimals: a tenth of a millimetre in either


@click.command(context_settings={"ignore_unknown_options": True})  # or the -71.06 of a longitude would be an option
@click.argument("first", metavar="LON|FILE")
@click.argument("second", metavar="LAT|OUT")
@click.option("--from", "source", metavar="CRS", help="EPSG code, gcj02 or bd09; a file may declare its own.")
@click.option("--to", "target", metavar="CRS", required=True, help="EPSG code, gcj02 or bd09.")
@click.option("--layer", help="Which layer, of a file with several.")
@click.option("--encoding", type=click.Choice(["UTF-8", "GBK"]), default="UTF-8", help="Of the words of a Shapefile.")
@json_option
def command(
    first: str, second: str, source: str | None, target: str, layer: str | None, encoding: str, *, as_json: bool
) -> None:
    """Coordinates and files from one system to another; the format of OUT is told by its ending.

    \b
    Example: gridapp convert 104.6246 28.7602 --from wgs84 --to gcj02
             gridapp convert streets.zip streets.geojson --from EPSG:4523 --to EPSG:4326
    """  # noqa: D301 - click's mark for a paragraph that is not wrapped
    place = _place(first, second)
    if place is None:
        apart(Path(first), Path(second))
        document = _convert_file(Path(first), Path(second), source, target, layer, encoding)
        words = [f"{second}: {document['features']} features in {document['crs']}.", *document["notes"]]
        answer(document, as_json=as_json, words=words)
        return
    if source is None:
        raise click.UsageError("Missing option '--from': say what the numbers are, an EPSG code, gcj02 or bd09.")
    found = _convert_place(*place, source, target)
    answer(found, as_json=as_json, words=[" ".join(str(number) for number in list(found.values())[:2])])


def _place(first: str, second: str) -> tuple[float, float] | None:
    try:
        return float(first), float(second)
    except ValueError:
        return None


def _convert_place(x: float, y: float, source: str, target: str) -> dict[str, Any]:
    system = crs.system(target)
    across, up = crs.from_wgs84(*crs.to_wgs84(x, y, crs.system(source)), system)
    names, decimals = (("lon", "lat"), DEGREES) if system.degrees else (("x", "y"), METRES)
    return {names[0]: round(across, decimals), names[1]: round(up, decimals), "crs": system.label}


def _convert_file(
    file: Path, out: Path, source: str | None, target: str, layer: str | None, encoding: str
) -> dict[str, Any]:
    from geodata.io import read, write_layer  # noqa: PLC0415 - a single place does not wait for geopandas

    system = crs.system(target)
    with progress(f"{file.name} to {out.name}", length=2) as bar:
        found = read(file, layer, source)
        bar.update(1)
        write_layer(found.frame, out, system, encoding=encoding)
        bar.update(1)
    return {
        "file": str(out),
        "features": len(found.frame),
        "crs": system.label,
        "from": found.system,
        "notes": [note.message(language()) for note in found.notes],
    }
