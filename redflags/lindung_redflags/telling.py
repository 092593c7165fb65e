"""What the command says on a terminal when it is done, in Indonesian and English.

Reasons why something was not done are in English in both: they name columns and options, and go to those who run it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CLASSES = {
    "id": {"payer": "pembayar", "payee": "penerima", "possible_victim": "mungkin korban"},
    "en": {"payer": "payer", "payee": "payee", "possible_victim": "possible victim"},
}
_TEXTS: dict[str, dict[str, str]] = {
    "id": {
        "scanned": "{transactions} transaksi dari {accounts} rekening",
        "ran": "{ran} dari {of} indikator berjalan",
        "not_run": "  {name} tidak berjalan: {why}",
        "alerts": "Peringatan: {counted}. Baca {page}",
        "held_back": "{n} episode ditahan sampai ada orang yang memutuskan: {path}",
        "released": "{n} peringatan muncul karena keputusan orang",
        "outgrown": "{n} keputusan tidak lagi mencakup seluruh episodenya",
        "matched_nothing": "{n} keputusan tidak mengenai apa pun yang ditahan",
        "updated": "{new} pembayaran baru, {restated} dinyatakan ulang, {unchanged} sudah ada; {scanned_again} "
        "rekening dipindai ulang",
        "restated": "Yang pertama dinyatakan ulang: {file}, {row}",
        "month": "bulan",
        "came": "Peringatan yang muncul (yang ditarik kembali) tiap bulan.",
        "below": "Di bawah ambang: {of} episode, {drawn} diundi untuk dibaca orang.",
        "planted": "{found} dari {subjects} yang ditanam",
        "objective": "Tujuan: {before} sebelum, {after} sesudah",
        "found": "Ditemukan: {found} dari {planted}; yang mirip dan mendapat peringatan: {look_alikes}",
        "suspects": "Peringatan pembayar dan penerima: {suspects}; mungkin korban: {victims}",
        "innocent": "Peringatan tentang orang wajar tiap juta pembayaran: {suspects}; mungkin korban: {victims}",
        "scan_with": "Pindai dengan --params {out} --threshold {threshold}",
        "made": "{folder}: {transactions} pembayaran, {accounts} rekening",
        "made_planted": "ditanam: {subjects} rekening dalam {patterns} pola, {payments} pembayaran",
        "made_alike": "mirip: {accounts} rekening dalam {families} kelompok",
        "unfair": "terlalu jarang di antara yang wajar: {column} {what} ({planted} ditanam, {innocent} wajar)",
    },
    "en": {
        "scanned": "{transactions} transactions of {accounts} accounts",
        "ran": "{ran} of {of} indicators ran",
        "not_run": "  {name} did not run: {why}",
        "alerts": "Alerts: {counted}. Read {page}",
        "held_back": "Episodes held back until a person has decided: {n}, {path}",
        "released": "Alerts raised because a person decided so: {n}",
        "outgrown": "Decisions that no longer cover the whole of their episode: {n}",
        "matched_nothing": "Decisions about nothing that is held back: {n}",
        "updated": "{new} new payments, {restated} restated, {unchanged} known already; {scanned_again} accounts "
        "scanned again",
        "restated": "The first that was restated: {file}, {row}",
        "month": "month",
        "came": "Alerts that came (that were withdrawn again) in each month.",
        "below": "Below the threshold: {of} episodes, {drawn} drawn for people to read.",
        "planted": "{found} of {subjects} planted",
        "objective": "Objective: {before} before, {after} after",
        "found": "Found: {found} of {planted}; look-alikes with an alert: {look_alikes}",
        "suspects": "Alerts about payers and payees: {suspects}; possible victims: {victims}",
        "innocent": "Alerts about innocent people for each million payments: {suspects}; possible victims: {victims}",
        "scan_with": "Scan with --params {out} --threshold {threshold}",
        "made": "{folder}: {transactions} payments, {accounts} accounts",
        "made_planted": "planted: {subjects} accounts in {patterns} patterns, {payments} payments",
        "made_alike": "look-alikes: {accounts} accounts in {families} families",
        "unfair": "too rare among innocent payments: {column} {what} ({planted} planted, {innocent} innocent)",
    },
}
_STEPS = {
    "reading": "membaca",
    "what changed": "yang berubah",
    "scanning": "memindai",
    "payments of each payer": "pembayaran tiap pembayar",
    "payments of each payee": "pembayaran tiap penerima",
    "alerts": "peringatan",
    "reasons": "alasan",
    "hits": "temuan",
    "days": "hari",
    "writing": "menulis",
    "done": "selesai",
    "accounts": "rekening",
    "look-alikes": "yang mirip",
    "planted cases": "kasus yang ditanam",
    "ordinary payments": "pembayaran biasa",
    "balances": "saldo",
    "files": "berkas",
    "fairness": "keadilan",
}


def step(name: str, language: str) -> str:
    """What is being done, as progress calls it; ids of indicators stay."""
    return _STEPS.get(name, name) if language == "id" else name


def whole(value: int, language: str) -> str:
    text = f"{value:,}"
    return text.replace(",", ".") if language == "id" else text


def say(name: str, language: str, /, **values: object) -> str:
    """One sentence; whole numbers are written as the language does."""
    shown = {
        key: whole(value, language) if isinstance(value, int) and not isinstance(value, bool) else value
        for key, value in values.items()
    }
    return _TEXTS[language][name].format(**shown)


def scanned(summary: Mapping[str, Any], folder: object, language: str) -> list[str]:
    """What a scan found, in lines."""
    covered = summary["coverage"]
    lines = [
        say("scanned", language, transactions=summary["transactions"], accounts=summary["accounts"]),
        say("ran", language, ran=len(covered["ran"]), of=covered["of"]),
    ]
    lines += [say("not_run", language, name=name, why=why[language]) for name, why in covered["did_not_run"].items()]
    return lines + alerts(summary, folder, language)


def alerts(summary: Mapping[str, Any], folder: object, language: str) -> list[str]:
    """How many alerts there are, what is held back, and what decisions did."""
    lines = []
    if summary["held_back"]:
        lines.append(say("held_back", language, n=summary["held_back"], path=f"{folder}/held.parquet"))
    for name in ("released", "outgrown", "matched_nothing"):
        if summary["decisions"][name]:
            lines.append(say(name, language, n=summary["decisions"][name]))
    counted = ", ".join(
        f"{whole(count, language)} {CLASSES[language][name]}" for name, count in summary["alerts"].items()
    )
    return [*lines, say("alerts", language, counted=counted, page=f"{folder}/report.html")]
