"""The figures as tables for people, in Indonesian and English, for a terminal and for a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lindung_redflags.alerts import VICTIM
from lindung_redflags.catalogue.model import CLASSES
from lindung_redflags.evaluating.measuring import BUDGETS, MAIN, Measured, Share
from lindung_redflags.evaluating.metrics import quartiles
from lindung_redflags.evaluating.ranking import QUEUES, SUSPECTS

if TYPE_CHECKING:
    from lindung_redflags.evaluating.command import Evaluated

NOTE = {
    "id": "Label sintetis hanya menunjukkan apakah aturan menemukan apa yang ditanam pembuat datanya. Angka ini bukan "
    "kinerja di lapangan.",
    "en": "Synthetic labels only show whether the rules find what the maker of the data planted. These figures are no "
    "performance in the field.",
}
_SAID = {
    "payer": ("pembayar", "payer"), "payee": ("penerima", "payee"), VICTIM: ("mungkin korban", "possible victim"),
    SUSPECTS: ("pembayar dan penerima", "payers and payees"), "easy": ("mudah", "easy"), "hard": ("sulit", "hard"),
    "": ("-", "-"), "all": ("semua", "all"), "age": ("Usia", "Age"), "region": ("Provinsi", "Province"),
    "sex": ("Jenis kelamin", "Sex"), "?": ("tidak diketahui", "not known"), "catalogue": ("katalog", "catalogue"),
    "many payers": ("5 pembayar berbeda dalam 7 hari", "5 different payers in 7 days"),
    "foreign payer": ("pembayar lintas negara, 3 penerima", "payer across a border, 3 payees"),
    "fan-in": ("banyak ke satu", "fan-in"), "fan-out": ("satu ke banyak", "fan-out"), "flow": ("aliran", "flow"),
    "time": ("waktu", "time"), "amount": ("nominal", "amount"), "geography": ("geografi", "geography"),
    "age of account": ("umur rekening", "age of account"), "remark": ("berita transaksi", "remark"),
    "device": ("perangkat", "device"), "profile": ("profil", "profile"), "purchase": ("pembelian", "purchase"),
}  # fmt: skip
_HEADS = {
    "classes": (
        ("Kelas", "Ditanam", "Rekening dengan peringatan", "Benar", "Presisi rata-rata", "95 %"),
        ("Class", "Planted", "Accounts with an alert", "Right", "Average precision", "95 %"),
    ),
    "precision": (
        ("Antrean", "Per sejuta pembayaran", "Diperiksa", "Benar", "Presisi", "95 %"),
        ("Queue", "Per million payments", "Looked at", "Right", "Precision", "95 %"),
    ),
    "patterns": (
        (
            "Pola", "Kelas", "", "Ditanam", "Ditemukan", "Recall", "95 %", "Terhadap batas atas", "Ada peringatan",
            "Hari hingga peringatan pertama",
        ),
        (
            "Pattern", "Class", "", "Planted", "Found", "Recall", "95 %", "Of the ceiling", "With an alert",
            "Days to the first alert",
        ),
    ),
    "families": (
        (
            "Keluarga", "Rekening", "Dapat diperingatkan", "Ada peringatan", "Bagian", "95 %", "Dalam anggaran",
            "Bagian",
        ),
        (
            "Family", "Accounts", "Could be raised", "With an alert", "Share", "95 %", "Within the budget", "Share",
        ),
    ),
    "fairness": (
        ("", "Orang", "Pembayar dan penerima", "95 %", "Mungkin korban", "95 %"),
        ("", "People", "Payers and payees", "95 %", "Possible victims", "95 %"),
    ),
    "compared": (
        (
            "Aturan", "Presisi rata-rata pembayar", "Penerima", "Mungkin korban", "Mudah", "Sulit",
            "Presisi dalam anggaran", "Mirip: bagian", "Mirip, dalam anggaran", "Korban di antrean itu",
        ),
        (
            "Rule", "Average precision payers", "Payees", "Possible victims", "Easy", "Hard",
            "Precision within the budget", "Look-alikes: share", "Look-alikes, within the budget",
            "Victims in that queue",
        ),
    ),
}  # fmt: skip
_TITLES = {
    "classes": ("Kelas", "Classes"),
    "precision": ("Presisi dalam anggaran peringatan", "Precision within a budget of alerts"),
    "patterns": (f"Pola, {MAIN} peringatan per sejuta", f"Patterns, {MAIN} alerts per million"),
    "families": ("Yang mirip tetapi wajar", "Look-alikes"),
    "fairness": ("Peringatan tentang orang yang tidak terlibat", "Alerts about innocent people"),
    "naive": ("Aturan sederhana di sampingnya", "Naive rules beside it"),
    "without": ("Tanpa satu kelompok tanda", "Without one group of indicators"),
}


@dataclass(frozen=True)
class Table:
    """Texts in rows. `title`: what it shows."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]

    def plain(self) -> str:
        """For a terminal: columns filled up with spaces."""
        widths = [max(len(row[place]) for row in [self.heads, *self.rows]) for place in range(len(self.heads))]
        lines = [
            "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
            for row in [self.heads, *self.rows]
        ]
        return "\n".join([self.title, *(f"  {line}" for line in lines)])

    def markdown(self) -> str:
        """For a page, without the title."""
        lines = [self.heads, ["---"] * len(self.heads), *self.rows]
        return "".join("| " + " | ".join(row) + " |\n" for row in lines)


class Teller:
    """Figures and tables in one language, `id` or `en`."""

    def __init__(self, language: str) -> None:
        self.language, self.place = language, ("id", "en").index(language)

    def word(self, name: str) -> str:
        return _SAID[name][self.place] if name in _SAID else name

    def number(self, value: float | None, digits: int = 2) -> str:
        if value is None:
            return "-"
        text = f"{value:,.{digits}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.language == "id" else text

    def count(self, value: float) -> str:
        """A whole number without decimals; what is expected of a tie with one."""
        return self.number(float(value), 0 if float(value).is_integer() else 1)

    def percent(self, value: float | None, digits: int = 1) -> str:
        return "-" if value is None else f"{self.number(100 * value, digits)}%"

    def interval(self, found: tuple[float, float] | None, digits: int = 1) -> str:
        return "-" if found is None else f"{self.percent(found[0], digits)} - {self.percent(found[1], digits)}"

    def of_share(self, share: Share, digits: int = 1) -> list[str]:
        return [self.percent(share.value, digits), self.interval(share.interval, digits)]

    def table(self, name: str, rows: Sequence[Sequence[str]], heads: str | None = None) -> Table:
        return Table(_TITLES[name][self.place], _HEADS[heads or name][self.place], rows)

    def classes(self, one: Measured) -> Table:
        rows = []
        for side in CLASSES:
            averages = one.average.get(side, [])
            interval = (
                " · ".join("-" if a.interval is None else f"{self.number(a.interval[0])} - {self.number(a.interval[1])}"
                           for a in averages)
            )  # fmt: skip
            share = one.alerts.get(side, Share())
            rows.append([
                self.word(side), self.count(one.planted.get(side, 0)), self.count(share.of),
                self.count(float(share.count)), self.number(one.mean_average(side)), interval,
            ])  # fmt: skip
        return self.table("classes", rows)

    def precision(self, one: Measured) -> Table:
        rows = []
        for queue in QUEUES:
            for each in BUDGETS:
                share = one.precision[queue, each]
                right = self.count(float(share.count))
                rows.append([self.word(queue), str(each), self.count(share.of), right, *self.of_share(share)])
        return self.table("precision", rows)

    def patterns(self, one: Measured) -> Table:
        rows = []
        for (pattern, difficulty), found in one.patterns.items():
            days = quartiles(found.days)
            told = "-" if days is None else f"{self.number(days[1], 1)} ({self.number(days[0], 1)} - " + (
                f"{self.number(days[2], 1)})"
            )  # fmt: skip
            rows.append([
                pattern or "-", self.word(found.side), self.word(difficulty), self.count(found.planted),
                self.count(float(found.found)), *self.of_share(found.recall, 0),
                self.percent(found.of_ceiling, 0), self.count(found.raised), told,
            ])  # fmt: skip
        for difficulty in dict.fromkeys(hard for _, hard in one.patterns):
            whole = one.by_difficulty(difficulty)
            rows.append([
                self.word("all"), "", self.word(difficulty), self.count(whole.planted),
                self.count(float(whole.found)), *self.of_share(whole.recall, 0), self.percent(whole.of_ceiling, 0),
                self.count(whole.raised), "",
            ])  # fmt: skip
        return self.table("patterns", rows)

    def families(self, one: Measured) -> Table:
        rows = []
        for name, found in [*one.families.items(), (self.word("all"), one.pooled_family())]:
            rows.append([
                name, self.count(found.accounts), self.count(found.raised.of), self.count(float(found.raised.count)),
                *self.of_share(found.raised), self.count(float(found.looked_at.count)),
                self.percent(found.looked_at.value),
            ])  # fmt: skip
        return self.table("families", rows)

    def fairness(self, one: Measured, what: str) -> Table:
        rows = []
        for group, shares in one.fairness[what].items():
            suspects, victims = shares[SUSPECTS], shares[VICTIM]
            rows.append([
                self.word(group), self.count(suspects.of), *self.of_share(suspects, 2), *self.of_share(victims, 2)
            ])  # fmt: skip
        table = self.table("fairness", rows)
        return Table(f"{table.title}: {self.word(what)}", [self.word(what), *table.heads[1:]], rows)

    def compared(self, several: dict[str, Measured], name: str) -> Table:
        rows = []
        for each, one in several.items():
            whole = one.pooled_family()
            rows.append([
                self.word(each), *(self.number(one.mean_average(side)) for side in CLASSES),
                *(self.percent(one.by_difficulty(hard).of_ceiling, 0) for hard in ("easy", "hard")),
                self.percent(one.precision[SUSPECTS, MAIN].value),
                self.percent(whole.raised.value), self.percent(whole.looked_at.value),
                self.count(float(one.victims_as_suspects.count)),
            ])  # fmt: skip
        return self.table(name, rows, "compared")

    def missed(self, one: Measured) -> str:
        names = ", ".join(f"{pattern or '-'} {self.word(hard)}" for pattern, hard in one.missed())
        if self.language == "id":
            return f"Terlewat seluruhnya dalam anggaran: {names or 'tidak ada'}."
        return f"Missed wholly within the budget: {names or 'none'}."

    def victims(self, one: Measured) -> str:
        count, of = self.count(float(one.victims_as_suspects.count)), one.victims_as_suspects.of
        if self.language == "id":
            return f"Korban yang ditanam dan diperingatkan sebagai pembayar atau penerima: {count} dari {of}."
        return f"Planted victims raised as payer or payee: {count} of {of}."

    def budget(self, one: Measured) -> str:
        payments, budget = self.count(one.payments), self.count(one.budget)
        if self.language == "id":
            return (
                f"{payments} pembayaran, {self.count(one.accounts)} rekening. Anggaran: {budget} peringatan tentang "
                "pembayar dan penerima bersama. Yang mungkin korban mempunyai antrean sendiri yang sama panjangnya dan "
                "tidak mengurangi anggaran itu."
            )
        return (
            f"{payments} payments, {self.count(one.accounts)} accounts. Budget: {budget} alerts about payers and "
            "payees together. Possible victims have a queue of their own of the same length and take nothing from it."
        )


def told(made: Evaluated, language: str) -> str:
    """Everything that `redflags evaluate` prints."""
    teller, scan = Teller(language), made.scan
    parts = [NOTE[language], teller.budget(scan)]
    parts += [table.plain() for table in (teller.classes(scan), teller.precision(scan), teller.patterns(scan))]
    parts += [teller.missed(scan), teller.victims(scan), teller.families(scan).plain()]
    parts += [teller.fairness(scan, what).plain() for what in scan.fairness]
    if made.naive:
        parts.append(teller.compared({"catalogue": scan} | made.naive, "naive").plain())
    if made.without:
        parts.append(teller.compared({"catalogue": scan} | made.without, "without").plain())
    return "\n\n".join(parts)
