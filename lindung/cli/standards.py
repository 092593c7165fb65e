"""`lindung standards`: further versions of the service standard, from YAML files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from lindung.cli.bootstrap import CommandError, boot, say

app = typer.Typer(
    help="Versions of the service standard that cases follow.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command("check")
def check(path: Annotated[Path, typer.Argument(help="A YAML file of one version.")]) -> None:
    """Tell whether a file is a standard, without loading it.

    Every fault is one line: file, line, and what was expected there. The exit code is 1 when there is one.
    """
    boot()
    found = _read(path)
    say(f"{path}: sound. Version {found.version}, in force from {found.in_force}: {_size(found)}.")


@app.command("load")
def load(path: Annotated[Path, typer.Argument(help="A YAML file of one version.")]) -> None:
    """Put a version into LINDUNG_STANDARDS_DIR, whole or not at all.

    New cases follow it from the day on which it is in force; open cases keep theirs until somebody moves them.
    A version never changes: a correction needs a name of its own. Nothing has to be restarted.
    """
    boot()
    from django.db import transaction

    from lindung.audit import services as audit
    from lindung.casework.knowledge import standard as standards

    found = _read(path)
    try:
        found, new = standards.load(path)
    except standards.StandardTaken as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        raise CommandError(f"{standards.folder_of_more()}: {error.strerror}") from None
    if not new:
        say(f"Version {found.version} is loaded already, with the same content.")
        return
    with transaction.atomic():
        audit.record("standard.loaded", actor="system", data={"version": found.version, "digest": found.digest})
    say(f"Version {found.version} is loaded ({_size(found)}). New cases follow it from {found.in_force} on.")


@app.command("list")
def list_() -> None:
    """List the versions that are there, and the files of the folder that are wrong.

    The exit code is 1 when a file is wrong: such a file is left out.
    """
    boot()
    from lindung.casework.knowledge import standard as standards

    for found in sorted(standards.standards().values(), key=lambda one: (one.in_force, one.date, one.code)):
        say(f"{found.version:20} in force from {found.in_force}  {_size(found)}  {found.label_en}")
    wrong = standards.faulty()
    for text in wrong:
        typer.echo(text, err=True)
    if wrong:
        raise SystemExit(1)


def _read(path: Path) -> Any:
    from lindung.casework.knowledge import standard as standards

    try:
        return standards.read(path.read_bytes(), path.name)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from None
    except standards.StandardFaulty as error:
        raise CommandError(f"{error}\n{len(error.faults)} faults; nothing was loaded.") from None


def _size(found: Any) -> str:
    return f"{len(found.stages)} stages, {len(found.items)} points"
