"""Measure the kit beside shapely, geopandas, pyproj and pyogrio alone; print the table, write JSON beside it."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pyproj
import shapely

from bench.kit import plain
from bench.kit.layers import grids, torn
from geodata import crs, edit
from geodata.clean import clean
from geodata.coverage import check
from geodata.io import read

RESULTS = Path(__file__).parents[1] / "results"
ROUNDS = 3
POINTS = 1_000_000


@dataclass(frozen=True)
class Row:
    """One line: processor seconds of the kit, of the library alone, and how many times the library's that is."""

    what: str
    seconds: float
    against: str
    floor: float

    @property
    def ratio(self) -> float:
        """The kit's time over the library's."""
        return self.seconds / self.floor


def timed(run: Callable[[], object]) -> float:
    """The median of some runs in seconds of the processor, which other programs on the machine do not lengthen."""
    times = []
    for _ in range(ROUNDS):
        start = _used()
        run()
        times.append(_used() - start)
    return statistics.median(times)


def _used() -> float:
    """Seconds that this process and the programs that it called and that ended have used so far."""
    own, called = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + called.ru_utime + called.ru_stime


def called(*words: str) -> Callable[[], object]:
    """A program run as its user runs it, start and files included."""
    return lambda: subprocess.run(words, check=True, capture_output=True)


def measure(folder: Path) -> Iterator[Row]:
    """All rows."""
    layer = grids()
    broken = torn(layer)
    files = {ending: folder / f"grids{ending}" for ending in (".gpkg", ".geojson")}
    for path in files.values():
        layer.to_file(path)
    script = timed(called(sys.executable, "-m", "bench.kit.plain", str(files[".gpkg"])))
    gridapp = str(Path(sys.executable).with_name("gridapp"))
    for ending, path in files.items():
        seconds = timed(called(gridapp, "grids", "check", str(path)))
        yield Row(f"`gridapp grids check`, 10,000 grids, {ending}", seconds, "a script of geopandas alone", script)
    overlay = timed(lambda: plain.faults(layer))
    yield Row("`coverage.check`, nothing wrong", timed(lambda: check(layer)), "geopandas overlay and union", overlay)
    yield Row("`coverage.check`, 100 torn grids", timed(lambda: check(broken)), "geopandas overlay and union", overlay)
    shapes = broken.geometry.to_numpy()
    yield Row(
        "`clean`, 100 torn grids, with the list of changes",
        timed(lambda: clean(broken)),
        "shapely.coverage_clean",
        timed(lambda: shapely.coverage_clean(shapes, gap_width=1e-5)),  # type: ignore[attr-defined]
    )
    yield from _edits(layer)
    yield from _numbers(files[".geojson"])


def _edits(layer: gpd.GeoDataFrame) -> Iterator[Row]:
    whole = layer.geometry.to_numpy()
    valid = timed(lambda: shapely.coverage_is_valid(whole))
    code, shape = layer["code"].iloc[5050], whole[5050]
    points = shapely.get_coordinates(shape)[:-1]
    points[5] += 1e-5
    wish = shapely.Polygon(points)
    middle = shapely.get_coordinates(shapely.point_on_surface(shape))[0]
    way = np.array([0.01, 0.001])
    chord = shapely.LineString([middle - way, middle + way])
    against = "shapely.coverage_is_valid of the layer"
    yield Row("`edit.reshape`, one of 10,000", timed(lambda: edit.reshape(layer, code, wish)), against, valid)
    yield Row("`edit.split`, one of 10,000", timed(lambda: edit.split(layer, code, chord, "new")), against, valid)
    simple = timed(lambda: shapely.coverage_simplify(whole, 1e-5))
    yield Row("`edit.simplify`, 10,000", timed(lambda: edit.simplify(layer, 2)), "shapely.coverage_simplify", simple)


def _numbers(path: Path) -> Iterator[Row]:
    random = np.random.default_rng(3)
    lon, lat = random.uniform(100, 110, POINTS), random.uniform(25, 35, POINTS)
    projected = pyproj.Transformer.from_crs(4326, 4544, always_xy=True)
    floor = timed(lambda: projected.transform(lon, lat))
    for source, target in (("wgs84", "gcj02"), ("gcj02", "wgs84"), ("bd09", "wgs84")):
        seconds = timed(lambda one=source, other=target: crs.transform_arrays(lon, lat, one, other))  # type: ignore[misc]
        yield Row(f"{source} to {target}, 1,000,000 places", seconds, "pyproj, 4326 to 4544", floor)
    bare = timed(lambda: pyogrio.read_dataframe(path))
    yield Row("`io.read`, GeoJSON of 450,000 vertices", timed(lambda: read(path)), "pyogrio alone", bare)


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    head = ["| what | seconds | against | seconds | ratio |", "| --- | --- | --- | --- | --- |"]
    return "\n".join(
        head + [f"| {r.what} | {r.seconds:.3f} | {r.against} | {r.floor:.3f} | {r.ratio:.2f} |" for r in rows]
    )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-kit-") as folder:
        rows = []
        for row in measure(Path(folder)):
            print(row.what, f"{row.seconds:.3f} s", file=sys.stderr, flush=True)
            rows.append(row)
    print(table(rows))
    RESULTS.mkdir(exist_ok=True)
    told = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "rows": [asdict(row) for row in rows]}
    (RESULTS / "kit.json").write_text(json.dumps(told, indent=1) + "\n")


main()
