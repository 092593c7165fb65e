"""Folders that appear whole: made beside the place they are meant for, and put there in one step."""

from __future__ import annotations

import ctypes
import glob
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lindung_redflags.errors import BadInput

try:
    import fcntl
except ImportError:  # a system without locks on folders: it is on whoever starts two updates at a time
    fcntl = None  # type: ignore[assignment]

ABANDONED = 10
"""Seconds after which a folder beside the result that nobody is alone with was left by a run that was killed."""

_HERE, _EXCHANGE = -100, 2
"""AT_FDCWD and RENAME_EXCHANGE of Linux."""


@contextmanager
def beside(out: Path) -> Iterator[Path]:
    """A folder beside `out` that goes away again, however the run ends.

    What a killed run left there holds payments: it is removed by the next one.
    """
    prefix = f".{out.name}-"
    for left in out.parent.glob(f"{glob.escape(prefix)}*"):
        with suppress(FileNotFoundError):  # another run has just ended
            if time.time() - left.stat().st_mtime > ABANDONED and not taken(left):
                shutil.rmtree(left, ignore_errors=True)
    folder = out.parent / f"{prefix}{secrets.token_hex(8)}"
    try:
        folder.mkdir(mode=0o700)
        with alone(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def swap(new: Path, old: Path) -> None:
    """Put `new` in the place of `old`, and `old` in the place of `new`: in one step where the system can do that.

    Where it cannot, `old` is called `.NAME.before` for a moment; `recover` puts it back when that moment was the last.
    """
    if _exchange(new, old):
        return
    aside = _aside(old)
    old.rename(aside)
    new.rename(old)
    aside.rename(new)


def recover(folder: Path) -> None:
    """Finish what was cut off between two renames."""
    aside = _aside(folder)
    if aside.is_dir() and not folder.exists():
        aside.rename(folder)


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.before")


def _exchange(new: Path, old: Path) -> bool:
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    return bool(rename(_HERE, os.fsencode(new), _HERE, os.fsencode(old), _EXCHANGE) == 0)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else updates this folder meanwhile. Raises BadInput when somebody does."""
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BadInput(f"{folder}: another update of this folder is running") from error
        yield
    finally:
        os.close(handle)


def taken(folder: Path) -> bool:
    """Whether somebody is alone with this folder, or might be."""
    if fcntl is None:
        return True
    try:
        with alone(folder):
            return False
    except (BadInput, OSError):
        return True
