"""`python -m common.embedded start|stop|status|restart [--home PATH]`."""

import argparse
import sys
from pathlib import Path

from common import embedded


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks; 0 when it worked, and for `status` when both run."""
    parser = argparse.ArgumentParser(
        prog="python -m common.embedded",
        description="Start and stop the PostgreSQL and Valkey servers of this project.",
    )
    parser.add_argument("action", choices=["start", "stop", "status", "restart"])
    parser.add_argument(
        "--home",
        type=Path,
        default=embedded.default_home(),
        help="where their files are (default: %(default)s)",
    )
    asked = parser.parse_args(arguments)
    try:
        return _do(asked.action, asked.home)
    except embedded.EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _do(action: str, home: Path) -> int:
    if action in {"stop", "restart"}:
        embedded.stop(home)
        sys.stdout.write(f"The servers in {home} are stopped.\n")
    if action in {"start", "restart"}:
        services = embedded.ensure(home)
        sys.stdout.write(
            f"The servers in {home} run.\n"
            f"DATABASE_URL={services.database_url}\nREDIS_URL={services.redis_url}\n"
        )
    if action == "status":
        return _report(home)
    return 0


def _report(home: Path) -> int:
    found = embedded.status(home)
    for name, pid in (("PostgreSQL", found.postgres), ("Valkey", found.valkey)):
        sys.stdout.write(f"{name} {f'runs (process {pid})' if pid else 'does not run'}.\n")
    return 0 if found.postgres and found.valkey else 3


if __name__ == "__main__":
    sys.exit(main())
