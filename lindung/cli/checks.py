"""`lindung check`: is this installation ready? Each finding says what is, and what to do about it."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from lindung.cli import prepare
from lindung.cli.bootstrap import CommandError
from lindung.cli.restoring import half_restored

OK, WARNING, ERROR = "ok", "warning", "error"
# Before this version write-ahead logging could damage a file in a rare race, see docs/threat-model.md.
SAFE_WAL_SQLITE = (3, 51, 3)


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    level: str
    subject: str
    text: str


def findings() -> Iterator[Finding]:
    """Yield what was looked at, in the order in which an administrator would mend it."""
    yield from secrets()
    reachable = True
    for finding in database():
        reachable &= finding.level != ERROR
        yield finding
    if reachable:
        yield from keys()
        yield from roster()
        yield from machines()
    yield from standards()
    yield from surroundings()


def report(say: Callable[[str], None]) -> bool:
    """Print every finding; tell whether there was an error."""
    broken = False
    for finding in findings():
        broken |= finding.level == ERROR
        say(f"{finding.level:8} {finding.subject:10} {finding.text}")
    return broken


def refuse_unless_sound() -> None:
    """Raise CommandError when the platform could not take or open a report: secrets, database, tables."""
    for finding in [*secrets(), *database()]:
        if finding.level == ERROR:
            raise CommandError(f"{finding.subject}: {finding.text}\nNothing is served until this is mended.")


def secrets() -> Iterator[Finding]:
    """Are all secrets there, and can nobody else read them?"""
    from lindung.vault.secrets import FILES

    folder = Path(settings.LINDUNG_SECRETS_DIR)
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        yield Finding(ERROR, "secrets", f"missing in {folder}: {', '.join(missing)}. Run `lindung secrets create`.")
        return
    loose = [name for name in FILES if (folder / name).stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    # systemd hands credentials over as 0440 in a folder that only the service can enter.
    if loose and not os.environ.get("CREDENTIALS_DIRECTORY"):
        yield Finding(ERROR, "secrets", f"others may read {', '.join(loose)} in {folder}. Type: chmod 600 {folder}/*")
        return
    data = Path(settings.LINDUNG_DATA_DIR)
    if not settings.LINDUNG_DEMO and data.exists() and _same_disk(folder, data):
        yield Finding(WARNING, "secrets", f"{folder} lies on the same disk as the data. Keep them apart.")
    else:
        yield Finding(OK, "secrets", "all there, read by their owner alone.")


def _same_disk(one: Path, other: Path) -> bool:
    return one.stat().st_dev == other.stat().st_dev


def database() -> Iterator[Finding]:
    """Does the database answer, with the settings that keep what was acknowledged, and the right tables?"""
    if half_restored():
        yield Finding(ERROR, "database", "a restore did not finish. Run `lindung backup restore` again.")
        return
    try:
        connection.ensure_connection()
        pending = prepare.pending_migrations()
    except DatabaseError as error:
        yield Finding(ERROR, "database", f"does not answer ({type(error).__name__}). See LINDUNG_DATABASE.")
        return
    if pending:
        yield Finding(ERROR, "database", f"{len(pending)} migrations are missing. Run `lindung migrate`.")
        return
    yield from _sqlite() if connection.vendor == "sqlite" else _postgres()


def _sqlite() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        mode, synchronous, secure = (
            cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "secure_delete")
        )
    if synchronous != 2 or not secure:
        yield Finding(ERROR, "database", "SQLite needs synchronous=FULL and secure_delete=ON.")
    elif mode == "wal" and sqlite3.sqlite_version_info < SAFE_WAL_SQLITE:
        yield Finding(ERROR, "database", f"SQLite {sqlite3.sqlite_version} may damage a file in WAL mode. Use DELETE.")
    else:
        yield Finding(OK, "database", f"SQLite {sqlite3.sqlite_version}, journal {mode}, synchronous FULL.")
    if not settings.LINDUNG_DEMO:
        yield Finding(WARNING, "database", "SQLite suits a small office; deploy/README.md uses PostgreSQL.")


# Setting, the value that is expected, what goes wrong otherwise.
_POSTGRES_SETTINGS = [
    ("fsync", "on", ERROR, "an acknowledged report can be lost in a power cut"),
    ("synchronous_commit", "on", ERROR, "an acknowledged report can be lost in a power cut"),
    ("full_page_writes", "on", ERROR, "a power cut can damage a page"),
    ("log_connections", "off", WARNING, "addresses get into the log"),
    ("log_disconnections", "off", WARNING, "addresses get into the log"),
    ("log_statement", "none", WARNING, "statements get into the log"),
    ("log_min_duration_statement", "-1", WARNING, "statements get into the log"),
    ("log_min_error_statement", "panic", WARNING, "statements that failed get into the log"),
    ("log_parameter_max_length_on_error", "0", WARNING, "parameters get into the log"),
]


def _postgres() -> Iterator[Finding]:
    good = True
    with connection.cursor() as cursor:
        for name, expected, level, harm in _POSTGRES_SETTINGS:
            cursor.execute("SELECT current_setting(%s)", [name])
            found = cursor.fetchone()[0]
            if found != expected:
                good = False
                yield Finding(level, "database", f"{name} is {found}, expected {expected}: {harm}.")
        cursor.execute("SELECT current_setting('server_version'), current_setting('log_line_prefix')")
        version, prefix = cursor.fetchone()
    if "%h" in prefix or "%r" in prefix:
        good = False
        yield Finding(WARNING, "database", "log_line_prefix holds %h or %r: addresses get into the log.")
    if good:
        yield Finding(OK, "database", f"PostgreSQL {version}, set to keep what was acknowledged and to log no content.")


def keys() -> Iterator[Finding]:
    """Has every organisation a recovery key, every receiving team a key, and nobody a key who left?"""
    from lindung.accounts.models import Organisation, Team
    from lindung.vault.models import RecoveryKey, TeamKey
    from lindung.vault.services import teams_due_for_rotation

    good = True
    covered = set(RecoveryKey.objects.filter(active=True).values_list("organisation", flat=True))
    for organisation in Organisation.objects.filter(teams__isnull=False).distinct():
        if organisation.pk not in covered:
            good = False
            yield Finding(ERROR, "keys", f"{organisation.name} has no recovery key. Run `lindung key recovery-create`.")
    with_key = set(TeamKey.objects.filter(state="active").values_list("team", flat=True))
    due = set(teams_due_for_rotation())
    receivers = list(Team.objects.filter(intake_order__isnull=False))
    if not receivers:
        good = False
        yield Finding(ERROR, "keys", "no team receives reports. Run `lindung team add` with --order 1.")
    for team in Team.objects.all():
        if team.pk not in with_key and team in receivers:
            good = False
            yield Finding(ERROR, "keys", f"the team {team.name} has no key yet. Run `lindung user add` for it.")
        if team.pk in due:
            good = False
            yield Finding(WARNING, "keys", f"somebody left {team.name}. Run `lindung key rotate --team '{team.name}'`.")
    if not any(team.kind == "independent" for team in receivers):
        good = False
        # Without one such a report could be sealed to nobody, so it could not be sent at all.
        need = "Run `lindung team add` with --kind independent and --order."
        yield Finding(ERROR, "keys", f"no independent team receives reports about our own people. {need}")
    if good:
        yield Finding(OK, "keys", "every team that receives reports has a key and a recovery key.")


def roster() -> Iterator[Finding]:
    """Is somebody on duty at every moment of the next seven days?"""
    from lindung.accounts.models import Team
    from lindung.core import clock
    from lindung.reporting.models import DutyShift

    start = clock.now()
    end = start + timedelta(days=7)
    for team in Team.objects.filter(intake_order__isnull=False).order_by("intake_order"):
        shifts = DutyShift.objects.filter(team=team, ends_at__gt=start, starts_at__lt=end).order_by("starts_at")
        gap = timedelta()
        covered = start
        for begins, ends in shifts.values_list("starts_at", "ends_at"):
            gap += max(begins - covered, timedelta())
            covered = max(covered, ends)
        gap += max(end - covered, timedelta())
        hours = round(gap.total_seconds() / 3600)
        if hours:
            text = f"{team.name}: nobody is on duty for {hours} of the next 168 hours; the portal says so then."
            yield Finding(WARNING, "roster", text)
        else:
            yield Finding(OK, "roster", f"{team.name}: somebody is on duty at every hour of the next seven days.")


def machines() -> Iterator[Finding]:
    """Do tokens of partners end soon, so that their reports would stop to come, or lie about unused?"""
    from lindung.accounts.actors import Actor
    from lindung.partners import selectors

    today = selectors.today()
    working = selectors.tokens_visible_to(Actor.system()).filter(revoked_at=None, expires_on__gte=today)
    for token in working:
        name = f"{token.name} of {token.organisation.name}"
        used = token.last_used_on or token.created_at.date()
        if token.expires_on - today <= timedelta(days=14):
            yield Finding(WARNING, "token", f"{name} ends on {token.expires_on}. Give the partner a new one before.")
        elif today - used > timedelta(days=90):
            yield Finding(WARNING, "token", f"{name} was not used for 90 days. If nobody needs it, revoke it.")


def standards() -> Iterator[Finding]:
    """Files of LINDUNG_STANDARDS_DIR that are left out because they are wrong."""
    from lindung.casework.knowledge import standard

    for text in standard.faulty():
        yield Finding(WARNING, "standards", f"{text} (left out)")


def surroundings() -> Iterator[Finding]:
    """TLS, proxy, drafts, alerts: what the machine around the platform has to give."""
    if settings.LINDUNG_DEMO:
        yield Finding(WARNING, "demo", "LINDUNG_DEMO is on: accounts sign in without a second factor.")
    if not settings.LINDUNG_HTTPS:
        yield Finding(WARNING if settings.LINDUNG_DEMO else ERROR, "https", "LINDUNG_HTTPS is off.")
    if not settings.LINDUNG_TRUSTED_PROXY and not settings.LINDUNG_DEMO:
        text = "LINDUNG_TRUSTED_PROXY is off: every visitor counts as one address, and turns are not fair."
        yield Finding(WARNING, "proxy", text)
    if not settings.LINDUNG_PRIVACY_CONTACT and not settings.LINDUNG_DEMO:
        yield Finding(WARNING, "privacy", "LINDUNG_PRIVACY_CONTACT is empty: /privasi/ names nobody to ask about data.")
    drafts = Path(settings.LINDUNG_DRAFTS_PATH)
    if _file_system(drafts) != "tmpfs":
        text = f"{drafts} is not on a memory disk: the sealed remains of half-written reports stay on a disk."
        yield Finding(WARNING, "drafts", text)
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend") and not settings.LINDUNG_ALERT_WEBHOOK:
        yield Finding(WARNING, "alerts", "no LINDUNG_EMAIL_URL and no LINDUNG_ALERT_WEBHOOK: nobody is called.")


def _file_system(path: Path) -> str:
    """Return the type of the file system that a path is on, as Linux names it; empty when it cannot be told."""
    folder = path if path.is_dir() else path.parent
    best, kind = "", ""
    try:
        mounts = Path("/proc/mounts").read_text().splitlines()
    except OSError:
        return ""
    for line in mounts:
        _, point, name, *_ = line.split(" ")
        inside = point == "/" or str(folder.resolve()) == point or str(folder.resolve()).startswith(point + "/")
        if inside and len(point) >= len(best):
            best, kind = point, name
    return kind
