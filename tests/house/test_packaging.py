"""The wheel carries everything and runs in an environment of its own; what is vendored is what the manifest says."""

import configparser
import hashlib
import json
import os
import re
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from email import message_from_bytes
from importlib.metadata import distribution, packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from what is committed or about to be, in a copy, so that the checkout stays as it is."""
    copy, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    words = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(words, check=True, capture_output=True)
    present = [name for name in listed.stdout.split(b"\0") if name and (ROOT / os.fsdecode(name)).exists()]
    pack = ["tar", "-C", str(ROOT), "--null", "-T", "-", "-cf", "-"]
    packed = subprocess.run(pack, input=b"\0".join(present), check=True, capture_output=True)
    subprocess.run(["tar", "-C", str(copy), "-xf", "-"], input=packed.stdout, check=True)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(copy)]
    built = subprocess.run(build, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return next(out.glob("*.whl"))


def test_the_wheel_carries_what_the_program_reads(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "templates", "gridapp", "geodata", "mobile_api"],
        check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    wanted = {
        name if not name.startswith("templates/") else f"gridapp/{name}" for name in tracked if (ROOT / name).exists()
    }
    translations = {name for name in wanted if name.endswith(".po")}
    wanted = (wanted - translations) | {name[:-3] + ".mo" for name in translations}
    assert sorted(wanted - held) == []
    assert [name for name in held if name.endswith((".po", ".pyc")) or name.startswith(("tests", "scripts"))] == []


def _installed(wheel: Path, folder: Path) -> tuple[Path, Path, str]:
    """An empty environment with the wheel alone: its Python and packages, and where the libraries of this one lie."""
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    [site] = (folder / "lib").glob("python3*/site-packages")
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*install, str(wheel)], check=True)
    [libraries] = [path for path in sys.path if path.endswith("site-packages")]
    return python, site, libraries


ONLY = """
import sys

class Only:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Only())
"""
"""Makes of an environment with all libraries one that lacks some."""


def _with_only(site: Path, libraries: str, names: set[str]) -> set[str]:
    """Give an environment the libraries of this one that have these names, without a network; what it lacks."""
    absent = {
        module
        for module, owners in packages_distributions().items()
        if not {canonicalize_name(owner) for owner in owners} & {*names, "gridapp", "pip", "setuptools"}
    }
    (site / "these_only.py").write_text(ONLY.format(absent=absent))
    # After its own: an editable install of the checkout is a hook that this line does not run.
    (site / "libraries.pth").write_text(f"{libraries}\nimport these_only\n")
    return absent


def _brought_by(wheel: Path) -> set[str]:
    """Names of all that an installation of the wheel brings with it."""
    [metadata] = [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".dist-info/METADATA")]
    told = message_from_bytes(zipfile.ZipFile(wheel).read(metadata)).get_all("Requires-Dist", [])
    waiting = [(Requirement(line), "") for line in told]
    found: set[tuple[str, str]] = set()
    while waiting:
        one, of = waiting.pop()
        if one.marker is not None and not one.marker.evaluate({"extra": of}):
            continue
        for extra in ("", *one.extras):
            key = canonicalize_name(one.name), extra
            if key not in found:
                found.add(key)
                waiting += [(Requirement(line), extra) for line in distribution(one.name).requires or ()]
    return {name for name, _ in found}


PAGE = """
from gridapp.app import create_app
client = create_app().test_client()
page = client.get("/sign-in", headers={"Accept-Language": "zh-CN"})
assert (page.status_code, client.get("/static/app.css").status_code) == (200, 200)
print(page.text)
"""


def test_the_wheel_runs_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    """With what it says that it needs and nothing else."""
    python, site, libraries = _installed(wheel, tmp_path / "venv")
    assert {"pytest", "playwright", "hypothesis"} <= _with_only(site, libraries, _brought_by(wheel))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GRIDAPP_", "PYTHON"))}
    environment["GRIDAPP_INSTANCE"] = str(tmp_path / "instance")

    def run(*words: str) -> str:
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    gridapp = str(tmp_path / "venv" / "bin" / "gridapp")
    assert "doctor" in run(gridapp, "--help")
    try:
        assert "The database is at" in run(gridapp, "db", "upgrade")
        assert "登录" in run(str(python), "-c", PAGE)
        where = run(str(python), "-c", "import gridapp, geodata, mobile_api; print(gridapp.__file__)")
        assert where.startswith(str(site))
    finally:
        run(gridapp, "db", "stop")


@pytest.fixture
def office(wheel: Path, tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Runs a program where only the wheel and the libraries of requirements-kit.txt are installed."""
    _python, site, libraries = _installed(wheel, tmp_path / "venv")
    pins = (ROOT / "requirements-kit.txt").read_text()
    kit = {canonicalize_name(line.partition("==")[0]) for line in pins.splitlines() if "==" in line}
    assert {"flask", "sqlalchemy", "psycopg", "pydantic"} <= _with_only(site, libraries, set(kit))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GRIDAPP_", "PYTHON"))}

    def run(program: str, *words: str) -> "subprocess.CompletedProcess[str]":
        told = [str(tmp_path / "venv" / "bin" / program), *words]
        return subprocess.run(told, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return run


LAYERS = """
import geopandas as gpd, shapely
boxes = [shapely.box(104.62, 28.75, 104.63, 28.76), shapely.box(104.6299995, 28.75, 104.64, 28.76)]
gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=boxes, crs=4326).to_file("grids.geojson")
houses = [shapely.box(104.621 + x / 500, 28.751, 104.622 + x / 500, 28.752) for x in range(6)]
gpd.GeoDataFrame({"households": 150}, index=range(6), geometry=houses, crs=4326).to_file("houses.gpkg")
"""
KIT = """
import importlib, pkgutil, sys, geodata
for module in pkgutil.walk_packages(geodata.__path__, "geodata."):
    importlib.import_module(module.name)
print(*sorted(sys.modules))
"""


def test_an_office_uses_the_kit_without_the_platform(office: Callable[..., Any]) -> None:
    loaded = office("python", "-c", KIT)
    assert loaded.returncode == 0, loaded.stderr
    assert {"geodata.draw.search", "geodata.io.reader"} <= set(loaded.stdout.split())
    assert {"flask", "sqlalchemy", "psycopg", "gridapp"}.isdisjoint(loaded.stdout.split())
    assert office("python", "-c", LAYERS).returncode == 0
    for words, status in (
        ("grids check grids.geojson", 1),
        ("grids clean grids.geojson clean.gpkg", 0),
        ("grids check clean.gpkg", 0),
        ("grids draw --buildings houses.gpkg --out drawn.gpkg --report sheet.json", 0),
        ("convert 104.62 28.75 --from wgs84 --to gcj02", 0),
        ("convert clean.gpkg clean.kmz --to 4326", 0),
        ("convert nowhere.gpkg out.gpkg --to 4326", 2),
        ("osm import town.osm.pbf", 3),
        ("demo", 3),
    ):
        ran = office("gridapp", *words.split())
        assert ran.returncode == status, (words, ran.stdout, ran.stderr)
        assert "Traceback" not in ran.stderr
        assert status != 3 or "requirements.txt" in ran.stderr


def test_vendored_files_are_those_of_the_manifest() -> None:
    vendor = ROOT / "gridapp" / "static" / "vendor"
    manifest = json.loads((vendor / "manifest.json").read_text())
    told = {name: sum_ for entry in manifest for name, sum_ in entry["sha256"].items()}
    found = {
        path.relative_to(vendor).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vendor.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert found == told
    assert all(entry["licence"] and entry["version"] for entry in manifest)


def test_pins_are_what_setup_cfg_asks_for() -> None:
    pins = (ROOT / "requirements.txt").read_text() + (ROOT / "requirements-test.txt").read_text()
    names = {line.partition("==")[0] for line in pins.splitlines() if "==" in line}
    loose = [line for line in pins.splitlines() if line and not line.startswith(("#", "-r")) and "==" not in line]
    assert loose == []
    assert {"flask", "granian", "psycopg-binary", "procrastinate", "pytest", "ruff", "setuptools"} <= names


def test_every_dependency_has_its_reason_on_record() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    asked = setup["options"]["install_requires"] + setup["options.extras_require"]["test"]
    names = [re.split(r"[\[<>=~ ]", line)[0] for line in asked.split("\n") if line]
    reasons = (ROOT / "docs" / "dependencies.md").read_text().lower()
    vendored = [entry["name"] for entry in json.loads((ROOT / "gridapp/static/vendor/manifest.json").read_text())]
    assert [name for name in [*names, *vendored] if name.lower() not in reasons] == []
