"""A database on a server of its own that lacks what the program needs: made where the role may, else told as SQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gridapp.cluster import Cluster
from gridapp.cluster.extensions import EXTENSIONS, make_extensions, missing
from gridapp.config import Settings
from tests.support import database
from tests.support.command import gridapp_here

OPERATIONS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()


@pytest.fixture
def bare(cluster: Cluster) -> Iterator[str]:
    """Name of a database as `create database` leaves it, owned by the program's role."""
    with database.scratch_database(cluster) as name:
        as_superuser(cluster, name, f"drop extension {', '.join(EXTENSIONS)}")
        yield name


def as_superuser(cluster: Cluster, name: str, words: str) -> None:
    with psycopg.connect(cluster.dsn(name, user="postgres"), autocommit=True) as connection:
        connection.execute(words.encode())


def lacking(cluster: Cluster, name: str) -> list[str]:
    with psycopg.connect(cluster.dsn(name)) as connection:
        return missing(connection)


def test_what_the_role_may_not_make_is_told_as_sql_that_works(cluster: Cluster, bare: str, settings: Settings) -> None:
    with database.app_on(cluster, bare, settings) as app:
        refused = gridapp_here(app, "db", "upgrade", "--json")
        doctor = gridapp_here(app, "doctor", "--json")
    assert (refused.status, refused.out) == (3, "")
    assert "Traceback" not in refused.err
    assert lacking(cluster, bare) == list(EXTENSIONS), "half of them would be made"
    told = refused.err.strip().partition("run in this database: ")[2]
    assert doctor.status == 1
    found = {one["check"]: one["words"] for one in doctor.document["findings"]}
    assert found["versions"].endswith(told)
    assert told in OPERATIONS
    as_superuser(cluster, bare, told)
    assert lacking(cluster, bare) == []


def test_what_the_role_may_make_is_made(cluster: Cluster, bare: str) -> None:
    as_superuser(cluster, bare, "create extension postgis")
    with psycopg.connect(cluster.dsn(bare)) as connection:
        make_extensions(connection)
    assert lacking(cluster, bare) == []


def test_a_database_of_the_private_cluster_has_them_and_no_others(cluster: Cluster) -> None:
    with database.scratch_database(cluster) as name, psycopg.connect(cluster.dsn(name)) as connection:
        names = [row[0] for row in connection.execute("select extname from pg_extension").fetchall()]
    assert set(names) == {"plpgsql", *EXTENSIONS}
