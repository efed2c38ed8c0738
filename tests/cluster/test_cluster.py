"""The private database as people treat it: started twice, killed, rebooted, by two at once, by root and by others."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from gridapp.cluster import Cluster, ClusterError
from gridapp.cluster.install import find_install

ENSURE = (
    "import sys; from pathlib import Path; from gridapp.cluster import Cluster; Cluster(Path(sys.argv[1])).ensure()"
)
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can try other users")


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("private") / "instance"
    folder.parent.chmod(0o700)
    yield folder
    Cluster(folder).stop()


@pytest.fixture
def cluster(instance: Path) -> Cluster:
    cluster = Cluster(instance)
    cluster.ensure()
    return cluster


def ask(cluster: Cluster, question: str, database: str = "gridapp") -> object:
    with psycopg.connect(cluster.dsn(database), autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
        return row[0] if row else None


def run(cluster: Cluster, command: str) -> None:
    with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
        connection.execute(command.encode())


def server(cluster: Cluster) -> int:
    return int((cluster.layout.data / "postmaster.pid").read_text().split()[0])


def test_a_fresh_instance_gets_a_durable_local_database(cluster: Cluster) -> None:
    assert ask(cluster, "select postgis_version()") is not None
    told = "select string_agg(current_setting(s), ',' order by s) from unnest(string_to_array(%s, ',')) s"
    with psycopg.connect(cluster.dsn()) as connection:
        names = "fsync,full_page_writes,jit,listen_addresses,synchronous_commit,timezone"
        row = connection.execute(told, [names]).fetchone()
        assert row == ("on,on,off,,on,UTC",)
    assert ask(cluster, "select pg_encoding_to_char(encoding) from pg_database where datname = 'gridapp'") == "UTF8"
    assert ask(cluster, "select current_setting('idle_in_transaction_session_timeout')") == "1min"


def test_its_role_owns_the_database_and_is_no_superuser(cluster: Cluster) -> None:
    assert ask(cluster, "select current_user") == "gridapp"
    assert ask(cluster, "select rolsuper or rolcreatedb or rolcreaterole from pg_roles where rolname = user") is False
    run(cluster, "create table owned (id int)")
    run(cluster, "drop table owned")


def test_a_second_start_changes_nothing(cluster: Cluster) -> None:
    before = server(cluster)
    cluster.ensure()
    assert server(cluster) == before


def test_status_stop_and_start(cluster: Cluster) -> None:
    status = cluster.status()
    assert (status.made, status.running, status.version) == (True, True, find_install().version)
    cluster.stop()
    assert cluster.processes() == []
    assert cluster.status().running is False
    cluster.stop()
    cluster.ensure()
    assert cluster.status().running is True


def test_kill_9_of_everything_loses_nothing_that_was_committed(cluster: Cluster) -> None:
    run(cluster, "create table kept as select generate_series(1, 1000) id")
    for pid in cluster.processes():
        with contextlib.suppress(ProcessLookupError):  # the first one takes others along
            os.kill(pid, signal.SIGKILL)
    cluster.ensure()
    assert ask(cluster, "select count(*) from kept") == 1000
    run(cluster, "drop table kept")


def test_a_killed_server_whose_session_still_works_is_waited_for(cluster: Cluster) -> None:
    session = psycopg.connect(cluster.dsn(), autocommit=True)
    session.execute("set max_parallel_workers_per_gather = 0")
    session.pgconn.send_query(b"select count(*) from generate_series(1, 6000000)")
    os.kill(server(cluster), signal.SIGKILL)
    cluster.ensure()
    session.close()
    assert ask(cluster, "select 1") == 1


@pytest.mark.parametrize("pid", [None, 1, 4_000_000], ids=["ours", "root", "nobody"])
def test_after_a_reboot_the_pid_in_the_file_may_be_anybodys(pid: int | None, cluster: Cluster) -> None:
    """Of another program of this user, of root, or of nobody."""
    file = cluster.layout.data / "postmaster.pid"
    lines = file.read_text().split("\n")
    for process in cluster.processes():
        with contextlib.suppress(ProcessLookupError):  # the first one takes others along
            os.kill(process, signal.SIGKILL)
    file.write_text("\n".join([str(pid or os.getpid()), *lines[1:]]))
    cluster.ensure()
    assert server(cluster) != pid


def test_a_deep_instance_keeps_its_socket_in_a_short_private_folder_also_after_a_reboot(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / ("deep" * 30))
    try:
        cluster.ensure()
        first = cluster.layout.socket
        assert first.stat().st_mode & 0o777 == 0o700
        for process in cluster.processes():
            with contextlib.suppress(ProcessLookupError):  # the first one takes others along
                os.kill(process, signal.SIGKILL)
        shutil.rmtree(first)
        cluster.ensure()
        assert cluster.layout.socket != first
        assert ask(cluster, "select 1") == 1
    finally:
        cluster.stop()
    assert list(Path(tempfile.gettempdir()).glob(f"{first.name}*")) == []


def test_two_that_start_at_once_share_one_server(tmp_path: Path) -> None:
    words = [sys.executable, "-c", ENSURE, str(tmp_path / "instance")]
    both = [subprocess.Popen(words, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    cluster = Cluster(tmp_path / "instance")
    try:
        assert [(process.communicate()[1], process.returncode) for process in both] == [("", 0), ("", 0)]
        assert ask(cluster, "select 1") == 1
    finally:
        cluster.stop()


def test_a_broken_off_initdb_is_done_again(tmp_path: Path) -> None:
    half = tmp_path / "instance" / "pg" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("15")
    cluster = Cluster(tmp_path / "instance")
    try:
        cluster.ensure()
        assert not half.exists()
    finally:
        cluster.stop()


def test_further_databases_are_made_copied_and_dropped(cluster: Cluster) -> None:
    for name in ("网格 one", "two"):
        cluster.drop_database(name)
    cluster.create_database("网格 one")
    cluster.create_database("网格 one")
    with psycopg.connect(cluster.dsn("网格 one"), autocommit=True) as connection:
        connection.execute("create table place as select st_point(104.62, 28.76) as here")
    cluster.create_database("two", template="网格 one")
    assert ask(cluster, "select st_x(here) from place", "two") == 104.62
    cluster.drop_database("two")
    cluster.drop_database("two")
    with pytest.raises(psycopg.OperationalError):
        ask(cluster, "select 1", "two")


def test_without_postgresql_the_remedy_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match=r"apt-get install postgresql-15-postgis-3.*GRIDAPP_DATABASE_URL"):
        find_install(programs=tmp_path)


def test_a_configuration_that_stops_the_server_is_told(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "instance")
    cluster.ensure()
    cluster.stop()
    with (cluster.layout.data / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")
    with pytest.raises(ClusterError, match=r"does not start: .*pg/log"):
        cluster.ensure()


@root_only
def test_under_root_the_server_runs_as_a_system_user_of_its_own(cluster: Cluster) -> None:
    owner = pwd.getpwuid(Path("/proc", str(server(cluster))).stat().st_uid)
    assert owner.pw_name == "gridapp"
    assert owner.pw_shell.endswith("nologin")
    assert cluster.layout.root.stat().st_mode & 0o777 == 0o700
    assert cluster.layout.instance.parent.stat().st_mode & 0o777 == 0o700, "nobody's folder was opened"


@pytest.fixture
def as_nobody() -> Callable[..., subprocess.CompletedProcess[str]]:
    def run_as_nobody(*words: object) -> subprocess.CompletedProcess[str]:
        command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--", *map(str, words)]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        return subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, check=False)

    if run_as_nobody(sys.executable, "-c", "import gridapp.cluster").returncode:
        pytest.skip("this checkout lies where other users cannot read it")
    return run_as_nobody


@root_only
def test_another_user_of_the_machine_is_kept_out(
    cluster: Cluster, as_nobody: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    tried = as_nobody("psql", cluster.dsn(), "-c", "select 1")
    assert tried.returncode == 2
    assert "Permission denied" in tried.stderr


@root_only
def test_a_plain_user_has_a_cluster_of_their_own_that_root_may_start_too(
    as_nobody: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    folder = Path(tempfile.mkdtemp(prefix="gridapp-test-"))
    cluster = Cluster(folder)
    try:
        os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
        started = as_nobody(sys.executable, "-c", ENSURE, folder)
        assert started.returncode == 0, started.stderr
        assert Path("/proc", str(server(cluster))).owner() == "nobody"
        cluster.stop()
        cluster.ensure()
        assert Path("/proc", str(server(cluster))).owner() == "nobody"
    finally:
        cluster.stop()
        shutil.rmtree(folder)
