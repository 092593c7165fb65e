"""Spark finds what the plain reference and DuckDB find, payment for payment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from lindung_redflags.catalogue import load
from lindung_redflags.catalogue.model import Catalogue, Conditions, Indicator, Test
from lindung_redflags.engines import NAMES, duck, engine, spark, spark_session
from lindung_redflags.errors import RedflagsError
from lindung_redflags.reference import Book, Hit, hits
from lindung_redflags.rows import Account, Payment
from lindung_redflags.scanning import Asked, scan
from lindung_redflags.synth.making import make
from tests.books import DAY, GRIDS, LISTS, START, books, indicators, tables

pytestmark = pytest.mark.xdist_group("spark")

T = TypeVar("T")
Rows = tuple[list[Account], list[Payment]]
FEW = settings(
    phases=[Phase.generate], database=None, deadline=None, suppress_health_check=list(HealthCheck), max_examples=1
)


@pytest.fixture(scope="module", autouse=True)
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One Spark for all tests of this file; each scan has a session of its own over it.

    Java translates only lightly: most of what runs here runs once.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")
        with spark_session.session(tmp_path_factory.mktemp("spark"), "2GB"):
            yield


def some(number: int, count: int, strategy: st.SearchStrategy[T]) -> list[T]:
    """So many random things, the same for the same number."""
    found: list[T] = []

    @seed(number)
    @settings(FEW, max_examples=count)
    @given(strategy)
    def collect(one: T) -> None:
        found.append(one)

    collect()
    return found


def merged(several: list[Rows]) -> tuple[Rows, list[dict[int, int]]]:
    """Books side by side in one, with nobody in common; for each book the new number of each of its payments."""
    accounts: list[Account] = []
    payments: list[tuple[int, int, Payment]] = []
    for number, (people, paid) in enumerate(several):
        a, h = len(accounts), 10 * number
        accounts += [
            replace(one, a=one.a + a, h=one.h + h, account_id=f"{number}-{one.a}", holder_id=f"{number}-{one.h}")
            for one in people
        ]
        for one in paid:
            device = one.device and f"{number}-{one.device}"
            moved = replace(
                one, tx_id=f"{number}-{one.n}", p=one.p + a, q=one.q + a, ph=one.ph + h, qh=one.qh + h, device=device
            )
            payments.append((number, one.n, moved))
    payments.sort(key=lambda entry: (entry[2].t, entry[0], entry[1]))
    places: list[dict[int, int]] = [{} for _ in several]
    for n, (number, before, _) in enumerate(payments):
        places[number][before] = n
    return (accounts, [replace(one, n=n) for n, (_, _, one) in enumerate(payments)]), places


def plain(several: list[Rows], places: list[dict[int, int]], catalogue: Catalogue) -> list[Hit]:
    """What the reference finds in each book, numbered as in all of them together."""
    last = max((one.t for _, paid in several for one in paid), default=0)
    found, first = [], 0
    for (people, paid), place in zip(several, places, strict=True):
        book = Book({one.a: one for one in people}, paid, GRIDS, LISTS)
        book.last = last
        found += [replace(hit, a=hit.a + first, n=place[hit.n]) for hit in hits(book, catalogue)]
        first += len(people)
    return sorted(found)


def evidence(connection: duckdb.DuckDBPyConnection) -> list[Any]:
    return connection.execute("SELECT a, n, indicator, tx_ids FROM evidence ORDER BY ALL").fetchall()


def both(rows: Rows, catalogue: Catalogue, prune: bool = True) -> tuple[list[Hit], list[Any], list[Hit], list[Any]]:
    """Hits and evidence of Spark and of DuckDB."""
    first, second = tables(*rows), tables(*rows)
    found = spark.hits(first, catalogue, GRIDS, prune=prune)
    expected = duck.hits(second, catalogue, GRIDS, prune=prune)
    return found, evidence(first), expected, evidence(second)


@pytest.mark.parametrize(("number", "prune"), [(1, True), (2, False)])
def test_spark_agrees_with_the_reference_and_with_duckdb(number: int, prune: bool) -> None:
    several = some(number, 120, books())
    wanted = [replace(one, id=f"X{place:02}") for place, one in enumerate(some(number, 14, indicators()))]
    catalogue = Catalogue({one.id: one for one in wanted}, LISTS)
    rows, places = merged(several)
    found, rests, expected, rested = both(rows, catalogue, prune)
    assert len({hit.indicator for hit in expected}) > len(wanted) // 3, "a comparison of nothing says nothing"
    assert found == expected == plain(several, places, catalogue)
    assert rests == rested


def indicator(*tests: Test, at: str = "in", **more: Any) -> Indicator:
    return Indicator(
        id="X", subject="payee", kind="primary", group="flow", weight=10, at=at, tests=tests,
        payments=Conditions(), **more,
    )  # fmt: skip


def paid(n: int, t: int, p: int, q: int, idr: int = 50_000, status: str = "completed") -> Payment:
    return Payment(
        n=n, tx_id=f"t{n}", t=t, amount=idr * 10_000 % (1 << 60), cur="IDR", idr=idr, p=p, q=q, ph=p, qh=q,
        status=status,
    )  # fmt: skip


def people(count: int) -> list[Account]:
    return [Account(a=a, account_id=f"a{a}", h=a, holder_id=f"h{a}", kind="person") for a in range(count)]


def test_sums_beyond_64_bits_and_values_beyond_them_are_exact() -> None:
    rows = people(7), [paid(n, START + n // 2, n, 6, 1 << 61) for n in range(6)]
    total = Test("total", "account", DAY, ">=", 5 << 61)
    found, _, expected, _ = both(rows, Catalogue({"X": indicator(total)}, LISTS))
    assert found == expected
    assert [(hit.n, hit.observed) for hit in found] == [(4, (Fraction(6 << 61),)), (5, (Fraction(6 << 61),))]


def test_a_busy_payee_in_one_second_and_at_the_edges_of_a_window() -> None:
    """Payers of one second see each other; after exactly a window somebody still counts, a second later no more."""
    moments = [START] * 30 + [START + DAY] * 30 + [START + 2 * DAY + 1] * 30
    rows = people(41), [paid(n, t, n % 40, 40, status="reversed" if n % 7 == 0 else "completed")
                        for n, t in enumerate(moments)]  # fmt: skip
    tests = Test("parties", "account", DAY, ">=", 1), Test("payments", "account", DAY, ">=", 1)
    found, rests, expected, rested = both(rows, Catalogue({"X": indicator(*tests)}, LISTS))
    assert (found, rests) == (expected, rested)
    seen = {hit.at: tuple(map(int, hit.observed)) for hit in found}
    done = [{n % 40 for n in range(begin, begin + 30) if n % 7} for begin in (0, 30, 60)]
    assert seen == {
        START: (len(done[0]), len(done[0])),
        START + DAY: (len(done[0] | done[1]), len(done[0]) + len(done[1])),
        START + 2 * DAY + 1: (len(done[2]), len(done[2])),
    }


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_and_one_payment(count: int) -> None:
    rows = people(2)[: 2 * count], [paid(n, START, 0, 1) for n in range(count)]
    tests = Test("payments", "account", DAY, ">=", 1), Test("passed_on", "account", DAY, ">=", Fraction(0), within=60)
    found, rests, expected, rested = both(rows, Catalogue({"X": indicator(*tests)}, LISTS))
    assert (found, rests) == (expected, rested)
    assert len(found) == len(rests) == count


def test_a_scan_by_either_engine_writes_the_same_rows(tmp_path: Path) -> None:
    """200,000 payments of 20,000 accounts, the whole catalogue."""
    make(tmp_path / "world", transactions=200_000, accounts=20_000, seed=7, prevalence=0.003)
    written, summaries = [], []
    for name in NAMES:
        asked = Asked(
            transactions=[str(tmp_path / "world" / "transactions.parquet")],
            accounts=str(tmp_path / "world" / "accounts.parquet"),
            rates=str(tmp_path / "world" / "rates.csv"),
            out=tmp_path / name,
            catalogue=load(),
            engine=name,
            threshold=24,
            memory="2GB",
            state=False,
        )
        summaries.append(scan(asked))
        with duckdb.connect() as connection:
            written.append(
                [
                    connection.sql("SELECT * FROM read_parquet(?) ORDER BY ALL", params=[str(tmp_path / name / file)])
                    .to_arrow_table()
                    .to_pylist()
                    for file in ("alerts.parquet", "hits.parquet")
                ]
            )
    assert [one.pop("engine") for one in summaries] == list(NAMES)
    assert summaries[0] == summaries[1]
    alerts, hits_ = written[0]
    assert alerts
    assert len(hits_) > 1000
    assert written[0] == written[1]


def test_a_missing_java_or_library_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "old" / "bin" / "java"
    old.parent.mkdir(parents=True)
    old.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    old.chmod(0o755)
    monkeypatch.setattr(SparkSession, "getActiveSession", lambda: None)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "old"))
    with pytest.raises(RedflagsError, match=r'needs Java 17 or newer.*"11\.0\.2"'):
        engine("spark")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(RedflagsError, match="has no bin/java"):
        engine("spark")
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RedflagsError, match="no program java was found"):
        engine("spark")
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(RedflagsError, match="not installed"):
        engine("spark")
    with pytest.raises(RedflagsError, match="duckdb, spark"):
        engine("flink")


def test_the_command_says_what_is_missing_and_leaves_nothing(tmp_path: Path) -> None:
    def run(*more: str) -> subprocess.CompletedProcess[str]:
        nowhere = {name: value for name, value in os.environ.items() if name != "JAVA_HOME"} | {"PATH": str(tmp_path)}
        command = [sys.executable, "-m", "lindung_redflags.cli", "scan", "t.csv", "--accounts", "a.csv", "--out"]
        return subprocess.run(
            [*command, str(tmp_path / "out"), *more], capture_output=True, text=True, check=False, env=nowhere
        )

    done = run("--engine", "spark")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("redflags: Spark needs Java 17 or newer (package default-jre-headless); ")
    assert list(tmp_path.iterdir()) == []
    assert run("--engine", "flink").returncode == 2


def test_a_session_of_its_own_says_nothing_and_ends(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from pyspark.sql import SparkSession\n"
        "from lindung_redflags.engines.spark_session import session\n"
        "with session(Path(sys.argv[1]), '1GB') as spark: print(spark.conf.get('spark.sql.session.timeZone'))\n"
        "assert SparkSession.getActiveSession() is None"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "UTC\n", "")
    assert {path.name for path in tmp_path.iterdir()} <= {"spark.log"}
