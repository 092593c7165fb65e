"""Writes the pages of the catalogue: one for each indicator in both languages, and the table of what each needs.

`python -m lindung_redflags.catalogue.pages FOLDER` writes them; with `--check` nothing is written and the exit code is
1 when the folder differs from what would be written.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from lindung_redflags.catalogue import saying
from lindung_redflags.catalogue.building import value_of
from lindung_redflags.catalogue.exact_yaml import parse
from lindung_redflags.catalogue.loading import load, own_lists
from lindung_redflags.catalogue.model import Catalogue, Indicator

MARKS = {
    "S": ("sumber dibaca", "source read"), "S2": ("halaman kedua dibaca", "secondary page read"),
    "F": ("berkas publik dibaca", "public file read"), "K": ("sumber belum diverifikasi", "source to be verified"),
}  # fmt: skip
CLASSES = {
    "payer": ("pembayar", "payer"), "payee": ("penerima", "payee"),
    "possible_victim": ("mungkin korban", "possible victim"),
}  # fmt: skip
KINDS = {
    "primary": ("utama", "primary"), "supporting": ("pendukung, tidak pernah sendiri", "supporting, never alone"),
    "context": ("konteks, tidak dihitung", "context, not computed"),
}  # fmt: skip
_HEADS = {
    "id": (
        "Bahasa Indonesia", "Yang dilihat", "Semua ini harus terpenuhi", "Salah satu dari ini", "Parameter",
        "Yang diperiksa analis", "Penjelasan yang wajar", "Tidak dihitung",
    ),
    "en": (
        "English", "What is looked at", "All of these hold", "Any of these holds", "Parameters",
        "What the reviewer checks", "Innocent explanations", "Not computed",
    ),
}  # fmt: skip
_GENERATED = "<!-- Written by python -m lindung_redflags.catalogue.pages; do not edit. -->\n\n"
_VICTIM = (
    "Tanda ini tentang orang yang **mungkin korban**: ia tidak dicurigai, tidak ada yang diblokir, dan jalur "
    "perlindungan ditempuh.",
    "This flag is about somebody who **may be a victim**: it is no suspicion of them, nothing is blocked, and the "
    "protective route is taken.",
)
_INTRODUCTION = """\
{all} tanda, {computed} di antaranya dihitung bila datanya ada; sisanya konteks bagi analis. Kolom di bawah ini
diperlukan di samping `tx_id`, `ts`, `amount`, `currency`, `payer_id`, `payee_id`, `account_id`, dan `kind`.
`region` boleh diganti `utc_offset`. Jenis kelamin tidak pernah dipakai. Kolom terakhir menyebut bagaimana
sumbernya dibaca; `!` berarti belum diverifikasi. Apa yang ditemukan dan yang terlewat pada data buatan:
[evaluation.md](evaluation.md).

*{all} indicators, {computed} of them computed when the data is there; the others are context for the reviewer. The
columns below are needed beside `tx_id`, `ts`, `amount`, `currency`, `payer_id`, `payee_id`, `account_id` and `kind`.
`region` may be replaced by `utc_offset`. Sex is never used. The last column says how the sources were read; `!` means
to be verified. What is found and what is missed on made-up data: [evaluation.md](evaluation.md).*

"""
BESIDE = ("evaluation.md",)
"""Pages in the same folder that something else writes."""
_INDEX_HEADS = [
    "", "Judul · Title", "Kelas · Class", "Jenis · Kind", "Bobot · Weight", "Transaksi · Transactions",
    "Rekening · Accounts", "Daftar · Lists", "Sumber · Sources",
]  # fmt: skip


def _cell(text: Any) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _table(heads: list[str], lines: list[list[Any]]) -> str:
    drawn = [heads, ["---"] * len(heads), *([_cell(entry) for entry in line] for line in lines)]
    return "".join(f"| {' | '.join(line)} |\n" for line in drawn) + "\n"


def _bullets(texts: list[str]) -> str:
    return "".join(f"- {text}\n" for text in texts) + "\n"


def _unverified(one: Indicator) -> bool:
    return all(source["mark"] == "K" for source in one.raw["sources"])


def page(one: Indicator) -> str:
    """The page of one indicator, as Markdown."""
    raw = one.raw
    parts = [f"# {one.id} · {raw['title']['id']}\n\n*{raw['title']['en']}*\n\n", _GENERATED]
    if _unverified(one):
        parts.append(f"> **{MARKS['K'][0]} · {MARKS['K'][1]}**\n\n")
    facts: list[list[Any]] = [
        ["Kelas · Class", " · ".join(CLASSES[one.subject])],
        ["Jenis · Kind", " · ".join(KINDS[one.kind])],
        ["Kelompok · Group", one.group],
    ]
    facts += [["Bobot · Weight", one.weight]] if one.computed else []
    facts.append(["Data", needs(one) or "-"])
    parts.append(_table(["", ""], facts))
    parts += [_half(one, language) for language in ("id", "en")]
    parts.append("## Sumber · Sources\n\n")
    sources = [
        [
            f"[{source['mark']}] {' · '.join(MARKS[source['mark']])}",
            source["name"],
            source.get("date", ""),
            source.get("where", ""),
            source["says"],
        ]
        for source in raw["sources"]
    ]
    parts.append(_table(["Tanda · Mark", "Nama · Name", "Tanggal · Date", "Di mana · Where", "Isi · Says"], sources))
    return "".join(parts).rstrip("\n") + "\n"


def _half(one: Indicator, language: str) -> str:
    """What a page says in one language."""
    title, looked, every, some, parameters, check, innocent, not_computed = _HEADS[language]
    place, raw = 0 if language == "id" else 1, one.raw
    parts = [f"## {title}\n\n**{raw['title'][language]}.** {raw['explanation'][language].strip()}\n\n"]
    if one.subject == "possible_victim":
        parts.append(f"{_VICTIM[place]}\n\n")
    if one.computed:
        parts.append(f"{looked}: {saying.direction(one, language)}.\n\n")
        loose = not one.needed and len(one.either) == 1
        clauses = [(test,) for test in one.tests] if loose else one.clauses
        parts.append(f"**{some if loose else every}**\n\n")
        parts.append(_bullets([saying.either(clause, language) for clause in clauses] + saying.further(one, language)))
        heads = ["", "Nilai" if language == "id" else "Value", "Satuan" if language == "id" else "Unit", "min", "max"]
        lines = [
            [f"`{name}`", _value(entry, "default", language), saying.UNITS[entry["unit"]][place],
             _value(entry, "min", language),
             _value(entry, "max", language), entry["reason"][language]]
            for name, entry in raw["parameters"].items()
        ]  # fmt: skip
        parts.append(f"**{parameters}**\n\n" + _table([*heads, "Alasan" if language == "id" else "Reason"], lines))
    else:
        parts.append(
            f"**{not_computed}.** {raw['not_computed'][language].strip()}\n\n" if "not_computed" in raw else ""
        )
    parts.append(
        f"**{check}**\n\n{_bullets(raw['check'][language])}**{innocent}**\n\n{_bullets(raw['innocent'][language])}"
    )
    return "".join(parts)


def _value(entry: dict[str, Any], name: str, language: str) -> str:
    return saying.value(value_of(entry[name]), entry["unit"], language) if name in entry else ""


def needs(one: Indicator) -> str:
    """The columns and lists of an indicator, for a cell."""
    said = [f"`{name}`" for part in ("transactions", "accounts") for name in one.needs.get(part, ())]
    said += ["relations"] if one.needs.get("relations") else []
    return ", ".join(said + [f"lists/`{name}`" for name in one.needs.get("lists", ())])


def index(catalogue: Catalogue) -> str:
    """The first page: what each indicator needs, the lists and the grids."""
    everyone = list(catalogue)
    computed = sum(one.computed for one in everyone)
    lines = [
        [
            f"[{one.id}]({one.id}.md)", f"{one.raw['title']['id']}<br>*{one.raw['title']['en']}*",
            " · ".join(CLASSES[one.subject]),
            " · ".join(KINDS[one.kind]), one.weight or "",
            _columns(one, "transactions"), _columns(one, "accounts"), _columns(one, "lists"),
            ", ".join(sorted({source["mark"] for source in one.raw["sources"]})) + (" !" if _unverified(one) else ""),
        ]
        for one in everyone
    ]  # fmt: skip
    lists = []
    for path in own_lists():
        raw, _ = parse(path)
        users = ", ".join(one.id for one in everyone if path.stem in one.needs.get("lists", ())) or "-"
        lists.append([f"`{path.stem}`", len(raw["entries"]), users, raw["about"].strip(), raw["source"]])
    steps = [[currency, f"{grid / 10_000:g}"] for currency, grid in sorted(catalogue.grids.items())]
    parts = [
        "# Tanda bahaya · Red flags\n\n",
        _GENERATED,
        _INTRODUCTION.format(all=len(everyone), computed=computed),
        _table(_INDEX_HEADS, lines),
        "## Tanda sumber · Marks of sources\n\n",
        _bullets([f"[{mark}] {both[0]} · *{both[1]}*" for mark, both in MARKS.items()]),
        "## Daftar · Lists\n\n",
        _table(["Nama · Name", "Isi · Entries", "Dipakai · Used by", "Tentang · About", "Sumber · Source"], lists),
        "## Nominal bulat · Round amounts\n\n",
        _table(["Mata uang · Currency", "Kelipatan · Multiples of"], steps),
    ]
    return "".join(parts).rstrip("\n") + "\n"


def _columns(one: Indicator, part: str) -> str:
    names = [f"`{name}`" for name in one.needs.get(part, ())]
    return ", ".join(names + (["relations"] if part == "accounts" and one.needs.get("relations") else []))


def pages() -> dict[str, str]:
    """Every page by the name of its file."""
    catalogue = load()
    return {"index.md": index(catalogue)} | {f"{one.id}.md": page(one) for one in catalogue}


def differing(folder: Path) -> list[str]:
    """Files of a folder that are not what would be written; files that nobody would write included."""
    made = pages()
    there = {path.name for path in folder.glob("*.md")} - set(BESIDE) if folder.is_dir() else set()
    wrong = {name for name, text in made.items() if name not in there or (folder / name).read_text("utf-8") != text}
    return sorted(wrong | (there - set(made)))


def main(
    folder: Annotated[Path, typer.Argument(help="Where the pages are.")],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit code 1 when the folder differs.")] = False,
) -> None:
    """Write the pages of the catalogue, or see whether they are up to date."""
    if check:
        if wrong := differing(folder):
            typer.echo(f"{folder}: not up to date: {', '.join(wrong)}", err=True)
            raise typer.Exit(1)
        return
    folder.mkdir(parents=True, exist_ok=True)
    made = pages()
    for name in differing(folder):
        text = made.get(name)
        if text is None:
            (folder / name).unlink()
        else:
            (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    typer.run(main)
