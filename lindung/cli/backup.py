"""`lindung backup create`: the data, and apart from it the secrets, sealed to the recovery key."""

from __future__ import annotations

import base64
import json
import re
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from lindung.accounts.models import Organisation, Team
from lindung.audit import services as audit
from lindung.cli import archive, databases, events  # noqa: F401 (declares the kinds of events)
from lindung.cli.archive import Manifest
from lindung.cli.bootstrap import CommandError, private_folder
from lindung.core import clock
from lindung.core.ids import new_id
from lindung.vault import bundle
from lindung.vault.models import RecoveryKey
from lindung.vault.secrets import FILES

Say = Callable[[str], None]

_STAMP = "%Y%m%d-%H%M"
_NAME = re.compile(r"^lindung-(\d{8}-\d{4})-[0-9a-f]{8}(\.tar|-secrets\.sealed)$")
TOMBSTONES = "tombstones"


def create(folder: Path, *, organisation: str = "", keep_days: int, say: Say) -> Path:
    """Back up into `folder`; return the archive. A run that fails leaves nothing of its own behind."""
    owner = recovery_owner(organisation)
    private_folder(folder)
    moment = clock.coarse_now()
    number = new_id().hex
    stem = f"lindung-{moment.strftime(_STAMP)}-{number[:8]}"
    target, sealed = folder / f"{stem}.tar", folder / f"{stem}-secrets.sealed"
    point = audit.checkpoint()
    with tempfile.TemporaryDirectory(prefix=".part-", dir=folder) as staging:
        copy = Path(staging) / "copy"
        databases.copy_to(copy)
        manifest = Manifest(
            id=number,
            created=moment.isoformat(),
            engine=connection.vendor,
            version=version("lindung"),
            migrations=newest_migrations(),
            checkpoint=point.to_json(),
            size=copy.stat().st_size,
            sha256=archive.digest(copy),
        )
        archive.write_private(sealed, _sealed_secrets(owner, number))
        try:
            archive.write(target, manifest, copy)
        except BaseException:
            sealed.unlink(missing_ok=True)
            raise
    copy_tombstones(folder)
    with transaction.atomic():
        audit.record("backup.created", actor="system", subject=number)
    say(f"{target} ({manifest.size / 1_000_000:.1f} MB) and {sealed.name}, which only the recovery key opens.")
    for name in expire(folder, keep_days, moment):
        say(f"{name} was older than {keep_days} days and was removed.")
    return target


def recovery_owner(name: str) -> Organisation:
    """Return whose recovery key seals the secrets: the named organisation, else the first that receives reports."""
    if name:
        from lindung.cli.people import find_organisation

        owner = find_organisation(name)
    else:
        first = Team.objects.filter(intake_order__isnull=False).order_by("intake_order").first()
        if first is None:
            raise CommandError("No team receives reports yet. Name an organisation with --organisation.")
        owner = first.organisation
    if not RecoveryKey.objects.filter(organisation=owner.pk, active=True).exists():
        raise CommandError(f"{owner.name} has no recovery key, so its secrets cannot be sealed.")
    return owner


def newest_migrations() -> dict[str, str]:
    """Return the newest applied migration of every room."""
    newest: dict[str, str] = {}
    for app, name in MigrationRecorder(connection).applied_migrations():
        newest[app] = max(newest.get(app, ""), name)
    return dict(sorted(newest.items()))


def _sealed_secrets(owner: Organisation, number: str) -> bytes:
    folder = Path(settings.LINDUNG_SECRETS_DIR)
    content = {name: base64.b64encode((folder / name).read_bytes()).decode() for name in FILES}
    text = json.dumps({"archive": number, "secrets": content})
    return bundle.seal_to_recovery(owner.pk, text.encode())


def copy_tombstones(folder: Path) -> None:
    """Keep the newest list of what was erased beside the archives, never inside: it outlives each of them."""
    source = Path(settings.LINDUNG_TOMBSTONES)
    if source.is_file():
        archive.write_private(folder / TOMBSTONES, source.read_bytes())


def expire(folder: Path, keep_days: int, now: datetime) -> list[str]:
    """Remove archives older than `keep_days` (0 keeps all), with their secrets; return the names of the archives."""
    gone = []
    for path in sorted(folder.iterdir()):
        match = _NAME.match(path.name)
        if keep_days == 0 or match is None:
            continue
        made = datetime.strptime(match.group(1), _STAMP).replace(tzinfo=UTC)
        if now - made > timedelta(days=keep_days):
            path.unlink()
            if path.suffix == ".tar":
                gone.append(path.name)
    return gone
