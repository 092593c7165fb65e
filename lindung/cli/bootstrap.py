"""Sets Django up for a command. Nothing of Django is imported before, so that `--help` answers at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

# Only for a demonstration on one's own machine; a value that is already set wins.
DEMO_ENVIRONMENT = {"LINDUNG_DEMO": "1", "LINDUNG_HTTPS": "0"}


class CommandError(Exception):
    """A command cannot do what was asked. The message says what was expected; the exit code is 1."""


def boot(*, demo: bool = False) -> None:
    """Load the settings and every room. With `demo`, the environment of a demonstration comes first."""
    os.umask(0o077)
    if demo:
        for name, value in DEMO_ENVIRONMENT.items():
            os.environ.setdefault(name, value)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lindung.config.settings")
    import django

    try:
        django.setup()
    except ValueError as error:  # the settings name the variable and what was expected of it
        raise CommandError(str(error)) from None


def say(text: str = "") -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


def stop(text: str, code: int = 1) -> NoReturn:
    """Print why a command ends and leave."""
    print(f"lindung: {text}", file=sys.stderr, flush=True)
    raise SystemExit(code)


def ask_secret(question: str, *, twice: bool = False) -> str:
    """Ask for a secret on the terminal, never on the command line; from a pipe it is read line by line.

    Raises CommandError when nothing was typed or the two answers differ.
    """
    answer = _read_secret(question)
    if twice and _read_secret("The same again: ") != answer:
        raise CommandError("The two answers differ. Nothing was changed.")
    if not answer:
        raise CommandError("Nothing was typed. Nothing was changed.")
    return answer


def _read_secret(question: str) -> str:
    if sys.stdin.isatty():
        import getpass

        return getpass.getpass(question)
    return sys.stdin.readline().rstrip("\n")


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner can enter."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path
