"""The command `lindung`. Each command loads Django and its own module only when it runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from lindung.cli import directory, standards, tokens
from lindung.cli.bootstrap import CommandError, ask_secret, boot, say, stop


class QuietGroup(TyperGroup):
    """Turns expected failures into one sentence and exit code 1, and never shows what a variable held."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        try:
            return super().invoke(ctx)
        except CommandError as error:
            stop(str(error))
        except KeyboardInterrupt:
            stop("stopped.", 130)
        except Exception as error:
            stop(_explain(error))


def _explain(error: Exception) -> str:
    """Turn an error into a sentence. Raises it again when it is neither expected nor about the database."""
    from django.db import DatabaseError

    from lindung.core.errors import LindungError

    if isinstance(error, LindungError):
        return str(error.message)
    if isinstance(error, DatabaseError):
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return f"The database refused: {first}\nRun `lindung check` to see what is missing."
    raise error


def _group(name: str, text: str) -> typer.Typer:
    group = typer.Typer(help=text, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.add_typer(group, name=name)
    return group


app = typer.Typer(
    cls=QuietGroup,
    name="lindung",
    help="Lindung: an open platform that protects children from sexual exploitation.\n\n"
    "To look around, type `lindung dev`. In production: `lindung secrets create`, `lindung migrate`, "
    "`lindung organisation add`, `lindung user add`, `lindung check`, `lindung serve`. Settings are environment "
    "variables; deploy/README.md lists them.\n\n"
    "Exit codes: 0 done, 1 not done (the reason is on standard error), 2 wrong usage.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
secrets_app = _group("secrets", "The keys that must not lie on the data disk.")
audit_app = _group("audit", "The log of who did what, in a hash chain.")
retention_app = _group("retention", "Erasing what may no longer be kept.")
backup_app = _group("backup", "Backups, and restoring one into an empty installation.")
key_app = _group("key", "Team keys and recovery keys.")
organisation_app = _group("organisation", "Organisations, with their recovery keys.")
team_app = _group("team", "Teams.")
user_app = _group("user", "People who work with the platform.")
app.add_typer(tokens.app, name="token")
app.add_typer(directory.app, name="directory")
app.add_typer(standards.app, name="standards")


# ---- running ------------------------------------------------------------------------------------------------------


@app.command()
def dev(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    empty: Annotated[bool, typer.Option(help="Without demonstration data.")] = False,
) -> None:
    """Serve demonstration data, to look around.

    Ctrl-C ends it. Makes folders, secrets, tables and invented data under ./var the first time. Every page is
    marked as a demonstration, and its accounts sign in with the passphrase alone. Never for real reports.
    """
    if host not in {"127.0.0.1", "localhost", "::1"}:
        os.environ.setdefault("LINDUNG_HOSTS", f"127.0.0.1,localhost,{host}")
    boot(demo=True)
    from lindung.cli import prepare, server

    server.refuse_taken(host, port)
    prepare.everything()
    if not empty:
        from lindung.cli import demo as demonstration

        demonstration.ensure(say)
        demonstration.introduce(say)
    say(f"\nLindung is at http://{host}:{port}/ (staff: http://{host}:{port}/kerja/). Ctrl-C ends it.")
    server.serve(host=host, port=port, socket=None, threads=server.THREADS, work=True)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    socket: Annotated[Path | None, typer.Option(help="UNIX socket to listen on, instead of host and port.")] = None,
    threads: Annotated[int, typer.Option(min=4, max=512, help="Requests answered at the same time.")] = 72,
    work: Annotated[bool, typer.Option(help="Run the loop of `lindung work` beside the server.")] = True,
) -> None:
    """Serve in production, behind a TLS proxy.

    Refuses to start when `lindung check` finds an error. No access log is written: an address or the second
    of a visit must not be kept anywhere.
    """
    boot()
    from lindung.cli import checks, prepare, server

    prepare.folders()
    checks.refuse_unless_sound()
    prepare.catalogues()
    prepare.static_files()
    server.serve(host=host, port=port, socket=socket, threads=threads, work=work)


@app.command()
def work(
    once: Annotated[bool, typer.Option(help="Do what is due now and end.")] = False,
    parent: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Do what is due, every 30 seconds.

    Alerts by the clock, withdrawals, retention. `lindung serve` runs this beside the server unless told
    --no-work. It may run twice without harm.
    """
    boot()
    from lindung.cli import server

    server.work_forever(parent=parent, once=once)


@app.command()
def check() -> None:
    """Tell whether this installation is ready.

    Looks at secrets, database, migrations, keys, duty roster, proxy and backups. Each finding is one line:
    ok, warning or error. The exit code is 1 when there is an error.
    """
    boot()
    from lindung.cli import checks

    if checks.report(say):
        raise SystemExit(1)


# ---- setting up ---------------------------------------------------------------------------------------------------


@app.command()
def migrate() -> None:
    """Bring the tables up to date.

    Also collects the static files. Run it before the new version of the program serves.
    """
    boot()
    from lindung.cli import prepare, restoring

    restoring.refuse_half_restored()
    prepare.folders()
    prepare.catalogues()
    count = prepare.migrate()
    prepare.static_files()
    say(f"{count} migrations applied." if count else "The tables are up to date.")


@app.command()
def catalogues() -> None:
    """Compile the translations.

    Run it as the owner of the program's folder after each installation.
    """
    boot()
    from lindung.core.catalogues import compile_all

    say(f"{compile_all()} translation files compiled.")


@app.command()
def demo() -> None:
    """Fill an empty database with invented data.

    Twelve scenarios and about 300 reports over two years. Everything in it is invented, clinical and marked.
    Refuses a database that holds anything else.
    """
    boot(demo=True)
    from lindung.cli import demo as demonstration
    from lindung.cli import prepare

    prepare.everything()
    demonstration.ensure(say)
    demonstration.introduce(say)


@secrets_app.command("create")
def secrets_create() -> None:
    """Make the secrets that are missing.

    They go to LINDUNG_SECRETS_DIR; one that exists is never changed. Without them no receipt opens and no
    coded fact has a meaning. They belong off the data disk.
    """
    boot()
    from django.conf import settings

    from lindung.vault.secrets import ensure_secrets

    ensure_secrets(settings.LINDUNG_SECRETS_DIR)
    say(f"The secrets are in {settings.LINDUNG_SECRETS_DIR}. Keep them off the data disk; backups hold them sealed.")


@organisation_app.command("add")
def organisation_add(
    name: Annotated[str, typer.Argument(help="Name of the organisation.")],
    kind: Annotated[str, typer.Option(help="network, uptd, partner, school or ministry.")] = "network",
    region: Annotated[str, typer.Option(help="Kemendagri code of its district; empty: the whole country.")] = "",
) -> None:
    """Add one, and print its recovery key once.

    Whoever holds the printed key can open the organisation's team keys when its last member is gone. Do this
    with two people in the room, write the key on paper, and keep the paper in a safe.
    """
    boot()
    from lindung.cli import people

    people.add_organisation(name=name, kind=kind, region=region, say=say)


@team_app.command("add")
def team_add(
    name: Annotated[str, typer.Argument(help="Name of the team.")],
    organisation: Annotated[str, typer.Option(help="Name of its organisation.")],
    kind: Annotated[str, typer.Option(help="intake, independent or partner.")] = "intake",
    tz: Annotated[str, typer.Option(help="Time zone: Asia/Jakarta, Asia/Makassar or Asia/Jayapura.")] = "Asia/Jakarta",
    province: Annotated[str, typer.Option(help="Kemendagri code of its province.")] = "",
    order: Annotated[int | None, typer.Option(help="Place in the row of those who receive reports.")] = None,
) -> None:
    """Add a team.

    Its key is made with its first member, and sealed to the recovery key too.
    """
    boot()
    from lindung.cli import people

    people.add_team(name=name, organisation=organisation, kind=kind, tz=tz, province=province, order=order, say=say)


@user_app.command("add")
def user_add(
    username: Annotated[str, typer.Argument(help="Sign-in name.")],
    organisation: Annotated[str, typer.Option(help="Name of the organisation.")],
    role: Annotated[
        str,
        typer.Option(
            help="analyst, case_worker, supervisor or partner (in a team); data_analyst, administrator or auditor."
        ),
    ],
    team: Annotated[str, typer.Option(help="Name of the team; empty for a role in the whole organisation.")] = "",
    name: Annotated[str, typer.Option(help="Name that colleagues see; asked when missing.")] = "",
    alias: Annotated[str, typer.Option(help='Name that reporters see, such as "Kak Melati".')] = "",
    email: Annotated[str, typer.Option(help="Where content-free alerts go.")] = "",
    own: Annotated[
        bool, typer.Option("--own-passphrase", help="The person sits here and types a passphrase to keep.")
    ] = False,
) -> None:
    """Add a person.

    The first passphrase is asked on the terminal; the person changes it at the first sign-in. The first
    member of a team gets its key at once. Later members are granted it by a colleague who holds it, after
    comparing fingerprints by voice.
    """
    boot()
    from lindung.cli import people

    people.add_user(
        username=username,
        organisation=organisation,
        team=team,
        role=role,
        name=name or typer.prompt("Name that colleagues see"),
        alias=alias,
        email=email,
        passphrase=ask_secret("Passphrase: ", twice=True),
        own=own,
        say=say,
    )


# ---- audit and retention ------------------------------------------------------------------------------------------


@audit_app.command("export")
def audit_export(path: Annotated[Path, typer.Argument(help="File to write; it must not exist.")]) -> None:
    """Write the log to a file for the auditor.

    JSON lines, closed by a checkpoint. Take the file away from this server. The checkpoint line, kept
    elsewhere, is what later proves that nothing before it was changed.
    """
    boot()
    if path.exists():
        raise CommandError(f"{path} exists. An export never overwrites one; choose another name.")
    from lindung.audit import export

    point = export.write(path)
    say(f"{point.count} events written to {path}. Keep this checkpoint away from the server:\n{point.to_json()}")


@audit_app.command("verify")
def audit_verify(
    path: Annotated[Path | None, typer.Argument(help="An export; without it the log in the database.")] = None,
    checkpoints: Annotated[
        list[Path] | None, typer.Option("--checkpoint", help="File with earlier checkpoints; may be repeated.")
    ] = None,
) -> None:
    """Verify the log, against checkpoints too.

    The exit code is 1 when something is wrong. Without a checkpoint from before, a chain that was written
    anew as a whole cannot be told from a sound one.
    """
    from lindung.cli import auditing

    if auditing.verify(path, checkpoints or [], say):
        raise SystemExit(1)


@retention_app.command("run")
def retention_run() -> None:
    """Erase what may no longer be kept, now.

    `lindung work` does the same by itself.
    """
    boot()
    from lindung.core import clock
    from lindung.reporting import tasks

    tasks.retention(clock.now())
    say("Done. `lindung audit export` holds what was erased, by id.")


# ---- backups ------------------------------------------------------------------------------------------------------


@backup_app.command("create")
def backup_create(
    folder: Annotated[Path, typer.Argument(help="Where backups lie: another disk than the data.")],
    organisation: Annotated[
        str, typer.Option(help="Whose recovery key seals the bundle of secrets; needed when there are several.")
    ] = "",
    keep: Annotated[int, typer.Option(min=0, help="Remove backups older than this many days; 0 keeps all.")] = 30,
) -> None:
    """Back up while the platform runs.

    Writes the database and, apart from it, the secrets, sealed to the recovery key. Every receipt that was
    shown before this command began is in it. Half-written reports are never backed up. The list of what was
    erased is copied beside the archives, always the newest: restoring needs it.
    """
    boot()
    from lindung.cli import backup

    backup.create(folder, organisation=organisation, keep_days=keep, say=say)


@backup_app.command("restore")
def backup_restore(
    archive: Annotated[Path, typer.Argument(help="The .tar file that `backup create` wrote.")],
    secrets: Annotated[Path | None, typer.Option(help="The bundle of secrets; looked for beside the archive.")] = None,
    tombstones: Annotated[
        Path | None, typer.Option(help="The list of what was erased; looked for beside the archive.")
    ] = None,
    without_tombstones: Annotated[
        bool, typer.Option("--without-tombstones", help="The list is lost: what was erased since comes back.")
    ] = False,
) -> None:
    """Restore into an empty installation.

    What was erased since the backup is erased again before anything serves. Asks for the printed recovery
    key. A damaged archive is refused before anything is written; a restore that fails leaves the installation
    empty again.
    """
    boot()
    from lindung.cli import restoring

    restoring.restore(
        archive,
        secrets=secrets,
        tombstones=tombstones,
        without_tombstones=without_tombstones,
        recovery_key=ask_secret("Recovery key: "),
        say=say,
    )


# ---- keys ---------------------------------------------------------------------------------------------------------


@key_app.command("rotate")
def key_rotate(
    team: Annotated[str, typer.Option(help="Name of the team.")],
    member: Annotated[str, typer.Option(help="Sign-in name of a member who holds the key.")],
) -> None:
    """New key for a team, after somebody left.

    Re-wraps its reports, then destroys the old key. Asks for the member's passphrase. May be interrupted and
    started again: it goes on where it stopped.
    """
    boot()
    from lindung.cli import keys

    keys.rotate(team=team, member=member, passphrase=ask_secret(f"Passphrase of {member}: "), say=say)


@key_app.command("recover")
def key_recover(
    team: Annotated[str, typer.Option(help="Name of the team.")],
    member: Annotated[str, typer.Option(help="Sign-in name of the member who gets the key.")],
) -> None:
    """Open a team's key with the recovery key.

    For when the last person who held it is gone: the named member gets it.
    """
    boot()
    from lindung.cli import keys

    keys.recover(team=team, member=member, recovery_key=ask_secret("Recovery key: "), say=say)


@key_app.command("recovery-create")
def key_recovery_create(
    organisation: Annotated[str, typer.Option(help="Name of the organisation.")],
    member: Annotated[list[str], typer.Option(help="Sign-in names of members who hold its team keys.")],
) -> None:
    """New recovery key, printed once.

    The organisation's team keys are sealed to it, and the old paper opens nothing new. For when the paper is
    lost or was seen. Members are named until every team key of the organisation is covered.
    """
    boot()
    from lindung.cli import keys

    people = {name: ask_secret(f"Passphrase of {name}: ") for name in member}
    keys.new_recovery_key(organisation=organisation, members=people, say=say)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        say(f"lindung {version('lindung')}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Options of every command."""


if __name__ == "__main__":
    app(prog_name="lindung")
