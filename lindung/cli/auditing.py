"""The log from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lindung.audit.verify import read_checkpoints, verify_events, verify_export
from lindung.cli.bootstrap import CommandError, boot


def verify(path: Path | None, checkpoint_files: list[Path], say: Callable[[str], None]) -> bool:
    """Verify an export, or without `path` the log in the database; print each finding; tell whether there was one.

    With an export nothing of Django is loaded: it works on the auditor's machine.
    """
    points = []
    for file in checkpoint_files:
        try:
            read = read_checkpoints(file)
        except (OSError, ValueError) as error:
            raise CommandError(f"{file}: {error}") from None
        if not read:
            raise CommandError(f'{file}: expected lines that begin with {{"checkpoint"')
        points += read
    if path is None:
        boot()
        from lindung.audit.selectors import rows

        findings = verify_events(rows(), points)
    elif not path.is_file():
        raise CommandError(f"{path}: expected a file that `lindung audit export` wrote.")
    else:
        findings = verify_export(path, points)
    for finding in findings:
        say(f"event {finding.seq}: {finding.what}: {finding.explanation}")
    if not findings:
        against = f" and agrees with {len(points)} earlier checkpoints" if points else ""
        say(f"The chain is sound{against}.")
        if not points:
            say("No earlier checkpoint was given: a chain hashed anew as a whole would look the same.")
    return bool(findings)
