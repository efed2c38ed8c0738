"""``make bench``: set the stage, measure every row, print the tables, write JSON beside them."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench import city, lines, rows, screen, streams
from bench.stage import Stage, stage
from gridapp.catalogue import load_catalogue

RESULTS = Path(__file__).parent / "results"
PARTS = ("rates", "streams", "screen", "city")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure against floors in one run.", prog="make bench")
    parser.add_argument("--seconds", type=int, default=8, help="of each round")
    parser.add_argument("--rounds", type=int, default=3, help="whose median counts")
    parser.add_argument("--instance", type=Path, help="a stage to keep; a temporary one where not given")
    parser.add_argument("--only", choices=PARTS, action="append", help="measure this part alone")
    given = parser.parse_args()
    parts = given.only or PARTS
    found: list[rows.Row] = []
    single: list[lines.Line] = []
    if "rates" in parts or "streams" in parts:
        with (
            tempfile.TemporaryDirectory(prefix="gridapp-bench-") as folder,
            stage(given.instance or Path(folder)) as made,
        ):
            if "streams" in parts:
                single += told(streams.measure(made))
            if "rates" in parts:
                found += rates(made, given.seconds, given.rounds)
    if "screen" in parts:
        single += told(screen.measure())
    if "city" in parts:
        single += told(city.measure())
    write(found, single)


def rates(made: Stage, seconds: int, rounds: int) -> Iterator[rows.Row]:
    """The rows, each said as soon as it is there."""
    made.environment["BENCH_EDITION"] = load_catalogue().version
    made.environment["BENCH_PHOTOS"] = json.dumps(["ab" * 32])
    for row in rows.measure(made, seconds=seconds, rounds=rounds):
        print(row.what, row.connections, f"{row.rate:,.0f} {row.unit}", file=sys.stderr, flush=True)
        yield row


def told(measured: Iterator[lines.Line]) -> Iterator[lines.Line]:
    """The lines, likewise."""
    for line in measured:
        print(f"{line.what}: {line.measured}", file=sys.stderr, flush=True)
        yield line


def write(found: list[rows.Row], single: list[lines.Line]) -> None:
    """What was measured, as Markdown and as JSON."""
    print("\n\n".join(table for table in (found and rows.table(found), single and lines.table(single)) if table))
    RESULTS.mkdir(exist_ok=True)
    document = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "rows": [row.as_dict() for row in found],
        "lines": [line.as_dict() for line in single],
    }
    (RESULTS / "latest.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


main()
