"""Copies what the browser needs from npm into gridapp/static/vendor, with a manifest; nothing comes from a CDN.

npm checks the integrity of what it fetches. References to source maps are cut out, for no map is shipped.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "gridapp" / "static" / "vendor"
SOURCE_MAP = re.compile(rb"\n?(?://[#@] sourceMappingURL=\S*|/\*# sourceMappingURL=[^*]*\*/)\s*$")

# htmx stays on its second line: the fourth, new, changes what attributes children inherit and which events are sent.
PACKAGES: dict[str, list[str]] = {
    "leaflet@1.9.4": ["dist/leaflet.js", "dist/leaflet.css", "dist/images/"],
    "leaflet.markercluster@1.5.3": [
        "dist/leaflet.markercluster.js",
        "dist/MarkerCluster.css",
        "dist/MarkerCluster.Default.css",
    ],
    "protomaps-leaflet@5.1.0": ["dist/protomaps-leaflet.js"],
    "@geoman-io/leaflet-geoman-free@2.20.2": ["dist/leaflet-geoman.js", "dist/leaflet-geoman.css"],
    "htmx.org@2.0.11": ["dist/htmx.min.js"],
    "swagger-ui-dist@5.35.0": ["swagger-ui.css", "swagger-ui-bundle.js"],
}


def fetch(package: str, folder: Path) -> Path:
    """The unpacked package."""
    words = ["npm", "pack", "--silent", "--pack-destination", str(folder), package]
    name = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()[-1]
    subprocess.run(["tar", "-xzf", folder / name, "-C", folder], check=True)
    return folder / "package"


def wanted(unpacked: Path, patterns: list[str]) -> list[Path]:
    """The files that the patterns name (a folder means all in it), and the licence."""
    found = [file for file in unpacked.iterdir() if re.search("licen|notice", file.name, re.IGNORECASE)]
    for pattern in patterns:
        place = unpacked / pattern
        found += sorted(place.iterdir()) if pattern.endswith("/") else [place]
    return found


def copy(package: str, patterns: list[str]) -> dict[str, object]:
    """Copies one package; its entry of the manifest."""
    with tempfile.TemporaryDirectory() as folder:
        unpacked = fetch(package, Path(folder))
        facts = json.loads((unpacked / "package.json").read_text())
        target = VENDOR / facts["name"].rpartition("/")[2]
        shutil.rmtree(target, ignore_errors=True)
        sums = {}
        for file in wanted(unpacked, patterns):
            inside = file.relative_to(unpacked).as_posix().removeprefix("dist/")
            content = file.read_bytes()
            if file.suffix in {".js", ".css"}:
                content = SOURCE_MAP.sub(b"\n", content)
            (target / inside).parent.mkdir(parents=True, exist_ok=True)
            (target / inside).write_bytes(content)
            sums[f"{target.name}/{inside}"] = hashlib.sha256(content).hexdigest()
    return {"name": facts["name"], "version": facts["version"], "licence": facts["license"], "sha256": sums}


def main() -> None:
    """All packages, then the manifest."""
    if not shutil.which("npm"):
        sys.exit("npm is needed to copy the browser's libraries: apt-get install npm")
    VENDOR.mkdir(parents=True, exist_ok=True)
    manifest = [copy(package, patterns) for package, patterns in PACKAGES.items()]
    (VENDOR / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


main()
