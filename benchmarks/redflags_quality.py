"""What the catalogue of red flags finds on made-up payments, and the page that tells it.

    redflags/.venv/bin/python benchmarks/redflags_quality.py --page docs/redflags/evaluation.md
    redflags/.venv/bin/python benchmarks/redflags_quality.py --seeds 21 --transactions 120000 --accounts 10000
    redflags/.venv/bin/python benchmarks/redflags_quality.py --amlsim FOLDER

For each seed a world is made and the whole catalogue run on it with its parameters as they are; beside it two naive
rules, and the catalogue without each group of indicators. Nothing is tuned here. With --amlsim the public samples of
AMLSim (three .tgz files) are compared too. Without --page the page is printed. Exit code 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lindung_redflags.alerts import THRESHOLD
from lindung_redflags.catalogue import load, parameters_from
from lindung_redflags.evaluating.command import Evaluated
from lindung_redflags.evaluating.measuring import MAIN, Measured, pooled
from lindung_redflags.evaluating.saying import NOTE, Table, Teller
from lindung_redflags.evaluating.worlds import evaluate_world
from lindung_redflags.synth import make

from benchmarks import redflags_amlsim as amlsim

ROOT = Path(__file__).resolve().parent.parent
TARGETS = {"easy": 0.8, "hard": 0.5}
POOLED, EACH = 0.01, 0.03


@dataclass
class Run:
    """What was asked for and what came of it."""

    arguments: dict[str, Any]
    command: str
    commit: str
    worlds: dict[int, Evaluated] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)
    amlsim: list[list[str]] = field(default_factory=list)

    @property
    def catalogue(self) -> str:
        return next(iter(self.worlds.values())).catalogue

    def scan(self) -> Measured:
        return pooled([one.scan for one in self.worlds.values()])

    def beside(self, name: str) -> dict[str, Measured]:
        """All naive rules, or all groups that were left out, each over all worlds in which it stands."""
        several = [getattr(one, name) for one in self.worlds.values()]
        keys = dict.fromkeys(key for each in several for key in each)
        return {key: pooled([each[key] for each in several if key in each]) for key in keys}


def targets(scan: Measured) -> list[tuple[str, str, str, bool]]:
    """What was wanted, what was measured, and whether it is reached. Shares of the ceiling; alerts of any class."""
    teller, found = Teller("en"), []
    for difficulty, least in TARGETS.items():
        whole = scan.by_difficulty(difficulty)
        value = whole.of_ceiling or 0.0
        measured = f"{teller.percent(value, 0)} (recall {teller.interval(whole.recall.interval, 0)})"
        found.append(
            (f"{difficulty} cases: at least {least:.0%} of the ceiling, together", measured, "", value >= least)
        )
        single = [(name, one.of_ceiling or 0.0) for (name, hard), one in scan.patterns.items() if hard == difficulty]
        below = ", ".join(f"{name} {teller.percent(value, 0)}" for name, value in single if value < least)
        reached = sum(value >= least for _, value in single)
        found.append((f"{difficulty} cases: the same in each pattern", f"{reached} of {len(single)}", below, not below))
    for what, share in (("with an alert", "raised"), (f"within {MAIN} alerts per million", "looked_at")):
        whole_share = getattr(scan.pooled_family(), share)
        value = whole_share.value or 0.0
        found.append(
            (f"look-alikes {what}: under {POOLED:.0%} together", f"{teller.percent(value, 2)} "
             f"({teller.interval(whole_share.interval, 2)})", "", value < POOLED)
        )  # fmt: skip
        rates = {name: getattr(one, share).value or 0.0 for name, one in scan.families.items()}
        above = ", ".join(f"{name} {teller.percent(rate)}" for name, rate in rates.items() if rate >= EACH)
        worst = teller.percent(max(rates.values(), default=0.0))
        found.append((f"look-alikes {what}: under {EACH:.0%} in each family", f"at most {worst}", above, not above))
    wrong = scan.victims_as_suspects
    count = f"{teller.count(float(wrong.count))} of {wrong.of}"
    found.append(("no planted victim raised as payer or payee", count, "", not wrong.count))
    return found


def target_table(scan: Measured) -> Table:
    rows = [[what, seen, "reached" if ok else "**missed**", which] for what, seen, which, ok in targets(scan)]
    return Table("", ["Target", "Measured", "", "Which ones"], rows)


def page(run: Run) -> str:
    """The page, as Markdown."""
    teller, scan = Teller("en"), run.scan()
    missed = [what for what, _, _, ok in targets(scan) if not ok]
    seeds = ", ".join(map(str, run.worlds))
    given = run.arguments
    parts = [
        "# Evaluasi · Evaluation\n\n",
        "<!-- Written by benchmarks/redflags_quality.py; do not edit. -->\n\n",
        f"> {NOTE['id']}\n>\n> *{NOTE['en']}*\n\n",
        "Halaman ini mengukur katalog pada pembayaran buatan dengan label. Kasus yang terlewat ditulis sebagai "
        "terlewat. Tabelnya dalam bahasa Inggris.\n\n",
        "## How it was measured\n\n",
        f"Worlds by `redflags synth`, seeds {seeds}, each of {teller.count(given['transactions'])} payments, "
        f"{teller.count(given['accounts'])} accounts, prevalence {given['prevalence']} (planted accounts for each "
        f"account). Catalogue `{run.catalogue}`, threshold {given['threshold']} points, commit `{run.commit}`. "
        f"All worlds together below, unless said otherwise.\n\n",
        f"Command: `{run.command}`\n\n",
        f"{teller.budget(scan)} An alert is right when the account was planted on its side. Of several alerts with one "
        "score at the end of the budget each counts with its chance to be among them. The ceiling of a world is "
        "min(1, budget / planted accounts of the queue). Intervals are Wilson's, 95 %; those of average precision "
        "draw the planted accounts again (bootstrap), one for each world. Average precision looks at everybody, those "
        "without a score too.\n\n",
        "## Targets\n\n",
        f"{'All are reached.' if not missed else f'{len(missed)} are missed.'}\n\n",
        target_table(scan).markdown(),
    ]
    sections = [
        ("Classes", teller.classes(scan), ""),
        ("Precision within a budget", teller.precision(scan), ""),
        (f"Patterns, {MAIN} alerts per million payments", teller.patterns(scan), teller.missed(scan)),
        (
            "Look-alikes", teller.families(scan),
            "Accounts that can never be raised (merchants, schools, charities) are not counted in the shares.",
        ),
        ("Naive rules beside it", teller.compared({"catalogue": scan} | run.beside("naive"), "naive"), _NAIVE),
        (
            "Without one group of indicators", teller.compared({"catalogue": scan} | run.beside("without"), "without"),
            "The name says what is left out; the first line is the whole catalogue.",
        ),
        ("Alerts about innocent people, by age", teller.fairness(scan, "age"), _FAIR),
        ("The same, by province (official code)", teller.fairness(scan, "region"), ""),
        ("Each world", worlds(run), ""),
    ]  # fmt: skip
    for title, table, text in sections:
        parts.append(f"\n## {title}\n\n{table.markdown()}")
        if text:
            parts.append(f"\n{text}\n")
    if run.amlsim:
        parts.append(f"\n## AMLSim\n\n{_AMLSIM}\n\n{Table('', amlsim.HEADS, run.amlsim).markdown()}")
    return "".join(parts)


_NAIVE = (
    "The first naive rule ranks payees by the number of different payers within seven days, the second payers by the "
    "number of payees in another country; neither has anything to say of the other classes."
)
_FAIR = (
    "Innocent are all accounts that were not planted, the look-alikes included. Sex is compared only by "
    "`redflags evaluate --attributes`; made-up people have none."
)
_AMLSIM = (
    "Public samples of AMLSim (github.com/IBM/AMLSim, Apache-2.0), money laundering, no connection with the crime of "
    "this catalogue; labels stand on all members of a planted pattern. Our engine runs indicators made for them "
    "(`benchmarks/amlsim_indicators/`), with thresholds chosen on another sample; the naive thresholds are chosen on "
    "the sample itself, in their favour. The rule of several payments within a day wins by far because of a weakness "
    "of the samples: no account without a label ever repeats a payment within a day. It shows that the engine can say "
    "such a rule, and no more. The rule of small sums needs one payer only, because no account without a label "
    "receives a sum as small; where the sample that it was chosen on has smaller sums it finds nothing."
)


def worlds(run: Run) -> Table:
    teller = Teller("en")
    rows = []
    for seed, one in run.worlds.items():
        scan = one.scan
        easy, hard = (scan.by_difficulty(name) for name in TARGETS)
        rows.append([
            str(seed), teller.count(sum(scan.planted.values())),
            *(teller.number(scan.mean_average(side)) for side in scan.planted),
            teller.percent(easy.of_ceiling, 0), teller.percent(hard.of_ceiling, 0),
            teller.percent(scan.pooled_family().raised.value, 2), teller.count(run.seconds[seed]),
        ])  # fmt: skip
    heads = [
        "Seed", "Planted", "Average precision payers", "Payees", "Possible victims", "Easy", "Hard",
        "Look-alikes with an alert", "Seconds",
    ]  # fmt: skip
    return Table("", heads, rows)


def run(given: argparse.Namespace) -> Run:
    """Make the worlds and measure. Worlds in --work are kept and used again."""
    named = {"transactions": given.transactions, "accounts": given.accounts, "prevalence": given.prevalence}
    made = Run(
        named | {"threshold": given.threshold},
        command(given),
        commit(),
    )
    catalogue = load(given.catalogue, parameters_from(given.params) if given.params else None)
    with tempfile.TemporaryDirectory(prefix="redflags-quality-") as throwaway:
        for seed in given.seeds:
            world = (given.work or Path(throwaway)) / f"seed-{seed}"
            if not world.exists():
                make(world, seed=seed, **named)
            meta = json.loads((world / "meta.json").read_text("utf-8"))["arguments"]
            if any(meta[name] != value for name, value in (named | {"seed": seed}).items()):
                raise SystemExit(f"{world}: expected a world made with {named | {'seed': seed}}")
            begin = time.monotonic()
            made.worlds[seed] = evaluate_world(world, catalogue, given.threshold, given.memory)
            made.seconds[seed] = time.monotonic() - begin
            print(f"seed {seed}: {made.seconds[seed]:.0f} s", file=sys.stderr, flush=True)
    if given.amlsim:
        made.amlsim = amlsim.compare(given.amlsim, lambda text: print(text, file=sys.stderr, flush=True))
    return made


def command(given: argparse.Namespace) -> str:
    """What somebody types to measure the same again, without folders of this machine."""
    words = [
        "redflags/.venv/bin/python benchmarks/redflags_quality.py --seeds", *map(str, given.seeds),
        f"--transactions {given.transactions} --accounts {given.accounts} --prevalence {given.prevalence}",
        f"--threshold {given.threshold}",
    ]  # fmt: skip
    words += [f"--catalogue {folder.name}" for folder in given.catalogue]
    words += [f"--params {given.params.name}"] if given.params else []
    return " ".join(words + (["--amlsim FOLDER"] if given.amlsim else []))


def commit() -> str:
    """The commit of the working copy, with a mark when files of redflags/ differ from it."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    changed = git("status", "--porcelain", "--", "redflags/lindung_redflags")
    return git("rev-parse", "--short=12", "HEAD") + (" and changes" if changed else "")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    made.add_argument("--transactions", type=int, default=1_000_000)
    made.add_argument("--accounts", type=int, default=50_000)
    made.add_argument("--prevalence", type=float, default=0.002)
    made.add_argument("--catalogue", type=Path, action="append", default=[], help="a folder with further indicators")
    made.add_argument("--params", type=Path, help="YAML: {R01: {payers: 6}}")
    made.add_argument("--threshold", type=int, default=THRESHOLD)
    made.add_argument("--memory", default="4GB")
    made.add_argument("--work", type=Path, help="keep the worlds here and use those that are there")
    made.add_argument("--amlsim", type=Path, help="folder with the samples of AMLSim")
    made.add_argument("--page", type=Path, help="write the page here")
    made.add_argument("--json", type=Path, help="write all figures here")
    return made


def main(arguments: Sequence[str]) -> int:
    given = parser().parse_args(arguments)
    made = run(given)
    text = page(made)
    if given.page:
        given.page.write_text(text, "utf-8")
    else:
        print(text)
    if given.json:
        figures = {str(seed): one.as_dict() for seed, one in made.worlds.items()}
        given.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(target_table(made.scan()).plain(), file=sys.stderr)
    return 0 if all(ok for *_, ok in targets(made.scan())) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
