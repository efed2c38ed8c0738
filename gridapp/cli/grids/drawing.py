"""`gridapp grids draw`: balanced grids along streets, and their result sheet."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from gridapp.cli.output import FINDINGS, answer, json_option, language, progress, say, written_beside
from gridapp.cli.params import READ, WRITE

if TYPE_CHECKING:
    from geodata.draw import Drawing

STEPS = ("read", "look", "blocks", "search", "mend", "borders", "write")


@click.command()
@click.option("--boundary", type=READ, help="Polygons of the ground; the hull of the buildings where not given.")
@click.option(
    "--boundary-name", help="Name of one boundary: in --boundary, or in the extract of streets and buildings."
)
@click.option("--streets", type=READ, help="Centre lines with their class, or an .osm.pbf.")
@click.option(
    "--buildings", type=READ, help="Polygons of buildings, or an .osm.pbf; that of --streets where not given."
)
@click.option("--out", type=WRITE, required=True, help="Where the grids go; the ending names the format.")
@click.option("--households", help="Column of the households; by default “households”, else they are estimated.")
@click.option("--min", "low", type=int, default=300, show_default=True, help="Fewest households of a grid.")
@click.option("--max", "high", type=int, default=500, show_default=True, help="Most households of a grid.")
@click.option("--weight", help="Column of what is to be shared evenly instead (workload, people in care).")
@click.option("--grids", "count", type=click.IntRange(1), help="How many grids; as few as balance allows by default.")
@click.option("--lock", type=READ, help="Grids that stay as they are.")
@click.option("--present", type=READ, help="Grids whose workers should keep their buildings.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same drawing.")
@click.option("--report", type=WRITE, help="Where the result sheet goes, as JSON.")
@click.option("--crs", help="What the coordinates of the files are in, where they do not say.")
@json_option
def draw(*, out: Path, report: Path | None, as_json: bool, **asked: Any) -> int | None:
    """Balanced grids along streets; exit status 1 where some cannot be within the limits.

    Example: gridapp grids draw --streets city.osm.pbf --boundary-name Schaan --out groups.gpkg --report sheet.json
    """
    from geodata.io import write_layer  # noqa: PLC0415  # what draws is loaded when it is wanted

    begun = time.perf_counter()
    with progress("Drawing", len(STEPS)) as bar:
        reach = _reached(bar)
        drawing = _drawn(asked, reach)
        reach("write")
        write_layer(drawing.grids, out)
        sheet = {**drawing.sheet.as_dict(), "seconds": round(time.perf_counter() - begun, 2)}
        if report is not None:
            with written_beside(report) as beside:
                beside.write_bytes(orjson.dumps(sheet, option=orjson.OPT_INDENT_2) + b"\n")
        bar.update(1)
    answer(sheet, as_json=as_json, words=_words(drawing, out))
    for remark in drawing.sheet.remarks:
        say(remark.message(language()))
    return FINDINGS if drawing.sheet.within < drawing.sheet.grids else None


def _reached(bar: Any) -> Callable[[str], None]:
    """Moves a bar to a step by its name, never back."""
    done = 0

    def reach(step: str) -> None:
        nonlocal done
        more = max(STEPS.index(step) - done, 0)
        done += more
        bar.update(more)

    return reach


def _drawn(asked: dict[str, Any], step: Any) -> "Drawing":
    from geodata.draw import draw as drawn  # noqa: PLC0415
    from geodata.draw import files  # noqa: PLC0415
    from geodata.io import read_layer  # noqa: PLC0415

    streets, buildings, system = asked["streets"], asked["buildings"], asked["crs"]
    if buildings is None:
        if streets is None or not files.is_extract(streets):
            raise click.UsageError("--buildings is missing; it may be left out only where --streets is an .osm.pbf")
        buildings = streets
    if streets is None and files.is_extract(buildings):
        streets = buildings
    step("read")
    boundary = files.read_boundary(asked["boundary"], asked["boundary_name"], streets, buildings, system)
    within = None if boundary is None else boundary.union_all()
    return drawn(
        boundary,
        files.read_streets(streets, within, system),
        files.read_buildings(buildings, within, system),
        low=asked["low"],
        high=asked["high"],
        households=asked["households"],
        weight=asked["weight"],
        locked=None if asked["lock"] is None else read_layer(asked["lock"], crs=system),
        present=None if asked["present"] is None else read_layer(asked["present"], crs=system),
        count=asked["count"],
        seed=asked["seed"],
        progress=step,
    )


def _words(drawing: "Drawing", out: Path) -> list[str]:
    sheet = drawing.sheet
    chinese = language() == "zh_CN"
    street = "-" if sheet.border_on_street is None else f"{sheet.border_on_street:.0%}"
    few, many = sheet.households["min"], sheet.households["max"]
    outside = sheet.infeasible + sheet.unproven
    if chinese:
        head = (
            f"{out}：{sheet.grids} 个网格，{sheet.within} 个符合户数范围（{few}～{many} 户），"
            f"边界沿道路 {street}，紧凑度 {sheet.polsby_popper_mean:.2f}"
        )
        return [head, *(f"网格 {one.grid}（{one.households} 户）：{one.cause_zh}" for one in outside)]
    head = (
        f"{out}: {sheet.grids} grids, {sheet.within} within the limits ({few} to {many} households), "
        f"{street} of the borders on streets, Polsby-Popper {sheet.polsby_popper_mean:.2f}"
    )
    return [head, *(f"grid {one.grid} ({one.households} households): {one.cause}" for one in outside)]
