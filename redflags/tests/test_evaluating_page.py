"""The page about quality and the comparison on AMLSim, each on a small world."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[2]))

from benchmarks import redflags_amlsim as amlsim
from benchmarks import redflags_quality as quality
from lindung_redflags import scanning
from lindung_redflags.catalogue import load
from lindung_redflags.catalogue.pages import pages
from lindung_redflags.errors import BadInput
from lindung_redflags.evaluating import command
from lindung_redflags.evaluating.measuring import Measured, measure
from lindung_redflags.evaluating.ranking import Entry
from lindung_redflags.evaluating.truth import Label, Truth
from lindung_redflags.evaluating.worlds import evaluate_world

ROOT = Path(__file__).parents[2]
SIZE = ["--transactions", "13000", "--accounts", "2000", "--prevalence", "0.015"]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page, the figures and the world of seed 5."""
    path = tmp_path_factory.mktemp("quality")
    given = ["--seeds", "5", *SIZE, "--work", path, "--page", path / "page.md", "--json", path / "figures.json"]
    code = quality.main(list(map(str, given)))
    text = (path / "page.md").read_text("utf-8")
    assert code == (1 if "**missed**" in text else 0)
    return path


def test_the_page_tells_what_was_found_and_what_was_missed(work: Path) -> None:
    text = (work / "page.md").read_text("utf-8")
    scan = json.loads((work / "figures.json").read_text("utf-8"))["5"]["scan"]
    assert "no performance in the field" in text
    assert "bukan kinerja di lapangan" in text
    assert f"`{load().version}`" in text
    for title in (
        "Targets", "Classes", "Precision within a budget", "Look-alikes", "Naive rules beside it",
        "Without one group of indicators", "Alerts about innocent people, by age", "Each world",
    ):  # fmt: skip
        assert f"\n## {title}\n" in text
    missed = text.split("Missed wholly within the budget: ")[1].split(".\n")[0]
    names = [] if missed == "none" else missed.split(", ")
    assert names == [f"{one['pattern']} {one['difficulty']}" for one in scan["missed"]]
    for one in scan["patterns"]:
        assert re.search(rf"\| {one['pattern']} \| [a-z ]+ \| {one['difficulty']} \| {one['recall']['of']} \|", text)
    assert sum(one["recall"]["of"] for one in scan["patterns"]) == 30
    assert not re.search(r"nan|None|Fraction", text)
    assert "--seeds 5 --transactions 13000 --accounts 2000 --prevalence 0.015" in text
    assert str(work) not in text


def test_the_quick_way_says_what_a_scan_and_its_evaluation_say(work: Path, tmp_path: Path) -> None:
    world, catalogue = work / "seed-5", load()
    files = [str(world / name) for name in ("transactions.parquet", "accounts.parquet", "labels_accounts.parquet")]
    scanning.scan(scanning.Asked([files[0]], files[1], tmp_path / "result", catalogue))
    asked = command.Asked(
        tmp_path / "result", files[2], catalogue, [files[0]], files[1],
        transaction_labels=str(world / "labels_transactions.parquet"),
    )  # fmt: skip
    slow, quick = command.evaluate(asked).as_dict(), evaluate_world(world, catalogue).as_dict()
    assert slow == quick
    assert quick["scan"]["alerts"]["payee"]["accounts"] > 0


def test_a_world_of_other_arguments_is_not_taken_for_this_one(work: Path, tmp_path: Path) -> None:
    given = ["--seeds", "5", "--transactions", "14000", "--accounts", "2000", "--work", str(work)]
    with pytest.raises(SystemExit, match="expected a world made with"):
        quality.main(given)
    with pytest.raises(BadInput, match=r"transactions.parquet is not in it"):
        evaluate_world(tmp_path, load())


def measured(found: bool, raised: bool, wrong: bool) -> Measured:
    labels = {
        "e": Label("e", True, "payee", "R01", "", "easy"),
        "h": Label("h", True, "payer", "P01", "", "hard"),
        "v": Label("v", True, "possible_victim", "X01", "", "easy"),
        **{f"s{n}": Label(f"s{n}", False, "payee", "", "online_seller") for n in range(200)},
    }
    ranking = [Entry("e", "payee", 50, (1,)), Entry("v", "possible_victim", 50, (1,))]
    ranking += [Entry("h", "payer", 50, (1,))] if found else []
    ranking += [Entry(f"s{n}", "payee", 30, (1,)) for n in range(6)] if raised else []
    ranking += [Entry("v", "payer", 30, (1,))] if wrong else []
    return measure("catalogue", ranking, Truth(labels, 100_000, 500))


@pytest.mark.parametrize(
    ("given", "missed"),
    [
        ((True, False, False), []),
        ((False, False, False), ["hard cases: at least 50%", "hard cases: the same"]),
        ((True, True, False), ["look-alikes with an alert: under 1%", "look-alikes with an alert: under 3%",
                               "look-alikes within 100", "look-alikes within 100"]),
        ((True, False, True), ["no planted victim"]),
    ],
)  # fmt: skip
def test_targets_are_missed_when_they_are(given: tuple[bool, bool, bool], missed: list[str]) -> None:
    wrong = [what for what, _, _, ok in quality.targets(measured(*given)) if not ok]
    assert len(wrong) == len(missed)
    assert all(what.startswith(start) for what, start in zip(wrong, missed, strict=True))


def test_the_page_is_linked_from_the_index() -> None:
    assert (ROOT / "docs" / "redflags" / "evaluation.md").is_file()
    assert "(evaluation.md)" in pages()["index.md"]


def packed(path: Path, name: str, payments: list[tuple[int, int, str, int]]) -> None:
    """A sample in the form of AMLSim: ten accounts, of which 1 and 2 are labelled."""
    nodes = [["nodeid", "isFraud", "init_balance", "fraudStep"]]
    nodes += [[str(n), str(int(n in (1, 2))), "100.00", "-1"] for n in range(10)]
    rows = [["sourceNodeId", "targetNodeId", "value", "time"], *([str(x) for x in one] for one in payments)]
    with tarfile.open(path / f"{name}.tgz", "w:gz") as archive:
        for file, lines in (("nodes.csv", nodes), ("transactions.csv", rows)):
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows(lines)
            entry = tarfile.TarInfo(f"{name}/{file}")
            entry.size = len(text.getvalue())
            archive.addfile(entry, io.BytesIO(text.getvalue().encode()))


def test_rules_on_amlsim_are_chosen_on_one_sample_and_measured_on_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordinary = [(n, (n + 3) % 10, "250.00", n + 1) for n in range(10)] + [(4, 4, "9.00", 3)]
    packed(tmp_path, "one", [*ordinary, *[(1, 2, "3.10", 8)] * 3])
    packed(tmp_path, "two", [*ordinary, *[(1, 2, "3.10", 8)] * 2, (5, 6, "3.00", 9), (5, 6, "3.00", 9)])
    monkeypatch.setattr(amlsim, "SAMPLES", ("one", "two"))
    small: dict[str, Any] = {
        "AM01": [{"repeats": 2}, {"repeats": 3}],
        "AM02": [{"repeats": 2}, {"repeats": 3}],
        "AM03": [{"payers": 1, "to": 75_000}],
    }
    monkeypatch.setattr(amlsim, "GRID", small)
    rows = {(row[0], row[1]): row[2:] for row in amlsim.compare(tmp_path, lambda text: None)}
    assert len(rows) == 8
    # On `two` nothing tells 5 and 6 from 1 and 2, so two payments are chosen there: on `one` that finds both.
    several = "several payments of one pair within a day"
    assert rows["one", several] == ["AM01 repeats=2, AM02 repeats=2", "two", "1.000", "1.000", "1.000"]
    assert rows["two", several] == ["AM01 repeats=2, AM02 repeats=2", "one", "0.500", "1.000", "0.667"]
    small_sums = "many payers of small sums within 30 days"
    assert rows["one", small_sums][1:] == ["two", "1.000", "0.500", "0.667"]
    assert rows["one", "naive: number of payments received"][:2] == ["at least 4", "itself"]
