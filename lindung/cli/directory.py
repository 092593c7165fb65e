"""The directory as a spreadsheet, from the command line: `lindung directory import` and `export`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lindung.cli.bootstrap import CommandError, boot, say

if TYPE_CHECKING:
    from lindung.directory.services import DryRun, Outcome

app = typer.Typer(
    help="The directory of bodies that help, as a spreadsheet.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="XLSX or CSV (UTF-8); docs/directory.md describes the columns.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check; write nothing.")] = False,
) -> None:
    """Import bodies and services, all of them or none.

    Everything is checked first. Each fault is one line on standard error with its row and column and what was expected;
    the exit code is 1 then and nothing was written. What the sheet does not name stays as it is.
    """
    boot()
    from django.utils import translation

    from lindung.accounts.actors import Actor
    from lindung.directory import services
    from lindung.directory.sheets.faults import Unreadable
    from lindung.directory.sheets.reading import read_file

    with translation.override("en"):
        try:
            table = read_file(file)
        except OSError:
            raise CommandError(f"{file}: there is no such file that can be read.") from None
        except Unreadable as error:
            raise CommandError(f"{file}: {error.message}") from None
        with _bar("Checking", len(table.rows)) as progress:
            run = services.try_out(Actor.system(), table, progress)
        if run.faults:
            _refuse(file, run)
        if dry_run:
            say(f"{file}: nothing to refuse. {_summary(run.outcome, done=False)} Nothing was written.")
            return
        writes = 2 * (run.outcome.bodies_new + run.outcome.bodies_changed + run.outcome.services_new)
        with _bar("Writing", writes) as progress:
            done = services.import_table(Actor.system(), run, progress=progress)
    say(_summary(done, done=True))


def _refuse(file: Path, run: DryRun) -> None:
    from lindung.directory.sheets.columns import letter
    from lindung.directory.sheets.faults import place

    for fault in run.faults:
        print(f"{file}: {place(fault, letter(fault.position))}: {fault.message}", file=sys.stderr)
    count = len(run.faults)
    raise CommandError(f"{count} {'fault' if count == 1 else 'faults'}, nothing was imported.")


def _summary(outcome: Outcome, *, done: bool) -> str:
    verb = "" if done else "would be "
    return (
        f"{outcome.rows} rows: {outcome.bodies_new} bodies {verb}added, {outcome.bodies_changed} {verb}changed, "
        f"{outcome.bodies_same} as they are; {outcome.services_new} services {verb}added, "
        f"{outcome.services_changed} {verb}changed."
    )


@app.command("export")
def export_file(
    file: Annotated[Path, typer.Argument(help="File to write, ending in .xlsx or .csv; it must not exist.")],
) -> None:
    """Write every body and service to a spreadsheet that can be imported again."""
    wanted = file.suffix.lower().lstrip(".")
    if wanted not in {"xlsx", "csv"}:
        raise typer.BadParameter("the name must end in .xlsx or .csv")
    boot()
    if file.exists():
        raise CommandError(f"{file} exists. An export never overwrites one; choose another name.")
    from lindung.accounts.actors import Actor
    from lindung.cli.archive import write_private
    from lindung.directory import selectors, services

    count = selectors.visible_to(Actor.system()).count()
    with _bar("Writing", count) as progress:
        made = services.export(Actor.system(), wanted, progress)
    try:
        write_private(file, made)
    except OSError:
        raise CommandError(f"{file} cannot be written.") from None
    say(f"{count} bodies written to {file}.")


@contextmanager
def _bar(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error, only where somebody looks on; gives what counts a number of rows further."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    with typer.progressbar(length=max(length, 1), label=label, file=sys.stderr) as bar:
        yield bar.update
        bar.update(max(length, 1))
