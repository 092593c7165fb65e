"""Serves the platform: one process with many threads, and beside it the loop of what is due.

One process, because two things live in its memory alone: the gate that lets at most two key derivations run at once and
gives every address its turn. An address must be written nowhere, so there is nothing that two processes could share.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import socket as net
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import close_old_connections, connections
from django.utils.module_loading import import_string
from granian import Granian, _signals
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from lindung.cli.bootstrap import CommandError

log = logging.getLogger("lindung.cli")

# Waiting senders hold a thread each: enough of them that pages are still served while 64 phones send at once.
# On PostgreSQL every thread holds one connection, and max_connections is 100 as shipped.
THREADS = 72
WORK_EVERY_SECONDS = 30
_M_ARENA_MAX = -8  # malloc.h of glibc


def serve(*, host: str, port: int, socket: Path | None, threads: int, work: bool) -> None:
    """Serve until SIGINT or SIGTERM. Requests that are being answered are finished first.

    With `socket` a UNIX socket is bound (mode 660) instead of host and port. There is no access log. With `work`, the
    loop of what is due runs as a child process and is started again when it dies.
    """
    if socket is None:
        refuse_taken(host, port)
    elif socket.is_socket():
        socket.unlink()
    connections.close_all()
    _share_memory()
    loop = WorkLoop() if work else None
    server = Granian(
        "lindung.config.wsgi:application",  # loaded by _application
        address=host,
        port=port,
        uds=socket,
        uds_permissions=0o660 if socket is not None else None,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=1,
        blocking_threads=threads,
        blocking_threads_idle_timeout=600,
        backlog=2048,
        workers_kill_timeout=20,
        log_level=LogLevels.error,
        log_access=False,
    )
    try:
        server.serve(target_loader=_application, wrap_loader=False)
    finally:
        if loop is not None:
            loop.stop()


def _application() -> Any:
    """Load the application in the worker process, and leave Ctrl-C to the parent, which ends the worker itself.

    The terminal sends Ctrl-C to both; a worker that is told twice in the same moment may wait for itself.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(_signals, "_get_signals"):
        _signals._get_signals = lambda: [signal.SIGTERM]
    return import_string("lindung.config.wsgi.application")


def refuse_taken(host: str, port: int) -> None:
    """Raise CommandError when somebody listens there: the server itself would share the port with it."""
    family = net.AF_INET6 if ":" in host else net.AF_INET
    with net.socket(family) as probe:
        probe.setsockopt(net.SOL_SOCKET, net.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise CommandError(
                f"Cannot listen on {host} port {port}: {reason}. Choose another one with --port."
            ) from None


def _share_memory() -> None:
    """Let all threads share a few pools of the C library's memory.

    By default each thread has a pool of its own and keeps the 19 MiB of its last derivation: 600 MB with 32 threads.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 4)


class WorkLoop:
    """The child process that does what is due: alerts, withdrawals, retention."""

    def __init__(self) -> None:
        self._stopping = False
        self._process = self._start()
        threading.Thread(target=self._watch, daemon=True).start()

    @staticmethod
    def _start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "lindung.cli", "work", "--parent", str(os.getpid())]
        # A session of its own: Ctrl-C on the terminal reaches the server, which then ends the loop.
        return subprocess.Popen(command, start_new_session=True)

    def _watch(self) -> None:
        while not self._stopping:
            self._process.wait()
            time.sleep(5)
            if not self._stopping:
                log.error("the loop of what is due ended and is started again")
                self._process = self._start()

    def stop(self) -> None:
        """End the loop; what it is doing is one transaction, finished or undone."""
        self._stopping = True
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()


def work_forever(*, parent: int | None, once: bool = False) -> None:
    """Do what is due every 30 seconds. Ends when the process `parent` is gone. Each task may be repeated safely."""
    from lindung.core import clock
    from lindung.reporting.tasks import run_due

    while True:
        close_old_connections()
        try:
            run_due(clock.now())
        except Exception:
            # The next turn tries again; the log names the type of the error and the place, never its text.
            if once:
                raise
            log.exception("what was due could not be done")
        if once:
            return
        for _ in range(WORK_EVERY_SECONDS):
            if parent is not None and os.getppid() != parent:
                return
            time.sleep(1)
