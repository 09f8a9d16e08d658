"""Run a command as somebody who is not root inside, yet owns root's files outside.

A script of its own (`python userns.py UID COMMAND…`), because a process may only enter a
user namespace while it has a single thread. It imports nothing of ours, changes no file
and needs no user to be added: the kernel maps UID inside to root outside.
"""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000


def enter(uid: int) -> None:
    """Enter a new user namespace in which this process has the given user id."""
    outside_uid, outside_gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    Path("/proc/self/setgroups").write_text("deny")  # the kernel asks for it before gid_map
    Path("/proc/self/uid_map").write_text(f"{uid} {outside_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{outside_gid} {outside_gid} 1")


if __name__ == "__main__":
    try:
        enter(int(sys.argv[1]))
        os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - the command is our own, no shell
    except OSError as refusal:
        sys.exit(f"cannot run {sys.argv[2]} in a user namespace: {refusal}")
