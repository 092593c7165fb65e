"""report.html: one file with nothing from elsewhere, in Indonesian and English, for inside the institution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from importlib import resources
from typing import Any

from lindung_redflags.catalogue.model import Catalogue
from lindung_redflags.telling import whole

SHOWN = 200
"""Alerts on the page; all of them are in alerts.parquet."""

_CLASSES = ("payer", "payee", "possible_victim")
_TEXTS: dict[str, dict[str, str]] = {
    "id": {
        "title": "Hasil pemindaian tanda bahaya",
        "payer": "Pembayar",
        "payee": "Penerima",
        "possible_victim": "Mungkin korban",
        "victim_note": "Mungkin korban punya antrean sendiri. Jangan blokir, jangan jadikan terduga; tawarkan "
        "perlindungan. "
        "Kepada siapa pun di luar, jangan sebut peringatan, skor, atau laporan (UU 8/2010 pasal 12). "
        "Yang boleh diberikan kepada semua nasabah muda: informasi umum dan kontak bantuan (SAPA 129, polisi 110).",
        "alerts": "Peringatan",
        "weeks": "Peringatan per minggu",
        "indicators": "Peringatan per indikator",
        "coverage": "Cakupan",
        "ran": "{ran} dari {of} indikator berjalan.",
        "not_run": "Tidak berjalan",
        "why": "Alasan",
        "list": "Pembayar dan penerima menurut skor",
        "score": "skor",
        "raised": "muncul",
        "source": "Sumber",
        "explain": "Transaksi satu peringatan: redflags explain, nama folder ini, lalu kode di ujung barisnya.",
        "guide": "Sebelum memutuskan, untuk setiap indikator",
        "more": "{n} lagi ada di alerts.parquet.",
        "none": "Tidak ada peringatan.",
        "data": "{tx} transaksi, {acc} rekening, {first} sampai {last}.",
        "held": "{n} episode pembayar atau penerima ditahan sampai ada orang yang memutuskan, karena pemegang "
        "rekeningnya mungkin korban. Daftarnya di held.parquet, hanya untuk petugas antrean mungkin korban: tangani "
        "dulu sebagai mungkin korban, jangan blokir, jangan sebut siapa pun terduga. Keputusan dicatat, lalu diberikan "
        "dengan --decided.",
        "released": "{n} peringatan dimunculkan karena ada orang yang memutuskannya.",
        "outgrown": "{n} keputusan tidak lagi mencakup seluruh episodenya; episode itu ditahan lagi.",
        "matched_nothing": "{n} keputusan tidak mengenai apa pun yang ditahan.",
        "version": "Katalog {v}, ambang {t}.",
        "check": "Yang perlu diperiksa",
        "innocent": "Penjelasan wajar",
        "warming": "riwayat kurang dari 90 hari",
    },
    "en": {
        "title": "Result of the red-flag scan",
        "payer": "Payer",
        "payee": "Payee",
        "possible_victim": "Possible victim",
        "victim_note": "Possible victims have a queue of their own. Do not block, do not treat as a suspect; offer "
        "protection. "
        "Tell nobody outside of an alert, a score or a report (Law 8/2010 article 12). "
        "What may be given to all young customers: general information and contacts for help (SAPA 129, police 110).",
        "alerts": "Alerts",
        "weeks": "Alerts by week",
        "indicators": "Alerts by indicator",
        "coverage": "Coverage",
        "ran": "{ran} of {of} indicators ran.",
        "not_run": "Did not run",
        "why": "Reason",
        "list": "Payers and payees by score",
        "score": "score",
        "raised": "raised",
        "source": "Source",
        "explain": "The payments of an alert: redflags explain, the name of this folder, then the code at its end.",
        "guide": "Before deciding, for each indicator",
        "more": "{n} more are in alerts.parquet.",
        "none": "No alerts.",
        "data": "{tx} transactions, {acc} accounts, {first} to {last}.",
        "held": "Episodes of payers or payees held back until a person has decided, because the holder of the account "
        "may be a victim: {n}. They are listed in held.parquet, only for those who work on the queue of possible "
        "victims: look at the account as a possible victim's first, block nothing, call nobody a suspect. A decision "
        "is recorded and then given with --decided.",
        "released": "Alerts raised because a person decided so: {n}.",
        "outgrown": "Decisions that no longer cover the whole of their episode, which is held back again: {n}.",
        "matched_nothing": "Decisions about nothing that is held back: {n}.",
        "version": "Catalogue {v}, threshold {t}.",
        "check": "What to check",
        "innocent": "Innocent explanations",
        "warming": "less than 90 days of history",
    },
}


def draw(summary: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], catalogue: Catalogue) -> str:
    """Return the page. `lines`: the rows of alerts.parquet, moments in seconds."""
    ordered = sorted(lines, key=lambda line: (-line["score"], line["alert_id"]))
    style = resources.files("lindung_redflags").joinpath("page.css").read_text("utf-8")
    parts = "".join(_part(language, summary, ordered, catalogue) for language in ("id", "en"))
    return (
        '<!doctype html>\n<html lang="id">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n'
        f"<title>{_TEXTS['id']['title']}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        '<nav aria-label="Bahasa / Language"><a href="#id">Bahasa Indonesia</a>'
        '<a href="#en" lang="en">English</a></nav>\n'
        f"<main>{parts}</main>\n</body>\n</html>\n"
    )


def _part(language: str, summary: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], catalogue: Catalogue) -> str:
    say, covered = _TEXTS[language], summary["coverage"]
    victims = [line for line in lines if line["class"] == "possible_victim"]
    suspects = [line for line in lines if line["class"] != "possible_victim"]
    counts = "".join(f"<li><b>{summary['alerts'][name]}</b>{say[name]}</li>" for name in _CLASSES)
    data = say["data"].format(
        tx=whole(summary["transactions"], language),
        acc=whole(summary["accounts"], language),
        first=(summary["first"] or "–")[:10],
        last=(summary["last"] or "–")[:10],
    )
    by_indicator = {name: entry["alerts"] for name, entry in summary["indicators"].items() if entry["alerts"]}
    titles = {name: f"{name} {catalogue.indicators[name].raw['title'][language]}" for name in by_indicator}
    named = [(titles[name], count) for name, count in sorted(by_indicator.items())]
    weeks = Counter(datetime.fromtimestamp(line["raised_at"], UTC).strftime("%G-W%V") for line in lines)
    rows = "".join(
        f"<tr><td>{escape(name)} {escape(catalogue.indicators[name].raw['title'][language])}</td>"
        f"<td>{escape(why[language])}</td></tr>"
        for name, why in covered["did_not_run"].items()
    )
    decisions = summary["decisions"]
    counted = {"held": summary["held_back"]} | {n: decisions[n] for n in ("released", "outgrown", "matched_nothing")}
    held = "".join(f"<p>{escape(say[name].format(n=count))}</p>" for name, count in counted.items() if count)
    return f"""
<section id="{language}" lang="{language}">
<h1>{say["title"]}</h1>
<p class="soft">{escape(data)} {escape(say["version"].format(v=summary["catalogue"], t=summary["threshold"]))}</p>
<h2>{say["alerts"]}</h2>
<ul class="counts">{counts}</ul>{held}
<p class="note">{escape(say["victim_note"])}</p>
<h2>{say["indicators"]}</h2>{_bars(named, say["indicators"])}
<h2>{say["weeks"]}</h2>{_bars(sorted(weeks.items()), say["weeks"])}
<h2>{say["possible_victim"]}</h2>{_alerts(language, victims)}
<h2>{say["list"]}</h2>{_alerts(language, suspects)}
<h2>{say["guide"]}</h2>{_guide(language, sorted(by_indicator), catalogue)}
<h2>{say["coverage"]}</h2>
<p>{say["ran"].format(ran=len(covered["ran"]), of=covered["of"])}</p>
<div class="wide"><table><thead><tr><th>{say["not_run"]}</th><th>{say["why"]}</th></tr></thead>
<tbody>{rows}</tbody></table></div>
</section>"""


def _alerts(language: str, lines: Sequence[Mapping[str, Any]]) -> str:
    """The alerts one below the other: who, and a line for each reason that opens to its figures and source."""
    say = _TEXTS[language]
    if not lines:
        return f"<p>{say['none']}</p>"
    body = "".join(
        f"<li><p><b>{escape(line['account_id'])}</b> · {say[line['class']]} · {say['score']} {line['score']} · "
        f"{say['raised']} {datetime.fromtimestamp(line['raised_at'], UTC):%Y-%m-%d %H:%M} UTC"
        f"{' (' + say['warming'] + ')' if line['warming_up'] else ''} · <code>{line['alert_id'][:12]}</code></p>"
        f"{''.join(_reason(one, say['source']) for one in line['reasons_' + language].splitlines())}</li>"
        for line in lines[:SHOWN]
    )
    more = f"<p>{say['more'].format(n=len(lines) - SHOWN)}</p>" if len(lines) > SHOWN else ""
    return f'<p class="soft">{escape(say["explain"])}</p><ol class="alerts">{body}</ol>{more}'


def _reason(text: str, source: str) -> str:
    """A line of `words.reasons`: title and number of times, the figures, the source."""
    title, _, rest = text.partition("). ")
    figures, _, where = rest.rpartition(f". {source}: ")
    seen = "".join(f"<li>{escape(one)}</li>" for one in figures.split("; "))
    return f"<details><summary>{escape(title)})</summary><ul>{seen}</ul><p>{source}: {escape(where)}</p></details>"


def _guide(language: str, names: Iterable[str], catalogue: Catalogue) -> str:
    """For each indicator that raised something what to check, and how innocent people come to fit it."""
    say = _TEXTS[language]
    parts = []
    for name in names:
        raw = catalogue.indicators[name].raw
        lists = "".join(
            f"<h3>{say[key]}</h3><ul>{''.join(f'<li>{escape(one)}</li>' for one in raw[key][language])}</ul>"
            for key in ("check", "innocent")
        )
        parts.append(f"<details><summary>{escape(name)} {escape(raw['title'][language])}</summary>{lists}</details>")
    return "".join(parts) or "<p>–</p>"


def _bars(entries: Sequence[tuple[str, int]], title: str) -> str:
    """Bars with their labels and numbers, readable on a phone; nothing for nothing."""
    if not entries:
        return "<p>–</p>"
    most = max(count for _, count in entries)
    rows = "".join(
        f"<li><span>{escape(label)}</span>"
        f'<i style="--part: {max(round(count / most, 3), 0.01)}"></i> <b>{count}</b></li>'
        for label, count in entries
    )
    return f'<ul class="bars" aria-label="{escape(title)}">{rows}</ul>'
