"""The settings of the embedded PostgreSQL server, by the memory there is."""

import os
from contextlib import suppress
from pathlib import Path

SETTINGS = """\
# Written by common/embedded at every start; use ALTER SYSTEM for settings of your own.
listen_addresses = ''
port = {port}
unix_socket_directories = {sockets}
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = {shared_buffers_mb}MB
effective_cache_size = {cache_mb}MB
work_mem = 64MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
checkpoint_timeout = 15min
synchronous_commit = on
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %d '
log_checkpoints = off
dynamic_shared_memory_type = {dynamic_memory}
"""
DURABLE = "fsync = on\n"
# For tests: a power cut loses the cluster, a killed process does not.
FLEETING = """\
fsync = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
autovacuum_naptime = 5min
"""


def text(sockets: Path, port: int, *, durable: bool) -> str:
    """The whole postgresql.conf of a server that listens on `port` in the folder `sockets`."""
    memory_mb = _memory_mb()
    quoted = str(sockets).replace("\\", "\\\\").replace("'", "''").replace('"', '""')
    settings = SETTINGS.format(
        port=port,
        sockets=f"'\"{quoted}\"'",
        shared_buffers_mb=max(64, min(512, memory_mb // 8)),
        cache_mb=max(128, memory_mb // 2),
        dynamic_memory=_dynamic_memory(),
    )
    return settings + (DURABLE if durable else FLEETING)


def _memory_mb() -> int:
    """The machine's memory, or the container's share of it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):  # no such limit, or the word "max"
        memory = min(memory, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return memory // 2**20


def _dynamic_memory() -> str:
    """`posix`, unless /dev/shm is as small as Docker makes it: parallel queries would fail."""
    try:
        room = os.statvfs("/dev/shm")  # noqa: S108 - asked for its size only
    except OSError:
        return "mmap"
    return "posix" if room.f_blocks * room.f_frsize >= 2**28 else "mmap"
