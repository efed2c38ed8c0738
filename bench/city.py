"""Half a year of a city's service requests through ``gridapp tasks import``, as a process, on a fresh instance."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.lines import Line
from bench.stage import Stage, founded

SHARED = Path(os.environ.get("GRIDAPP_SHARED_DATA") or Path(__file__).parents[2] / "shared" / "data")
WARDS, PRECINCTS, ORDERS = (
    SHARED / "tasks" / name
    for name in (
        "boston_wards.geojson",
        "boston_precincts_4326_with_households.parquet",
        "boston_311_2011H2.parquet",
    )
)
SINCE = ("--from", "2011-01-01")
FAULTS_OF_WARDS = "edge_mismatch,gap,multipart,overlap,self_intersection,sliver"
FAULTS_OF_PRECINCTS = f"{FAULTS_OF_WARDS},not_covered,outside_parent,spike"
FINDINGS = 1
"""The status of a command that did its work and had something to say about it."""
WHAT, AIM = "`gridapp tasks import` of half a year of Boston's requests", "60 s or less"


def measure() -> Iterator[Line]:
    """Seconds of the import and rows a second, from the start of the process to its end."""
    absent = [path for path in (WARDS, PRECINCTS, ORDERS) if not path.exists()]
    if absent:
        yield Line(WHAT, f"not measured: {absent[0]} is missing; GRIDAPP_SHARED_DATA names the folder of the data", AIM)
        return
    with tempfile.TemporaryDirectory(prefix="gridapp-bench-") as folder, founded(Path(folder)) as made:
        _boundaries(made)
        begun = time.monotonic()
        told = _gridapp(made, "tasks", "import", ORDERS, "--mapping", "boston_311.toml")
        seconds = time.monotonic() - begun
    rows, refused = int(told["rows"]), len(told["refused"])
    measured = f"{seconds:.1f} s, {rows / seconds:,.0f} rows/s ({rows:,} rows, {refused:,} of them refused)"
    yield Line(WHAT, measured, AIM, {"seconds": seconds, "rows": rows, "rows_a_second": rows / seconds})


def _boundaries(made: Stage) -> None:
    wards = ("--level", "community", "--code", "WARD", *SINCE, "--accept", FAULTS_OF_WARDS)
    _gridapp(made, "grids", "import", WARDS, *wards)
    named = ("--level", "group", "--code", "WARD_PRECINCT", "--households", "households")
    _gridapp(made, "grids", "import", PRECINCTS, *named, *SINCE, "--accept", FAULTS_OF_PRECINCTS)


def _gridapp(made: Stage, *words: str | Path) -> dict[str, Any]:
    """What a command answers as JSON; the bench ends with its words where it fails."""
    command = [str(Path(sys.executable).with_name("gridapp")), *map(str, words), "--json"]
    ran = subprocess.run(command, env=made.environment, capture_output=True, text=True, check=False)
    if ran.returncode not in (0, FINDINGS):
        raise SystemExit(f"{' '.join(command)}: {ran.stderr}")
    document: dict[str, Any] = json.loads(ran.stdout)
    if document.get("stored") is False:
        raise SystemExit(f"{' '.join(command)} stored nothing: {ran.stdout}")
    return document
