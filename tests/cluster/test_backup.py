"""Backups as an operator meets them, by the command, on a real cluster."""

import functools
import json
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from gridapp.cluster import Cluster
from tests.support.command import Ran, gridapp_here_in, gridapp_in

Command = Callable[..., Ran]


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("backup") / "instance"
    yield folder
    Cluster(folder).stop()


@pytest.fixture
def cluster(instance: Path) -> Cluster:
    """With a thousand places, and a photo."""
    cluster = Cluster(instance)
    cluster.ensure()
    with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
        connection.execute("drop table if exists place, later")
        connection.execute(
            "create table place as select id, st_point(id / 10.0, 30)::geography here from generate_series(1, 1000) id"
        )
    photo = instance / "photos" / "ab" / "abcd.jpg"
    photo.parent.mkdir(parents=True, exist_ok=True)
    photo.write_bytes(b"a picture")
    return cluster


@pytest.fixture
def gridapp(instance: Path) -> Command:
    return functools.partial(gridapp_in, {"GRIDAPP_INSTANCE": str(instance)})


@pytest.fixture
def gridapp_here(instance: Path) -> Command:
    """Inside the tests' process, which is quicker."""
    return functools.partial(gridapp_here_in, {"GRIDAPP_INSTANCE": str(instance)})


def places(cluster: Cluster) -> object:
    with psycopg.connect(cluster.dsn()) as connection:
        row = connection.execute("select count(*) from place").fetchone()
        return row[0] if row else None


def test_a_backup_brings_back_rows_and_photos(
    cluster: Cluster, instance: Path, gridapp: Command, tmp_path: Path
) -> None:
    made = gridapp("db", "backup", tmp_path / "city.tar", "--json", terminal=True)
    assert made.status == 0, made.err
    assert "Reading database and photos  [" in made.err and "Restoring into a scratch database  [" in made.err
    told = made.document
    assert (told["rows"], told["photos"], told["checked"]) == (1000, 1, True)
    assert (tmp_path / "city.tar").stat().st_mode & 0o777 == 0o600

    with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
        connection.execute("delete from place where id > 10")
        connection.execute("create table later (id int)")
    (instance / "photos" / "ab" / "abcd.jpg").unlink()

    kept = gridapp("db", "restore", tmp_path / "city.tar")
    assert kept.status == 2
    assert "--force" in kept.err
    assert places(cluster) == 10

    back = gridapp("db", "restore", tmp_path / "city.tar", "--force", terminal=True)
    assert back.status == 0, back.err
    assert "Restoring city.tar  [" in back.err
    assert places(cluster) == 1000
    assert (instance / "photos" / "ab" / "abcd.jpg").read_bytes() == b"a picture"
    with psycopg.connect(cluster.dsn()) as connection:
        assert connection.execute("select to_regclass('later')").fetchone() == (None,), "what came later is gone"
        names = connection.execute("select datname from pg_database where datname ~ 'restored|replaced'").fetchall()
        assert names == []
    assert [path.name for path in instance.iterdir() if path.name.startswith(".")] == []


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:4_000])


def _not_a_tar(file: Path) -> None:
    file.write_bytes(b"PK\x03\x04 something else" * 100)


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    with tarfile.open(file) as archive:
        place = archive.getmember("database.dump").offset_data + 3000
    content[place] ^= 0xFF
    file.write_bytes(content)


def _climb(file: Path) -> None:
    with tarfile.open(file, "w") as archive:
        manifest = file.with_name("manifest.json")
        manifest.write_text(json.dumps({"rows": {}, "sha256": {"../../escaped": "0"}}))
        archive.add(manifest, "manifest.json")


@pytest.mark.parametrize("harm", [_cut, _not_a_tar, _empty, _flip, _climb])
def test_a_harmed_backup_is_refused_and_changes_nothing(
    harm: Callable[[Path], None], cluster: Cluster, instance: Path, gridapp_here: Command, tmp_path: Path
) -> None:
    file = tmp_path / "city.tar"
    assert gridapp_here("db", "backup", file, "--no-check").status == 0
    harm(file)
    tried = gridapp_here("db", "restore", file, "--force")
    assert tried.status == 2
    assert str(file) in tried.err
    assert "Traceback" not in tried.err
    assert places(cluster) == 1000
    assert (instance / "photos" / "ab" / "abcd.jpg").exists()


def test_a_backup_that_cannot_be_written_is_told(cluster: Cluster, gridapp_here: Command, tmp_path: Path) -> None:
    tried = gridapp_here("db", "backup", tmp_path / "missing" / "city.tar")
    assert tried.status == 2
    assert "city.tar" in tried.err
    assert "Traceback" not in tried.err


def test_the_private_cluster_stops_and_starts_and_says_how_it_stands(
    cluster: Cluster, gridapp: Command, gridapp_here: Command
) -> None:
    running = gridapp_here("db", "status", "--json")
    assert (running.status, running.document["running"]) == (0, True)
    assert running.document["processes"] > 0
    assert gridapp_here("db", "stop").status == 0
    assert (cluster.processes(), cluster.status().running) == ([], False)
    stopped = gridapp_here("db", "status", "--json")
    assert (stopped.status, stopped.document["running"], stopped.document["made"]) == (3, False, True)
    started = gridapp("db", "start", terminal=True)
    assert started.status == 0, started.err
    assert "Starting the database  [" in started.err
    assert places(cluster) == 1000


@pytest.mark.parametrize("words", [["start"], ["stop"], ["status"]])
def test_another_server_is_not_ours_to_start(
    words: list[str], gridapp_here: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDAPP_DATABASE_URL", "postgresql://nobody@192.0.2.1/city")
    tried = gridapp_here("db", *words)
    assert tried.status == 2
    assert "GRIDAPP_DATABASE_URL" in tried.err
