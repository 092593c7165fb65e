"""What has to be there before the platform serves: folders, secrets, translations, tables, static files."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from lindung.cli.bootstrap import CommandError, private_folder
from lindung.core.catalogues import compile_all
from lindung.vault.secrets import ensure_secrets


def folders() -> None:
    """Make the data folder and the folder of the drafts, entered by their owner alone."""
    private_folder(Path(settings.LINDUNG_DATA_DIR))
    private_folder(Path(settings.LINDUNG_DRAFTS_PATH).parent)
    private_folder(Path(settings.LINDUNG_TOMBSTONES).parent)


def secrets() -> None:
    """Make the secrets that are missing, and let this process use the new Django key."""
    ensure_secrets(settings.LINDUNG_SECRETS_DIR)
    settings.SECRET_KEY = (Path(settings.LINDUNG_SECRETS_DIR) / "django_secret_key").read_text().strip()


def pending_migrations() -> list[str]:
    """Name the migrations that the database still lacks."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate() -> int:
    """Bring the tables to the version of the code; return how many migrations were applied."""
    count = len(pending_migrations())
    if count:
        call_command("migrate", verbosity=0, interactive=False)
    return count


def catalogues() -> int:
    """Compile the translations; in a read-only installation they must already be compiled."""
    try:
        return compile_all()
    except PermissionError as error:
        raise CommandError(
            f"Cannot write {error.filename}. Run `lindung catalogues` once as the owner of the program's folder."
        ) from None


def static_files() -> bool:
    """Collect the static files when one of them changed since the last time; tell whether it was done."""
    target = Path(settings.STATIC_ROOT)
    mark = target / ".signature"
    signature = _static_signature()
    if mark.is_file() and mark.read_text() == signature:
        return False
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    _readable(target)
    mark.write_text(signature)
    return True


def _readable(folder: Path) -> None:
    """Static files are public, and a proxy may read them: not under the private mask of everything else."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def _static_signature() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = os.stat(storage.path(name))
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def everything() -> None:
    """Make ready whatever a demonstration needs."""
    folders()
    secrets()
    catalogues()
    migrate()
    static_files()
