"""The catalogue as an operator brings it in, by the command, on a real cluster."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gridapp.catalogue import load_catalogue
from gridapp.cluster import Cluster
from tests.support.catalogue import SMALL
from tests.support.command import Ran, gridapp_in

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("catalogue") / "instance"
    yield folder
    Cluster(folder).stop()


def upgrade(instance: Path, *, terminal: bool = False, **settings: object) -> Ran:
    named = {f"GRIDAPP_{name.upper()}": str(value) for name, value in settings.items()}
    return gridapp_in({"GRIDAPP_INSTANCE": str(instance), **named}, "db", "upgrade", "--json", terminal=terminal)


def in_force(instance: Path) -> str:
    with psycopg.connect(Cluster(instance).dsn(), autocommit=True) as connection:
        newest = "select version from catalogue_edition order by published_at desc limit 1"
        row: Any = connection.execute(newest).fetchone()
        return str(row[0])


def test_an_upgrade_brings_the_catalogue_in_and_a_wrong_one_changes_nothing(instance: Path, tmp_path: Path) -> None:
    done = upgrade(instance, terminal=True)
    assert done.status == 0, done.err
    assert "Bringing the database up to date  [" in done.err
    assert done.document["catalogue"] == load_catalogue().version == in_force(instance)
    own = tmp_path / "district.toml"
    own.write_text(SMALL.read_text("utf-8"), "utf-8")
    assert upgrade(instance, catalogue=own).document["catalogue"] == "test-1" == in_force(instance)
    own.write_text(own.read_text("utf-8").replace('version = "test-1"', 'version = "test-2"'), "utf-8")
    whole = own.read_text("utf-8")
    own.write_text(whole.replace('unit = "street"', 'unit = "nobody"', 1), "utf-8")
    wrong = upgrade(instance, catalogue=own)
    assert (wrong.status, "Traceback" in wrong.err) == (2, False)
    assert "district.toml, conditions 06001-1: unit 'nobody' is not in units" in wrong.err
    own.write_text(whole.replace("test-2", "test-1").replace("for tests", "for us"), "utf-8")
    same = upgrade(instance, catalogue=own)
    assert (same.status, "version test-1 is published with other content" in same.err) == (2, True)
    missing = upgrade(instance, catalogue=tmp_path / "nowhere")
    assert (missing.status, "nowhere" in missing.err) == (2, True)
    assert in_force(instance) == "test-1"
