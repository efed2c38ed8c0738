"""``python -m bench.grids``: draws every place, lets the peers divide the same blocks, prints a table."""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.grids import cases, hands, peers, pictures
from geodata.blocks import joined
from geodata.draw import Drawing, draw
from geodata.draw.division import Division, searched
from geodata.draw.plan import first_division
from geodata.draw.report import on_street, roundness, streetless
from geodata.draw.search import value

RESULTS = Path(__file__).parents[1] / "results"
LOW, HIGH = 300, 500
LONGER = 10
LOCKED = 3
"""Of so many grids one is locked when the rest is drawn again, and all that were moved by hand."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    on: str
    by: str
    grids: int
    within: float | None
    named: int
    contiguous: float | None
    on_street: float | None
    where_streets: float | None
    round: float | None
    seconds: float
    processor: float
    remark: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw grids, beside libraries alone on the same blocks.")
    parser.add_argument(
        "--on",
        action="append",
        choices=[*cases.names(), "large sample"],
        help="a place; all but the large sample where not given",
    )
    parser.add_argument("--pictures", type=Path, help="folder for the pictures")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--longer", action="store_true", help="also the medium sample's search, ten times longer")
    given = parser.parse_args()
    rows: list[Row] = []
    for case in cases.each(given.on or cases.names()):
        for row in measure(case, given.pictures, with_peers=not given.no_peers):
            print(f"{row.on}: {row.by} {row.seconds:.1f} s {row.remark}", file=sys.stderr, flush=True)
            rows.append(row)
        if given.longer and case.name == "medium sample":
            rows += longer(case)
    print(table(rows))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "grids.json").write_text(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False) + "\n")


def measure(case: cases.Case, folder: Path | None, *, with_peers: bool) -> list[Row]:
    """Our row, files read again within its time, then a row for each peer."""
    begun, spent = time.perf_counter(), time.process_time()
    case = cases.load(case.name)
    drawn = draw(case.boundary, case.streets, case.buildings, low=LOW, high=HIGH)
    seconds, used = time.perf_counter() - begun, time.process_time() - spent
    held, sheet = drawn.division, drawn.sheet
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    within = sheet.within / max(sheet.grids - len(sheet.infeasible), 1)
    whole = 1.0 if sheet.contiguous else 0.0
    remark = f"{len(sheet.unproven)} unproven, {sheet.cut_buildings} buildings cut, {peak:.2f} GB"
    named = len(sheet.infeasible)
    street = (sheet.border_on_street, sheet.border_where_streets)
    figures = (sheet.grids, within, named, whole, *street, sheet.polsby_popper_mean)
    rows = [Row(case.name, "gridapp", *figures, seconds, used, remark), *again(case, drawn)]
    if folder is not None:
        houses = case.buildings.assign(households=drawn.households)
        stem = case.name.split()[0].lower()
        pictures.before(drawn.grids, case.streets, houses, folder / f"draw-{stem}-before.png")
        pictures.after(drawn.grids, case.streets, houses, folder / f"draw-{stem}-after.png")
    if with_peers:
        rows += [_peer(case.name, name, held) for name in peers.PEERS]
    return rows


def again(case: cases.Case, drawn: Drawing) -> list[Row]:
    """The rest drawn again, layers at hand: a third of the grids locked, then also some that were moved by hand."""
    third = set(drawn.grids["code"].iloc[::LOCKED])
    moved, changed = hands.by_hand(case, drawn)
    return [
        _rest(case, "a third locked", drawn.grids, third),
        _rest(case, f"{len(changed)} moved by hand, a third locked", moved, third | changed),
    ]


def _rest(case: cases.Case, how: str, grids: Any, locked: set[str]) -> Row:
    ground = grids.dissolve()[["geometry"]] if case.boundary is None else case.boundary
    kept = grids[grids["code"].isin(locked)]
    begun, spent = time.perf_counter(), time.process_time()
    drawn = draw(ground, case.streets, case.buildings, low=LOW, high=HIGH, locked=kept)
    seconds, used = time.perf_counter() - begun, time.process_time() - spent
    sheet, now = drawn.sheet, drawn.grids.set_index("code").loc[kept["code"]]
    same = sum(a == b for a, b in zip(now.geometry.to_wkb(), kept.geometry.to_wkb(), strict=True))
    within = sheet.within / max(sheet.grids - len(sheet.infeasible), 1)
    whole, street = 1.0 if sheet.contiguous else 0.0, (sheet.border_on_street, sheet.border_where_streets)
    figures = (sheet.grids, within, len(sheet.infeasible), whole, *street, sheet.polsby_popper_mean)
    remark = (
        f"{len(sheet.unproven)} unproven, {sheet.cut_buildings} buildings cut, {same} of {len(kept)} locked the same"
    )
    return Row(case.name, f"gridapp, {how}", *figures, seconds, used, remark)


def _peer(on: str, name: str, held: Division) -> Row:
    graph, count = held.graph, int(held.grid_of.max()) + 1
    task = peers.Task(graph.first, graph.other, graph.length, graph.cost, graph.load, count, LOW, HIGH)
    grid_of, seconds, used, wrong = peers.run(name, task)
    if grid_of is None:
        return Row(on, name, 0, None, 0, None, None, None, None, seconds, used, wrong)
    lost = grid_of < 0
    grid_of = np.unique(np.where(lost, int(grid_of.max()) + 1, grid_of), return_inverse=True)[1]
    return Row(on, name, *_figures(held, grid_of), seconds, used)


def _figures(held: Division, grid_of: Any) -> tuple[int, float, int, float, float | None, float | None, float]:
    """Grids, share within, towers above the limit apart, share in one piece, on streets, roundness."""
    graph = held.graph
    count = int(grid_of.max()) + 1
    loads = np.bincount(grid_of, graph.load, count)
    tower = np.bincount(grid_of, graph.load > HIGH, count) > 0
    good = (loads >= LOW) & (loads <= HIGH)
    owner = graph.owner
    inside = grid_of[owner] == grid_of[graph.other]
    pieces = joined(len(graph), owner[inside], graph.other[inside])
    parts = np.bincount(grid_of[np.unique(pieces)], minlength=count)
    outline = np.bincount(grid_of, graph.outer, count) + np.bincount(
        grid_of[owner[~inside]], graph.length[~inside], count
    )
    area = np.bincount(grid_of, graph.area, count)
    share = float(good[~tower].mean()) if (~tower).any() else 0.0
    mean = float(roundness(area.astype(np.float64), outline.astype(np.float64)).mean())
    street = (on_street(graph, grid_of), on_street(graph, grid_of, streetless(graph, held.units.block_of, HIGH)))
    return count, share, int(tower.sum()), float((parts == 1).mean()), *street, mean


def longer(case: cases.Case) -> list[Row]:
    """What the search alone makes of the same start in its usual time, and in ten times that."""
    held = draw(case.boundary, case.streets, case.buildings, low=LOW, high=HIGH).division
    rows = []
    start = first_division(held.graph, (LOW, HIGH), None, 1)
    for times in (1, LONGER):
        begun, spent = time.perf_counter(), time.process_time()
        done = searched(held.graph, start, held.rules, 1, times)
        seconds, used = time.perf_counter() - begun, time.process_time() - spent
        worth = f"objective {value(held.graph, done, held.rules):.1f}"
        rows.append(Row(case.name, f"search alone, {times} x", *_figures(held, done), seconds, used, worth))
    return rows


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    head = [
        "| on | by | grids | within | named | in one piece | on streets | where any are | PP | time | processor | |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    return "\n".join(head + [_line(row) for row in rows])


def _line(row: Row) -> str:
    def share(number: float | None) -> str:
        return "-" if number is None else f"{number:.1%}"

    middle = (
        f"{row.grids or '-'} | {share(row.within)} | {row.named} | {share(row.contiguous)} | {share(row.on_street)}"
        f" | {share(row.where_streets)}"
    )
    mean = "-" if row.round is None else f"{row.round:.3f}"
    return f"| {row.on} | {row.by} | {middle} | {mean} | {row.seconds:.1f} s | {row.processor:.1f} s | {row.remark} |"


if __name__ == "__main__":
    main()
