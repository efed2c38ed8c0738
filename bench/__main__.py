"""``make bench``: set the stage, measure every row, print the table, write JSON beside it."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from bench import rows
from bench.stage import stage
from gridapp.catalogue import load_catalogue

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure against floors in one run.", prog="make bench")
    parser.add_argument("--seconds", type=int, default=8, help="of each round")
    parser.add_argument("--rounds", type=int, default=3, help="whose median counts")
    parser.add_argument("--instance", type=Path, help="a stage to keep; a temporary one where not given")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gridapp-bench-") as folder, stage(given.instance or Path(folder)) as made:
        made.environment["BENCH_EDITION"] = load_catalogue().version
        made.environment["BENCH_PHOTOS"] = json.dumps(["ab" * 32])
        found = []
        for row in rows.measure(made, seconds=given.seconds, rounds=given.rounds):
            print(row.what, row.connections, f"{row.rate:,.0f} {row.unit}", file=sys.stderr, flush=True)
            found.append(row)
    print(rows.table(found))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "latest.json").write_text(rows.as_json(found) + "\n")


main()
