"""`lindung backup restore`: into an empty installation only, and what was erased since is erased again."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from lindung.cli import archive, databases, events  # noqa: F401 (declares the kinds of events)
from lindung.cli.archive import Manifest
from lindung.cli.bootstrap import CommandError, private_folder

Say = Callable[[str], None]


def marker() -> Path:
    """A file that exists while a restore is under way: nothing serves as long as it is there."""
    return Path(settings.LINDUNG_DATA_DIR) / "restoring"


def half_restored() -> bool:
    """Tell whether a restore was begun and not finished."""
    return marker().exists()


def refuse_half_restored() -> None:
    """Raise CommandError when a restore was begun and not finished."""
    if half_restored():
        raise CommandError("A restore did not finish. Run `lindung backup restore` again.")


def restore(
    path: Path,
    *,
    secrets: Path | None,
    tombstones: Path | None,
    without_tombstones: bool,
    recovery_key: str,
    say: Say,
) -> None:
    """Restore an archive. Everything is checked before the first byte is written; a failure later is taken back."""
    if half_restored():
        _take_back([])
    if not databases.is_empty():
        raise CommandError("This installation is not empty. A backup is only restored into an empty database.")
    manifest = archive.read(path)
    _check_fits(manifest)
    bundle_path = secrets or path.with_name(path.name.removesuffix(".tar") + "-secrets.sealed")
    contents = _open_secrets(bundle_path, recovery_key, manifest)
    stones = _tombstones(path, tombstones, without_tombstones)

    private_folder(Path(settings.LINDUNG_DATA_DIR))
    archive.write_private(marker(), manifest.id.encode())
    written: list[Path] = []
    try:
        _write_secrets(contents, written)
        _write_tombstones(stones, written)
        _fill(path)
        erased = _replay(manifest)
    except BaseException:
        _take_back(written)
        raise
    marker().unlink()
    say(f"The backup of {manifest.created} is restored. {erased} records erased since then were erased again.")
    say("Run `lindung check`, then start the platform.")


def _check_fits(manifest: Manifest) -> None:
    if manifest.engine != connection.vendor:
        raise CommandError(
            f"The backup is of {manifest.engine}, this installation uses {connection.vendor}. Set LINDUNG_DATABASE."
        )
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    for app, name in manifest.migrations.items():
        if (app, name) not in known and any(key[0] == app for key in known):
            raise CommandError(f"The backup was made by a newer program ({manifest.version}). Install that one first.")


def _open_secrets(path: Path, recovery_key: str, manifest: Manifest) -> dict[str, bytes]:
    from lindung.core.errors import LindungError
    from lindung.vault import bundle

    if not path.is_file():
        raise CommandError(f"{path}: there is no bundle of secrets. Name it with --secrets.")
    try:
        content = json.loads(bundle.open_with_recovery(recovery_key, path.read_bytes()))
    except (LindungError, ValueError):
        raise CommandError("This recovery key does not open the bundle of secrets. Nothing was written.") from None
    if content["archive"] != manifest.id:
        raise CommandError(f"{path} belongs to another backup. Nothing was written.")
    secrets = {name: base64.b64decode(value) for name, value in content["secrets"].items()}
    folder = Path(settings.LINDUNG_SECRETS_DIR)
    for name, value in secrets.items():
        if (folder / name).is_file() and (folder / name).read_bytes() != value:
            raise CommandError(f"{folder} holds other secrets. Move them away first. Nothing was written.")
    return secrets


def _tombstones(path: Path, named: Path | None, without: bool) -> bytes:
    """Return the union of the lists of what was erased: the named one or that beside the archive, and our own."""
    from lindung.cli.backup import TOMBSTONES

    if named is not None and not named.is_file():
        raise CommandError(f"{named}: there is no such file. Nothing was written.")
    sources = [named or path.with_name(TOMBSTONES), Path(settings.LINDUNG_TOMBSTONES)]
    found = [source for source in sources if source.is_file()]
    if not found and not without:
        raise CommandError(
            "The list of what was erased since is not here. Name it with --tombstones; if it is lost, "
            "--without-tombstones restores reports that were erased. Nothing was written."
        )
    lines = {line for source in found for line in source.read_bytes().splitlines() if line.strip()}
    return b"".join(line + b"\n" for line in sorted(lines))


def _write_secrets(contents: dict[str, bytes], written: list[Path]) -> None:
    folder = private_folder(Path(settings.LINDUNG_SECRETS_DIR))
    for name, value in contents.items():
        target = folder / os.path.basename(name)
        if not target.exists():
            archive.write_private(target, value)
            written.append(target)


def _write_tombstones(content: bytes, written: list[Path]) -> None:
    target = Path(settings.LINDUNG_TOMBSTONES)
    if content and not target.exists():
        written.append(target)
    if content:
        private_folder(target.parent)
        archive.write_private(target, content)


def _fill(path: Path) -> None:
    staged = Path(settings.LINDUNG_DATA_DIR) / "restoring.data"
    staged.unlink(missing_ok=True)
    try:
        archive.extract(path, staged)
        databases.restore_from(staged)
    finally:
        staged.unlink(missing_ok=True)


def _replay(manifest: Manifest) -> int:
    """Bring the tables up to date, erase again what was erased since, and note the restore in the log."""
    from lindung.audit import services as audit
    from lindung.cli import prepare

    prepare.migrate()
    erased = erase_again()
    with transaction.atomic():
        audit.record("backup.restored", actor="system", subject=manifest.id)
    return erased


def erase_again() -> int:
    """Erase every record that the list of tombstones names; return how many there were."""
    from lindung.vault import services as vault

    return vault.replay_tombstones()


def _take_back(written: list[Path]) -> None:
    databases.make_empty()
    for path in written:
        path.unlink(missing_ok=True)
    (Path(settings.LINDUNG_DATA_DIR) / "restoring.data").unlink(missing_ok=True)
    marker().unlink(missing_ok=True)
