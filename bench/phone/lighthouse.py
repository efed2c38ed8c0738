"""Lighthouse over the phone page: whether it can be installed and opens without a network, and whether all can use it.

The eleventh version is the last that checks Progressive Web Apps.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

VERSION = "11.7.1"
CATEGORIES = ("pwa", "accessibility", "performance")
FLAGS = "--headless=new --no-sandbox --disable-dev-shm-usage"
PATIENCE_S = 300


def scores(address: str) -> dict[str, Any]:
    """The scores from 0 to 100 and what failed, by npm's own package; nothing where there is no npm."""
    npx, chromium = shutil.which("npx"), shutil.which("chromium")
    if npx is None or chromium is None:
        return {"not_measured": "needs npm and chromium"}
    with tempfile.TemporaryDirectory(prefix="gridapp-lighthouse-") as folder:
        result = Path(folder) / "result.json"
        command = [
            npx,
            "--yes",
            f"lighthouse@{VERSION}",
            address,
            "--quiet",
            "--output=json",
            f"--output-path={result}",
            f"--only-categories={','.join(CATEGORIES)}",
            f"--chrome-flags={FLAGS}",
        ]
        environment = {**os.environ, "CHROME_PATH": chromium}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        if not result.exists():
            return {"not_measured": done.stderr.strip()[-500:]}
        document = json.loads(result.read_text())
    audits = document["audits"]
    wanted = {name: [one["id"] for one in document["categories"][name]["auditRefs"]] for name in CATEGORIES[:2]}
    failed = {name: [one for one in ids if audits[one]["score"] == 0] for name, ids in wanted.items()}
    return {
        "version": document["lighthouseVersion"],
        "scores": {name: round(100 * document["categories"][name]["score"]) for name in CATEGORIES},
        "failed": {name: ids for name, ids in failed.items() if ids},
        "passed_pwa": [one for one in wanted["pwa"] if audits[one]["score"] == 1],
    }
