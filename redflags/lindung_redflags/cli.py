"""The command `redflags`.

Exit codes: 0 done; 1 what was given is not what it has to be (the reason is on standard error); 2 wrong usage.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from lindung_redflags import telling
from lindung_redflags.errors import BadInput, RedflagsError

app = typer.Typer(
    name="redflags",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Red flags of payments for child sexual exploitation, on your own data. Nothing leaves this machine.\n\n"
    "Exit codes: 0 done, 1 not done (the reason is on standard error), 2 wrong usage.",
)

Folders = Annotated[
    list[Path] | None, typer.Option("--catalogue", help="A folder with further indicators; may be given again.")
]


def _known(language: str) -> str:
    if language not in {"id", "en"}:
        raise typer.BadParameter(f"{language}: expected id or en")
    return language


Language = Annotated[str, typer.Option(help="id or en.", callback=_known)]
Decided = Annotated[
    str | None, typer.Option(help="CSV or Parquet file: what people decided about suspects that are held back.")
]
Params = Annotated[Path | None, typer.Option("--params", help="YAML: {R01: {payers: 6}}.")]


def main() -> None:
    """Run the command; what somebody can mend is one sentence and exit code 1.

    A run that is ended clears up behind itself and tells so by its exit code: 130 after Ctrl-C, 143 after SIGTERM.
    A query that is interrupted hides that in an error of its own.
    """
    ended: list[int] = []

    def end(number: int, _frame: object) -> None:
        ended.append(number)
        sys.exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as a shell does for what runs in the background
            signal.signal(number, end)
    try:
        app()
    except Exception as error:
        if ended:
            raise SystemExit(128 + ended[0]) from None
        if not isinstance(error, RedflagsError):
            raise
        print(f"redflags: {error}", file=sys.stderr)
        raise SystemExit(1) from None


def _catalogue(folders: list[Path] | None, params: Path | None) -> Any:
    from lindung_redflags.catalogue import load, parameters_from

    return load(folders or [], parameters_from(params) if params else None)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  (a day, not a moment)
    except ValueError:
        raise typer.BadParameter(f"{text}: expected a day as 2026-01-31") from None


@app.command()
def scan(
    transactions: Annotated[list[str], typer.Argument(help="Parquet or CSV files; a pattern in quotes is fine.")],
    accounts: Annotated[str, typer.Option(help="Parquet or CSV file of accounts.")],
    out: Annotated[Path, typer.Option(help="Folder to write; must not be there yet.")],
    catalogue: Folders = None,
    params: Params = None,
    relations: Annotated[str | None, typer.Option(help="Parquet or CSV file of relations between holders.")] = None,
    rates: Annotated[str | None, typer.Option(help="CSV of daily rates: date,currency,idr.")] = None,
    decided: Decided = None,
    since: Annotated[str | None, typer.Option(help="First day (UTC) on which an alert may be raised.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day (UTC); later payments are not looked at.")] = None,
    threshold: Annotated[int, typer.Option(help="Points from which an episode is an alert.")] = 30,
    reject: Annotated[
        Path | None, typer.Option(help="CSV for bad rows; without it one bad row stops the scan.")
    ] = None,
    memory: Annotated[str, typer.Option(help="Memory for the engine.")] = "4GB",
    state: Annotated[bool, typer.Option(help="Keep the payments in OUT/state, so that `update` can add to it.")] = True,
    engine: Annotated[str, typer.Option(help="duckdb or spark; both find the same.")] = "duckdb",
    language: Language = "id",
) -> None:
    """Scan payments and write alerts.parquet, hits.parquet, summary.json, quality.json and report.html."""
    from lindung_redflags.engines import NAMES
    from lindung_redflags.scanning import Asked
    from lindung_redflags.scanning import scan as run

    if engine not in NAMES:
        raise typer.BadParameter(f"{engine}: expected {' or '.join(NAMES)}")
    asked = Asked(
        transactions=transactions,
        accounts=accounts,
        out=out,
        catalogue=_catalogue(catalogue, params),
        relations=relations,
        rates=rates,
        decided=decided,
        reject=reject,
        since=_day(since),
        until=_day(until),
        threshold=threshold,
        memory=memory,
        state=state,
        engine=engine,
    )
    print("\n".join(telling.scanned(run(asked, _progress(language)), out, language)))


def _progress(language: str) -> Callable[[str, float], None]:
    """A bar on a terminal, nothing elsewhere."""

    def told(text: str, share: float) -> None:
        if not sys.stderr.isatty():
            return
        filled = round(share * 30)
        print(
            f"\r[{'#' * filled}{'.' * (30 - filled)}] {share * 100:3.0f}% {telling.step(text, language)[:40]:<40}",
            end="\n" if share >= 1 else "",
            file=sys.stderr,
            flush=True,
        )

    return told


@app.command("catalogue")
def show(
    indicator: Annotated[str | None, typer.Argument(help="Its id; without it all are listed.")] = None,
    catalogue: Folders = None,
    params: Params = None,
    language: Language = "id",
) -> None:
    """List the indicators, or show one with sources, parameters and what to check."""
    found = _catalogue(catalogue, params)
    if indicator is None:
        for one in found:
            subject = telling.CLASSES[language][one.subject]
            print(f"{one.id:5} {subject:15} {one.kind:10} {one.raw['title'][language]}")
        return
    if indicator not in found.indicators:
        raise RedflagsError(f"no indicator is called {indicator}; there are {', '.join(found.indicators)}")
    one = found.indicators[indicator]
    print(f"{one.id} {one.raw['title'][language]}\n\n{one.raw['explanation'][language]}\n")
    for source in one.raw["sources"]:
        dated = f", {source['date']}" if source.get("date") else ""
        print(f"[{source['mark']}] {source['name']}{dated}: {source['says']}")
    for name, entry in one.raw.get("parameters", {}).items():
        print(f"{name} = {one.parameters[name]} {entry['unit']}: {entry['reason'][language]}")
    for part in ("check", "innocent"):
        print("\n" + "\n".join(f"- {text}" for text in one.raw[part][language]))


@app.command()
def explain(
    folder: Annotated[Path, typer.Argument(help="What a scan wrote.")],
    alert: Annotated[str, typer.Argument(help="alert_id, or its first digits.")],
    language: Language = "id",
) -> None:
    """Show one alert: its reasons, its hits and the payments it hangs on."""
    import duckdb

    from lindung_redflags import words

    path = folder / "alerts.parquet"
    if not path.is_file():
        raise RedflagsError(f"{folder}: expected a folder that `redflags scan` wrote, with alerts.parquet in it")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.execute(
            "SELECT alert_id, account_id, class, score, strftime(raised_at, '%Y-%m-%d %H:%M UTC'), "
            f"reasons_{language}, counterfactual "
            "FROM read_parquet(?) WHERE starts_with(alert_id, ?)",
            [str(path), alert],
        ).fetchall()
    if len(found) != 1:
        raise RedflagsError(
            f"{alert}: {'no alert begins' if not found else f'{len(found)} alerts begin'} with these digits"
        )
    name, account, kind, score, raised, reasons, hanging = found[0]
    print(f"{name}\n{account} · {telling.CLASSES[language][kind]} · {score} · {raised}\n\n{reasons}\n")
    print(words.hanging(json.loads(hanging)["remove_tx_ids"], language))


@app.command()
def synth(
    out: Annotated[Path, typer.Option(help="Folder to write; must not be there yet.")],
    transactions: Annotated[int, typer.Option(min=1)] = 200_000,
    accounts: Annotated[int, typer.Option(min=1)] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 1,
    prevalence: Annotated[float, typer.Option(help="Planted subjects per account.")] = 0.002,
    days: Annotated[int, typer.Option(min=90)] = 120,
    language: Language = "id",
) -> None:
    """Invent Indonesian payments with planted cases and look-alikes, labelled."""
    from lindung_redflags.synth import command

    command(
        out, transactions, accounts, seed, prevalence, days, say=lambda text: print(telling.step(text, language)),
        language=language,
    )  # fmt: skip


@app.command()
def goaml(
    folder: Annotated[Path, typer.Argument(help="What a scan wrote.")],
    alert: Annotated[str, typer.Argument(help="alert_id")],
    transactions: Annotated[list[str], typer.Option(help="The files that were scanned; may be given again.")],
    accounts: Annotated[str, typer.Option(help="The accounts that were scanned.")],
    out: Annotated[Path, typer.Option(help="Folder for the draft.")],
    profile: Annotated[str, typer.Option(help="generic, id-template, or a TOML file of your own.")] = "id-template",
    reporter: Annotated[Path | None, typer.Option(help="TOML: who reports.")] = None,
    parties: Annotated[Path | None, typer.Option(help="TOML: names and numbers of the parties.")] = None,
    schema: Annotated[Path | None, typer.Option(help="The FIU's schema file, which you were given.")] = None,
    release: Annotated[Path | None, typer.Option(help="TOML: who decided and confirmed, on what basis.")] = None,
    rates: Annotated[str | None, typer.Option(help="CSV of daily rates, if the scan needed it.")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Write it although something mandatory is missing.")] = False,
    catalogue: Folders = None,
    params: Params = None,
    language: Language = "id",
) -> None:
    """Write the draft of a report to the FIU from one alert, and say what is missing. Needs the extra `goaml`."""
    import duckdb

    from lindung_redflags.reading import open_tables

    with _extra("goaml"):
        from lindung_redflags.goaml import NotReady, Wanted, command, told
    wanted = Wanted(
        folder, alert, out, datetime.now(UTC).date(), profile, reporter, parties, schema, release, as_draft=draft
    )
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        open_tables(connection, transactions, accounts, rates=rates)
        try:
            report, written = command(wanted, connection=connection, catalogue=_catalogue(catalogue, params))
        except NotReady as error:
            for line in told(error.gaps, language):
                print(line, file=sys.stderr)
            raise
    for line in told(report.gaps, language):
        print(line)
    print("\n".join(str(path) for path in written))


@app.command()
def evaluate(
    folder: Annotated[Path, typer.Argument(help="What a scan wrote.")],
    labels: Annotated[str, typer.Option(help="Parquet or CSV file: account_id, planted, side, pattern, family.")],
    transactions: Annotated[
        list[str] | None, typer.Option(help="The files that were scanned: for days and naive rules; may be repeated.")
    ] = None,
    accounts: Annotated[str | None, typer.Option(help="The accounts that were scanned: for fairness.")] = None,
    rates: Annotated[str | None, typer.Option(help="CSV of daily rates, if the scan needed it.")] = None,
    transactions_labels: Annotated[str | None, typer.Option(help="File: tx_id, pattern of planted payments.")] = None,
    attributes: Annotated[str | None, typer.Option(help="File: account_id, sex. Only compared, never scanned.")] = None,
    out: Annotated[Path | None, typer.Option(help="JSON file for all figures.")] = None,
    catalogue: Folders = None,
    params: Params = None,
    language: Language = "id",
) -> None:
    """Compare a scan with labels: what it found, what it missed, whom it raised for nothing."""
    from lindung_redflags.evaluating import command, saying

    made = command.evaluate(
        command.Asked(
            folder=folder,
            labels=labels,
            catalogue=_catalogue(catalogue, params),
            transactions=transactions or [],
            accounts=accounts,
            rates=rates,
            transaction_labels=transactions_labels,
            attributes=attributes,
        )
    )
    if out is not None:
        command.write(made, out)
    print(saying.told(made, language))


@app.command()
def update(
    folder: Annotated[Path, typer.Argument(help="What a scan or an update wrote.")],
    transactions: Annotated[list[str], typer.Argument(help="Files with further payments.")],
    accounts: Annotated[str, typer.Option(help="Parquet or CSV file of all accounts, as they are now.")],
    catalogue: Folders = None,
    params: Params = None,
    relations: Annotated[str | None, typer.Option(help="Relations between holders, if the scan had them.")] = None,
    rates: Annotated[str | None, typer.Option(help="CSV of daily rates: date,currency,idr.")] = None,
    decided: Decided = None,
    reject: Annotated[Path | None, typer.Option(help="CSV for bad rows; without it one bad row stops.")] = None,
    memory: Annotated[str, typer.Option(help="Memory for the engine.")] = "4GB",
    language: Language = "id",
) -> None:
    """Add payments: the folder becomes what one scan of all payments would have written."""
    from lindung_redflags.updating.update import More
    from lindung_redflags.updating.update import update as run

    more = More(
        folder, transactions, accounts, _catalogue(catalogue, params), relations, rates, decided, reject, memory
    )
    summary, counted = run(more, _progress(language))
    print(telling.say("updated", language, **counted))
    if counted["restated"]:
        first = json.loads((folder / "quality.json").read_text("utf-8"))["restated"][-1]
        print(telling.say("restated", language, file=first["file"], row=str(first["row"])))
    print("\n".join(telling.alerts(summary, folder, language)))


@app.command()
def backtest(
    transactions: Annotated[list[str], typer.Argument(help="Parquet or CSV files; a pattern in quotes is fine.")],
    accounts: Annotated[str, typer.Option(help="Parquet or CSV file of accounts.")],
    begin: Annotated[str, typer.Option("--from", help="First day (UTC).")],
    end: Annotated[str, typer.Option("--to", help="Last day (UTC); later payments are not looked at.")],
    out: Annotated[Path, typer.Option(help="Folder to write; must not be there yet.")],
    labels: Annotated[str | None, typer.Option(help="Parquet or CSV file of labelled accounts.")] = None,
    catalogue: Folders = None,
    params: Params = None,
    relations: Annotated[str | None, typer.Option(help="Parquet or CSV file of relations between holders.")] = None,
    rates: Annotated[str | None, typer.Option(help="CSV of daily rates: date,currency,idr.")] = None,
    reject: Annotated[Path | None, typer.Option(help="CSV for bad rows; without it one bad row stops.")] = None,
    threshold: Annotated[int, typer.Option(help="Points from which an episode is an alert.")] = 30,
    seed: Annotated[int, typer.Option(help="Decides the draw among equals below the threshold.")] = 1,
    memory: Annotated[str, typer.Option(help="Memory for the engine.")] = "4GB",
    language: Language = "id",
) -> None:
    """Replay days that are past: which alerts would have come when, and what stayed just below the threshold."""
    from lindung_redflags.backtest import Wanted, table
    from lindung_redflags.backtest import backtest as run

    first, last = _day(begin), _day(end)
    assert first is not None
    assert last is not None
    made = run(
        Wanted(
            transactions=transactions,
            accounts=accounts,
            begin=first,
            end=last,
            out=out,
            catalogue=_catalogue(catalogue, params),
            relations=relations,
            rates=rates,
            reject=reject,
            labels=labels,
            threshold=threshold,
            seed=seed,
            memory=memory,
        ),
        _progress(language),
    )
    print(table(made, language), end="")


@app.command()
def tune(
    folders: Annotated[list[Path], typer.Argument(help="Folders with transactions.parquet, accounts.parquet, labels.")],
    out: Annotated[Path, typer.Option(help="File of parameters to write.")],
    budget: Annotated[int, typer.Option(min=1, help="Alerts about suspects for each million payments.")] = 100,
    unlabelled: Annotated[
        bool, typer.Option("--unlabelled", help="There are no labels: choose the threshold.")
    ] = False,
    only: Annotated[list[str] | None, typer.Option(help="Tune this indicator; may be given again.")] = None,
    sweeps: Annotated[int, typer.Option(min=1, help="How often to go through all parameters.")] = 2,
    weights: Annotated[bool, typer.Option("--weights", help="Choose weights instead of thresholds.")] = False,
    starts: Annotated[int, typer.Option(min=1, help="With --weights: from how many starts.")] = 8,
    into: Annotated[Path | None, typer.Option(help="With --weights: indicators whose weight lines to replace.")] = None,
    catalogue: Folders = None,
    language: Language = "id",
) -> None:
    """Choose thresholds, or weights, for so many alerts as people can look at."""
    from lindung_redflags.tuning import search
    from lindung_redflags.tuning import weights as weighing

    loaded = _catalogue(catalogue, None)
    if weights:
        if unlabelled or only:
            raise BadInput("--weights needs labels and looks at all indicators: leave out --unlabelled and --only")
        weighed = weighing.tune(folders, loaded, budget, starts, told=lambda text: print(text, file=sys.stderr))
        weighing.write(weighed, out, folders, budget, loaded.version)
        if into:
            weighing.put(weighed.weights, into)
        print(telling.say("objective", language, before=sum(weighed.before), after=sum(weighed.points)))
        suspects, victims = (str(some) for some in weighed.innocent)
        print(telling.say("innocent", language, suspects=suspects, victims=victims))
        return
    made = search.tune(
        folders, loaded, budget, not unlabelled, only or [], sweeps, told=lambda text: print(text, file=sys.stderr)
    )
    search.write(made, out, folders, budget, loaded.version)
    if made.labelled:
        after = made.after
        print(telling.say("objective", language, before=made.before.points, after=after.points))
        print(telling.say("found", language, found=after.found, planted=after.planted, look_alikes=after.look_alikes))
    suspects, victims = (", ".join(map(str, some)) for some in (made.after.suspects, made.after.victims))
    print(telling.say("suspects", language, suspects=suspects, victims=victims))
    print(telling.say("scan_with", language, out=out, threshold=str(made.threshold)))


@contextmanager
def _extra(name: str) -> Iterator[None]:
    """Say what to install when an optional library is missing."""
    try:
        yield
    except ImportError as error:
        raise RedflagsError(f"{error.name} is missing; install lindung-redflags[{name}]") from None


if __name__ == "__main__":
    main()
