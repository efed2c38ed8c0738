"""Backups as an operator meets them, by the command, on a real cluster."""

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from gridapp.cluster import Cluster

Command = Callable[..., subprocess.CompletedProcess[str]]

MAIN = "from gridapp.cli import main; main()"


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
    def run(*words: object) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "GRIDAPP_INSTANCE": str(instance), "PYTHONPATH": str(Path(__file__).parents[2])}
        command = [sys.executable, "-c", MAIN, *map(str, words)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    return run


def places(cluster: Cluster) -> object:
    with psycopg.connect(cluster.dsn()) as connection:
        row = connection.execute("select count(*) from place").fetchone()
        return row[0] if row else None


def test_a_backup_brings_back_rows_and_photos(
    cluster: Cluster, instance: Path, gridapp: Command, tmp_path: Path
) -> None:
    made = gridapp("db", "backup", tmp_path / "city.tar", "--json")
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert (told["rows"], told["photos"], told["checked"]) == (1000, 1, True)
    assert (tmp_path / "city.tar").stat().st_mode & 0o777 == 0o600

    with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
        connection.execute("delete from place where id > 10")
        connection.execute("create table later (id int)")
    (instance / "photos" / "ab" / "abcd.jpg").unlink()

    kept = gridapp("db", "restore", tmp_path / "city.tar")
    assert kept.returncode == 2
    assert "--force" in kept.stderr
    assert places(cluster) == 10

    back = gridapp("db", "restore", tmp_path / "city.tar", "--force")
    assert back.returncode == 0, back.stderr
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
    harm: Callable[[Path], None], cluster: Cluster, instance: Path, gridapp: Command, tmp_path: Path
) -> None:
    file = tmp_path / "city.tar"
    assert gridapp("db", "backup", file, "--no-check").returncode == 0
    harm(file)
    tried = gridapp("db", "restore", file, "--force")
    assert tried.returncode == 2
    assert str(file) in tried.stderr
    assert "Traceback" not in tried.stderr
    assert places(cluster) == 1000
    assert (instance / "photos" / "ab" / "abcd.jpg").exists()


def test_a_backup_that_cannot_be_written_is_told(cluster: Cluster, gridapp: Command, tmp_path: Path) -> None:
    tried = gridapp("db", "backup", tmp_path / "missing" / "city.tar")
    assert tried.returncode == 2
    assert "city.tar" in tried.stderr
    assert "Traceback" not in tried.stderr


def test_status_says_what_runs(cluster: Cluster, gridapp: Command) -> None:
    told = gridapp("db", "status", "--json")
    assert told.returncode == 0
    assert json.loads(told.stdout)["running"] is True
    cluster.stop()
    stopped = gridapp("db", "status", "--json")
    assert stopped.returncode == 3
    assert json.loads(stopped.stdout)["running"] is False


@pytest.mark.parametrize("words", [["start"], ["stop"], ["status"]])
def test_another_server_is_not_ours_to_start(
    words: list[str], gridapp: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDAPP_DATABASE_URL", "postgresql://nobody@192.0.2.1/city")
    tried = gridapp("db", *words)
    assert tried.returncode == 2
    assert "GRIDAPP_DATABASE_URL" in tried.stderr
