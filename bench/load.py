"""Load by wrk, and the figures that it prints."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.stage import Stage

SCRIPTS = Path(__file__).parent / "wrk"


@dataclass(frozen=True)
class Figure:
    """Medians over the rounds: requests a second, latencies in milliseconds, and how many answers were not 2xx."""

    rate: float
    p50_ms: float
    p99_ms: float
    bad: int


def run(made: Stage, address: str, script: str, connections: int, *, seconds: int, rounds: int) -> Figure:
    """Load an address with a script over so many connections."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise SystemExit("wrk is missing: apt-get install wrk")
    threads = min(2, connections)
    command = [
        wrk,
        f"-t{threads}",
        f"-c{connections}",
        f"-d{seconds}s",
        "--latency",
        "-s",
        str(SCRIPTS / script),
        address,
    ]
    environment = {
        **os.environ,
        "BENCH_TOKENS": " ".join(made.tokens),
        "BENCH_WRK": str(SCRIPTS),
        "BENCH_EDITION": made.environment.get("BENCH_EDITION", ""),
        "BENCH_PHOTOS": made.environment.get("BENCH_PHOTOS", "[]"),
    }
    found = []
    for _ in range(rounds):
        told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        found.append(json.loads(told.stderr.strip().splitlines()[-1]))
    return Figure(
        rate=statistics.median(f["requests"] / f["seconds"] for f in found),
        p50_ms=statistics.median(f["p50_ms"] for f in found),
        p99_ms=statistics.median(f["p99_ms"] for f in found),
        bad=sum(f["bad"] for f in found),
    )
