"""The embedded servers and the supervisor, with real processes in temporary directories."""

import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
import kombu
import psycopg2
import pytest
import redis
from psycopg2.extensions import connection as Connection

from common import embedded
from common.embedded import __main__ as command
from common.embedded import identity, postgres, process, supervise, valkey

PYTHON = sys.executable
ROOT = Path(__file__).resolve().parents[2]
SYSTEM_PYTHON = shutil.which("python3", path="/usr/bin:/usr/local/bin")


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """One home for the tests of this file, with both servers stopped at the end."""
    place = Path(tempfile.mkdtemp(prefix="huitou-test-"))
    yield place
    embedded.stop(place)
    shutil.rmtree(place)


@pytest.fixture
def services(home: Path) -> embedded.Services:
    return embedded.ensure(home, durable=False)


def connect(services: embedded.Services) -> Connection:
    connection = psycopg2.connect(services.database_url)
    connection.autocommit = True
    return connection


def ask(services: embedded.Services, sql: str, *values: object) -> object:
    connection = connect(services)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None
    finally:
        connection.close()


def client(services: embedded.Services) -> redis.Redis:
    return redis.Redis.from_url(services.redis_url, decode_responses=True)


def kill_and_wait(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert process.wait_until(lambda: not Path(f"/proc/{pid}/cwd").exists(), 5)


# PostgreSQL


def test_chinese_text_comes_back_from_a_utf8_cluster(services: embedded.Services) -> None:
    assert ask(services, "show server_encoding") == "UTF8"
    assert ask(services, "select datctype from pg_database where datname = 'huitou'") == "C.UTF-8"
    assert ask(services, "select %s::text", "单雄信 回头客") == "单雄信 回头客"
    assert ask(services, "select lower('ÄÖ Ŵ 奥迪A6')") == "äö ŵ 奥迪a6"


def test_the_extensions_the_product_needs_are_there(services: embedded.Services) -> None:
    for name in ("pg_trgm", "btree_gist", "btree_gin"):
        ask(services, f"create extension if not exists {name}")
    assert ask(services, "select similarity('北京奥迪销售', '北京奥迪服务')") == pytest.approx(
        0.4, abs=0.2
    )
    assert ask(services, "select array_length(show_trgm('奥迪'), 1)") == 3


def test_the_server_keeps_utc_and_is_not_on_the_network(services: embedded.Services) -> None:
    assert ask(services, "show timezone") == "UTC"
    assert ask(services, "show listen_addresses") == ""
    assert ask(services, "show jit") == "off"


def test_django_reads_the_same_place_from_the_url(home: Path, services: embedded.Services) -> None:
    parsed = dj_database_url.parse(services.database_url)
    assert parsed["HOST"] == str(home.resolve() / "run")
    assert (parsed["NAME"], parsed["USER"], parsed["PORT"]) == ("huitou", "huitou", "")


def test_a_dropped_database_is_made_again(home: Path, services: embedded.Services) -> None:
    other = psycopg2.connect(services.database_url, dbname="postgres")
    other.autocommit = True
    with other.cursor() as cursor:
        cursor.execute("drop database huitou with (force)")
    other.close()
    assert ask(embedded.ensure(home), "select 1") == 1


def test_data_outlives_a_killed_server(home: Path, services: embedded.Services) -> None:
    ask(services, "create table cars (name text)")
    ask(services, "insert into cars values ('奥迪')")
    kill_and_wait(embedded.status(home).postgres)

    again = embedded.ensure(home, durable=False)

    assert ask(again, "select name from cars") == "奥迪"
    ask(again, "drop table cars")


def test_a_server_starts_beside_workers_that_a_kill_left_busy(
    home: Path, services: embedded.Services
) -> None:
    busy = connect(services)
    worker = busy.info.backend_pid
    thread = threading.Thread(target=_count_for_ever, args=(busy,), daemon=True)
    thread.start()
    assert process.wait_until(lambda: _is_active(services, worker), 5)
    kill_and_wait(embedded.status(home).postgres)

    assert ask(embedded.ensure(home, durable=False), "select 1") == 1
    thread.join(5)
    assert not Path(f"/proc/{worker}/cwd").exists()


def _count_for_ever(busy: Connection) -> None:
    with pytest.raises(psycopg2.OperationalError), busy.cursor() as cursor:
        cursor.execute("do $$ begin loop end loop; end $$")


def _is_active(services: embedded.Services, pid: int) -> bool:
    return ask(services, "select state from pg_stat_activity where pid = %s", pid) == "active"


def test_a_process_number_reused_by_a_stranger_does_not_fool_it(home: Path) -> None:
    embedded.ensure(home, durable=False)
    postmaster = home / "postgres" / "postmaster.pid"
    lines = postmaster.read_text().splitlines()
    kill_and_wait(embedded.status(home).postgres)
    postmaster.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

    assert embedded.status(home).postgres is None
    assert ask(embedded.ensure(home, durable=False), "select 1") == 1


def test_data_of_another_major_version_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir(mode=0o700)
    (tmp_path / "postgres" / "PG_VERSION").write_text("15\n")
    with pytest.raises(embedded.EmbeddedError, match="made by PostgreSQL 15"):
        embedded.ensure(tmp_path, valkey=False)


def test_psql_and_pg_dump_are_in_the_wheel() -> None:
    assert postgres.program("psql").exists()
    assert postgres.program("pg_dump").exists()
    with pytest.raises(embedded.EmbeddedError, match="no program named pg_magic"):
        postgres.program("pg_magic")


# Valkey


def test_valkey_keeps_what_it_is_told_after_a_kill(home: Path) -> None:
    embedded.stop(home)
    services = embedded.ensure(home, postgres=False)  # durable: an append-only file
    line = client(services)
    line.set("客户", "回头")
    time.sleep(1.1)  # appendfsync everysec
    kill_and_wait(embedded.status(home).valkey)

    line = client(embedded.ensure(home, postgres=False))

    assert line.get("客户") == "回头"
    assert line.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert line.config_get("appendonly") == {"appendonly": "yes"}


def test_a_message_passes_through_kombu(services: embedded.Services) -> None:
    with kombu.Connection(services.broker_url) as line, line.SimpleQueue("embedded") as queue:
        queue.put({"车": "奥迪"})
        message = queue.get(timeout=5)
        message.ack()
        assert message.payload == {"车": "奥迪"}


def test_a_network_url_needs_no_translation() -> None:
    assert embedded.broker_url("redis://h:6379/0") == "redis://h:6379/0"
    assert embedded.broker_url("unix:///a/b.sock?db=0") == "redis+socket:///a/b.sock"


def test_celery_runs_a_task_over_the_socket(services: embedded.Services, tmp_path: Path) -> None:
    (tmp_path / "little.py").write_text(
        "import celery, os\n"
        "url = os.environ['URL']\n"
        "app = celery.Celery('little', broker=url, backend=url)\n"
        "@app.task(name='add')\n"
        "def add(a, b):\n    return a + b\n"
    )
    environment = {**os.environ, "URL": services.broker_url, "PYTHONPATH": str(tmp_path)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)  # this Celery has no Django
    argv = [PYTHON, "-m", "celery", "-A", "little", "worker", "--pool=solo", "-l", "warning"]
    worker = subprocess.Popen(argv, env=environment, cwd=tmp_path)
    try:
        ask_it = "import little; print(little.add.delay(2, 3).get(timeout=30))"
        answer = subprocess.run(
            [PYTHON, "-c", ask_it], env=environment, cwd=tmp_path, capture_output=True, check=True
        )
        assert answer.stdout.strip() == b"5"
    finally:
        worker.terminate()
        worker.wait(20)


# Both


def test_asking_again_changes_nothing(home: Path, services: embedded.Services) -> None:
    before = embedded.status(home)
    assert embedded.ensure(home) == services
    assert embedded.status(home) == before


def test_processes_that_ask_at_once_get_one_server(home: Path) -> None:
    embedded.stop(home)
    code = "import sys, pathlib; from common import embedded; " + (
        "print(embedded.ensure(pathlib.Path(sys.argv[1]), durable=False))"
    )
    askers = [
        subprocess.Popen([PYTHON, "-c", code, str(home)], cwd=ROOT, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    answers = {asker.communicate(timeout=60)[0] for asker in askers}
    assert [asker.returncode for asker in askers] == [0, 0, 0]
    assert len(answers) == 1
    assert len(process.processes_of("valkey-server", home.resolve() / "valkey")) == 1
    servers = process.processes_of("postgres", home.resolve() / "postgres")
    assert embedded.status(home).postgres in servers
    parents = [
        Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1] for pid in servers
    ]
    assert len(set(parents) - {str(pid) for pid in servers}) == 1


def test_a_clean_stop_leaves_no_process_and_no_socket(home: Path) -> None:
    embedded.ensure(home, durable=False)
    embedded.stop(home)
    assert embedded.status(home) == embedded.Status(postgres=None, valkey=None)
    assert process.processes_of("postgres", home.resolve() / "postgres") == []
    assert list((home / "run").iterdir()) == []
    embedded.stop(home)  # nothing left to do


def test_servers_whose_home_was_deleted_can_still_be_stopped() -> None:
    home = Path(tempfile.mkdtemp(prefix="huitou-test-"))
    embedded.ensure(home, durable=False)
    shutil.rmtree(home)
    embedded.stop(home)
    assert process.processes_of("postgres", home / "postgres") == []
    assert process.processes_of("valkey-server", home / "valkey") == []


def test_a_long_and_odd_path_works_for_every_client() -> None:
    base = Path(tempfile.mkdtemp(prefix="huitou-test-"))
    home = base / "Ein Pfad, 100% 'länger' \"q\"" / ("经销商" * 10) / "x" / ("Y$HOME`" * 8)
    try:
        services = embedded.ensure(home, durable=False)
        assert (home / "run").is_symlink()
        assert ask(services, "select 1") == 1
        assert client(services).ping()
        with kombu.Connection(services.broker_url) as line:
            line.connect()
        embedded.stop(home)
        assert not (home / "run").is_symlink()
    finally:
        embedded.stop(home)
        shutil.rmtree(base)


def test_odd_characters_in_a_short_path_survive_the_urls() -> None:
    base = Path(tempfile.mkdtemp(prefix="Huitou-"))
    home = base / "Ä 'b' 店%41?#@:"
    try:
        services = embedded.ensure(home, durable=False)
        assert not (home / "run").is_symlink()
        assert ask(services, "select 1") == 1
        assert dj_database_url.parse(services.database_url)["HOST"] == str(home / "run")
        assert client(services).ping()
        with kombu.Connection(services.broker_url) as line:
            line.connect()
    finally:
        embedded.stop(home)
        shutil.rmtree(base)


def test_servers_whose_temporary_sockets_were_swept_away_come_back(home: Path) -> None:
    services = embedded.ensure(home, durable=False)
    ask(services, "create table kept (n int)")
    before = embedded.status(home)
    shutil.rmtree(home / "run")

    after = embedded.ensure(home, durable=False)

    assert ask(after, "select count(*) from kept") == 0
    assert client(after).ping()
    assert embedded.status(home) != before


def test_the_command_speaks_plainly(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    embedded.stop(home)
    assert command.main(["status", "--home", str(home)]) == 3
    assert "PostgreSQL does not run.\nValkey does not run." in capsys.readouterr().out
    assert command.main(["start", "--home", str(home)]) == 0
    assert "DATABASE_URL=postgres://huitou@" in capsys.readouterr().out
    assert command.main(["status", "--home", str(home)]) == 0
    assert command.main(["stop", "--home", str(home)]) == 0


# Root and others

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to be somebody else")


@as_root
@pytest.mark.parametrize("closed", [False, True], ids=["open home", "home only root may enter"])
def test_root_without_user_namespaces_runs_it_as_nobody(
    monkeypatch: pytest.MonkeyPatch, *, closed: bool
) -> None:
    base = Path(tempfile.mkdtemp(prefix="huitou-test-"))
    base.chmod(0o700 if closed else 0o755)
    shared = Path(tempfile.mkdtemp(prefix="huitou-shared-"))
    monkeypatch.setattr(identity, "SHARED", shared)
    monkeypatch.setattr(identity, "_namespace", lambda *_: None)
    if closed:
        monkeypatch.setattr(identity, "_open_to_all", lambda _: False)
    home = base / "home"
    try:
        services = embedded.ensure(home, durable=False)
        assert ask(services, "select 1") == 1
        pid = embedded.status(home).postgres
        assert Path(f"/proc/{pid}").stat().st_uid == identity._nobody().pw_uid
        assert (home / "postgres").is_symlink() is closed
        assert base.stat().st_mode & 0o777 == (0o700 if closed else 0o755)
        kill_and_wait(pid)
        assert ask(embedded.ensure(home, durable=False), "select 1") == 1
        embedded.stop(home)
        assert embedded.status(home).postgres is None
    finally:
        embedded.stop(home)
        shutil.rmtree(base)
        shutil.rmtree(shared)


@as_root
def test_root_that_may_do_nothing_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(identity, "_namespace", lambda *_: None)
    monkeypatch.setattr(identity.Identity, "run", _refuse)
    with pytest.raises(embedded.EmbeddedError, match="as an ordinary user"):
        embedded.ensure(tmp_path, valkey=False)


def _refuse(*_: object, **__: object) -> None:
    raise PermissionError("no")


@as_root
@pytest.mark.skipif(
    SYSTEM_PYTHON is None or not identity._open_to_all(ROOT),
    reason="other users cannot reach a Python or this project",
)
def test_an_ordinary_user_may_use_it_and_no_other() -> None:
    base = Path(tempfile.mkdtemp(prefix="huitou-test-"))
    try:
        base.chmod(0o755)
        os.chown(base, 65534, 65534)
        for action in ("start", "status", "restart", "stop"):
            done = _as(65534, action, base / "home")
            assert done.returncode == 0, done.stderr
        done = _as(65533, "start", base / "home")
        assert done.returncode == 1
        assert b"set HUITOU_HOME to a directory of your own" in done.stderr
    finally:
        shutil.rmtree(base)


def _as(uid: int, action: str, home: Path) -> subprocess.CompletedProcess[bytes]:
    argv = [str(SYSTEM_PYTHON), "-m", "common.embedded", action, "--home", str(home)]
    packages = Path(psycopg2.__file__).parents[1]
    return subprocess.run(
        argv,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{packages}", "PATH": os.environ["PATH"]},
        user=uid,
        group=uid,
        extra_groups=[],
        capture_output=True,
        check=False,
    )


# The supervisor


def supervisor(*programs: supervise.Program, **options: float) -> supervise.Supervisor:
    settings: dict[str, float] = {"backoff_seconds": 0.01, "stop_seconds": 2, **options}
    return supervise.Supervisor(programs, out=io.StringIO(), **settings)  # type: ignore[arg-type]


def python(name: str, code: str, **env: str) -> supervise.Program:
    return supervise.Program(name, [PYTHON, "-u", "-c", code], env)


def output(running: supervise.Supervisor) -> str:
    assert isinstance(running.out, io.StringIO)
    return running.out.getvalue()


@contextmanager
def interrupted_at(running: supervise.Supervisor, text: str) -> Iterator[None]:
    """Send this process the terminal's Ctrl-C once the text has come out (or after 10 s).

    By a timer, not a thread: the supervisor forks, which wants a process without threads.
    """
    deadline = time.monotonic() + 10

    def look(*_: object) -> None:
        if text in output(running) or time.monotonic() > deadline:
            signal.setitimer(signal.ITIMER_REAL, 0)
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def children_of_ours() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    mark = tmp_path / "seen"
    code = (
        "import os, pathlib, time\n"
        "mark = pathlib.Path(os.environ['MARK'])\n"
        "if not mark.exists():\n    mark.touch(); raise SystemExit(7)\n"
        "print('second life'); time.sleep(60)\n"
    )
    running = supervisor(python("web", code, MARK=str(mark)))
    before = children_of_ours()
    with interrupted_at(running, "second life"):
        assert running.run() == 0
    assert "web      | ended (exit code 7); restarting in 0.01 s." in output(running)
    assert children_of_ours() == before


def test_a_hopeless_child_stops_everything_loudly() -> None:
    running = supervisor(
        python("web", "import time; time.sleep(60)"),
        python("beat", "raise SystemExit('no such schedule')"),
    )
    before = children_of_ours()
    assert running.run() == 1
    assert output(running).count("no such schedule") == 6
    assert "after 5 quick restarts. Giving up and stopping everything." in output(running)
    assert children_of_ours() == before


def test_a_command_that_does_not_exist_stops_everything() -> None:
    running = supervisor(supervise.Program("web", ["/no/such/program"]))
    assert running.run() == 1
    assert "cannot be started" in output(running)


def test_a_child_that_ignores_the_signal_is_killed_with_its_own_children() -> None:
    code = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print('grandchild', child.pid, '.'); time.sleep(60)\n"
    )
    running = supervisor(python("stubborn", code), stop_seconds=0.3)
    with interrupted_at(running, " .\n"):
        assert running.run() == 0
    grandchild = output(running).split("grandchild ")[1].split()[0]
    assert process.wait_until(lambda: not Path(f"/proc/{grandchild}/cwd").exists(), 5)


def test_last_words_and_signals_reach_the_children() -> None:
    code = (
        "import signal, sys, time\n"
        "def leave(*_):\n    sys.stdout.write('bye'); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, leave); print('ready'); time.sleep(60)\n"
    )
    running = supervisor(python("worker", code))
    handler = signal.getsignal(signal.SIGINT)
    with interrupted_at(running, "ready"):
        assert running.run() == 0
    assert output(running) == "worker   | ready\nworker   | bye\n"
    assert signal.getsignal(signal.SIGINT) is handler


def test_children_can_write_to_log_files(tmp_path: Path) -> None:
    program = python("web", "print('to the file'); raise SystemExit(1)")
    running = supervise.Supervisor(
        [program], logs=tmp_path, out=io.StringIO(), backoff_seconds=0.01, quick_restarts=1
    )
    assert running.run() == 1
    assert (tmp_path / "web.log").read_text() == "to the file\n" * 2


def test_children_end_when_the_supervisor_is_killed() -> None:
    inner = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    outer = (
        "import sys; from common.embedded import supervise\n"
        f"supervise.run([supervise.Program('x', [sys.executable, '-c', {inner!r}])])"
    )
    parent = subprocess.Popen([PYTHON, "-c", outer], cwd=ROOT, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = parent.stdout.readline().split()[-1].decode()
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert process.wait_until(lambda: not Path(f"/proc/{child}/cwd").exists(), 5)


def test_a_big_log_is_set_aside(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_bytes(b"x" * (process.LOG_LIMIT_BYTES + 1))
    os.close(process.open_log(log))
    assert log.stat().st_size == 0
    assert (tmp_path / "web.log.1").exists()


def test_the_urls_name_the_socket_directory(services: embedded.Services) -> None:
    assert urlsplit(services.redis_url).path.endswith(valkey.SOCKET)
