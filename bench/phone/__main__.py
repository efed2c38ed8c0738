"""``python -m bench.phone``: measures the phone page and writes ``bench/phone.json``; part of ``make bench``."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.phone import lighthouse, link, reporting, served, week

RESULT = Path(__file__).parents[1] / "phone.json"
COMMAND = "python -m bench.phone"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, prog=COMMAND)
    parser.add_argument("--rounds", type=int, default=3, help="whose median counts")
    parser.add_argument("--instance", type=Path, help="a district to keep; a temporary one where not given")
    parser.add_argument("--result", type=Path, default=RESULT)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gridapp-bench-") as folder:
        instance = given.instance or Path(folder)
        found = {
            "command": f"{COMMAND} --rounds {given.rounds}",
            "on": dt.datetime.now(dt.UTC).date().isoformat(),
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.python_implementation()} "
            f"{platform.python_version()}",
            **measured(instance, given.rounds),
            "a_week_away": away(instance),
        }
    given.result.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    print(given.result.read_text())


def away(instance: Path) -> dict[str, Any]:
    """A week away, within the rate limits as they are set without a word."""
    say("a week away")
    with served.district(instance, usual_limits=True) as district, served.browser(district) as chromium:
        return week.away(chromium, district)


def measured(instance: Path, rounds: int) -> dict[str, Any]:
    """The other measurements, the one of the weight first, since the others fill the page's stores."""
    with served.district(instance) as district:
        return of(district, rounds)


def of(district: served.Served, rounds: int) -> dict[str, Any]:
    """The measurements of a running district."""
    found: dict[str, Any] = {}
    with served.browser(district) as chromium:
        say("weight, taps and time of a report")
        found["first_load"] = reporting.weight(chromium, district)
        found["report"] = reporting.reports(chromium, district, district.url, rounds)
        say("a slow processor")
        found["slow_processor"] = reporting.slowed(chromium, district, rounds)
    say("third generation network")
    found["third_generation"] = third_generation(district, rounds)
    say("lighthouse")
    found["lighthouse"] = lighthouse.scores(f"{district.url}/field")
    return found


def third_generation(district: served.Served, rounds: int) -> dict[str, Any]:
    """First load, next load and a report over a line that loses packets; nothing where no namespace can be made."""
    if not link.possible():
        return {"not_measured": "needs root and /dev/net/tun"}
    quality = link.THIRD_GENERATION
    with link.bad_network(quality) as line, served.browser(district, line) as chromium:
        url = f"http://{line.address}:{district.port}"
        loads = reporting.loads(chromium, district, url, rounds)
        reports = reporting.reports(chromium, district, url, rounds)
        carried = line.down.passed + line.up.passed
        lost = line.down.lost + line.up.lost
    return {
        "line": {
            "round_trip_ms": quality.round_trip_s * 1000,
            "loss_percent_each_way": quality.loss * 100,
            "kbit_s_down": quality.down / 1000,
            "kbit_s_up": quality.up / 1000,
            "packets_carried": carried,
            "packets_lost": lost,
        },
        **loads,
        "report": reports,
    }


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


main()
