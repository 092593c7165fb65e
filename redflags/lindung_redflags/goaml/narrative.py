"""Drafts the text of a report from the evidence: who, when, how many, sums, indicators with their sources, what was not
checked. It describes payments; it says of nobody that he or she did anything, and repeats no remark of a payment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from lindung_redflags.goaml.model import Alert, Evidence, Hit, Payment, Unchecked
from lindung_redflags.goaml.names import xml_text
from lindung_redflags.goaml.profile import Profile

_ZONES = {420: "WIB", 480: "WITA", 540: "WIT"}
_MARKS = {
    "S": ("teks sumber dibaca", "text of the source read"),
    "S2": ("sumber sekunder", "secondary source"),
    "F": ("berkas publik dibaca", "public file read"),
    "K": ("sumber perlu dipastikan", "source to be verified"),
}
_CHANNELS = {
    "bank": "transfer bank", "ewallet": "dompet elektronik", "qris": "QRIS", "pulsa": "pulsa", "topup": "isi ulang",
    "gift": "hadiah digital", "remittance": "remitansi", "card": "kartu", "crypto": "aset kripto", "cash": "tunai",
}  # fmt: skip
_ALWAYS_UNCHECKED = (
    Unchecked(
        "tujuan", "tujuan pembayaran tidak ditanyakan kepada siapa pun", "nobody was asked what the payments were for",
    ),
    Unchecked(
        "hubungan", "hubungan keluarga atau usaha di luar data lembaga tidak diketahui",
        "family or business ties beyond the data of the institution are not known",
    ),
    Unchecked(
        "lembaga lain", "pembayaran di lembaga lain tidak terlihat", "payments at other institutions are not visible",
    ),
    Unchecked("isi", "isi percakapan atau berkas tidak diperiksa", "no conversation or file was looked at"),
)  # fmt: skip


@dataclass(frozen=True)
class Narrative:
    """The text in both languages, whole, without a limit of length."""

    text_id: str
    text_en: str


def channel(name: str) -> str:
    """The Indonesian name of a channel; one that nobody knows stays as it is."""
    return _CHANNELS.get(name, name)


def draft(evidence: Evidence, profile: Profile) -> Narrative:
    """Write the narrative of an alert. Times are those of the profile's offset."""
    return Narrative(_write(evidence, profile, "id"), _write(evidence, profile, "en"))


def shortened(text: str, limit: int) -> str:
    """Cut a text at the end of a line so that it fits, and say so in its last line."""
    if len(text) <= limit:
        return text
    notice = "(Selebihnya pada lampiran naskah.)"
    kept = text[: limit - len(notice) - 1]
    return f"{kept[: kept.rfind(chr(10))] if chr(10) in kept else kept}\n{notice}"


def _count(number: int, one_or_more: str) -> str:
    """English: 1 payment, 2 payments."""
    return f"{format_decimal(number, locale='en')} {one_or_more}{'' if number == 1 else 's'}"


def _write(evidence: Evidence, profile: Profile, language: str) -> str:
    def say(indonesian: str, english: str) -> str:
        return indonesian if language == "id" else english

    def when(t: int) -> str:
        local = datetime.fromtimestamp(t, UTC) + timedelta(minutes=profile.utc_offset)
        hours, minutes = divmod(abs(profile.utc_offset), 60)
        zone = _ZONES.get(profile.utc_offset, f"UTC{'-' if profile.utc_offset < 0 else '+'}{hours:02}:{minutes:02}")
        pattern = say("d MMMM y 'pukul' HH.mm", "d MMMM y 'at' HH:mm")
        return f"{format_datetime(local, pattern, locale=say('id', 'en'))} {zone}"

    def number(value: int | Decimal) -> str:
        return str(format_decimal(value, locale=say("id", "en"), decimal_quantization=False))

    def money(idr: int) -> str:
        return f"Rp{number(idr)}"

    alert, subject = evidence.alert, evidence.subject
    lines = [say(
        "Naskah ini disusun otomatis dari bukti dan harus diperiksa pejabat kepatuhan sebelum digunakan.",
        "This text was drafted automatically from the evidence; the compliance officer has to check it before use.",
    )]  # fmt: skip
    lines.append(say(
        "Indikator menggambarkan pola pembayaran dan tidak menyatakan bahwa seseorang melakukan tindak pidana.",
        "Indicators describe a pattern of payments and do not state that anybody committed an offence.",
    ))  # fmt: skip
    who = say(f"Rekening {subject.account_id}", f"Account {subject.account_id}")
    name = subject.entity_name or " ".join(part for part in (subject.first_name, subject.last_name) if part)
    if name and not evidence.may_be_victim(subject.account_id):
        who += say(f" atas nama {name}", f" in the name of {name}")
    if subject.opened_on:
        opened = format_date(subject.opened_on, "d MMMM y", locale=say("id", "en"))
        who += say(f" (dibuka {opened})", f" (opened {opened})")
    lines.append(f"{say('Siapa', 'Who')}: {who}.")
    if evidence.may_be_victim(subject.account_id):
        lines.append(say(
            "Pemegang rekening mungkin korban dan tidak ditandai sebagai terlapor; yang utama adalah perlindungannya.",
            "The holder of the account may be a victim and is not marked as suspected; protection comes first.",
        ))  # fmt: skip
    lines.append(say("Pembayaran yang menjadi bukti peringatan ini:", "Payments that this alert rests on:"))
    lines += _flows(evidence, say, when, money, number)
    if alert.others:
        lines.append(say(
            f"Selain itu {number(len(alert.others))} pembayaran ditolak atau dibatalkan; tidak dihitung dalam jumlah.",
            f"Besides, declined or reversed: {_count(len(alert.others), 'payment')}; in no sum.",
        ))  # fmt: skip
    lines.append(say("Indikator yang terpenuhi:", "Indicators that were met:"))
    lines += _indicators(alert, say, when)
    lines.append(say("Yang belum diperiksa:", "What was not checked:"))
    lines += [
        *(f"- {say(one.why_id, one.why_en)}" for one in _ALWAYS_UNCHECKED),
        *_unchecked(alert, say),
    ]
    return xml_text("\n".join(lines))


def _unchecked(alert: Alert, say: Callable[[str, str], str]) -> list[str]:
    """One line a reason, with everything that was not looked at for it."""
    by_reason: dict[str, list[str]] = {}
    for one in sorted(alert.unchecked, key=lambda one: one.name):
        by_reason.setdefault(say(one.why_id, one.why_en), []).append(one.name)
    return [f"- {', '.join(names)}: {why}" for why, names in by_reason.items()]


def _flows(
    evidence: Evidence, say: Callable[[str, str], str], when: Callable[[int], str], money: Callable[[int], str],
    number: Callable[[int | Decimal], str],
) -> list[str]:  # fmt: skip
    """One line for what came in and one for what went out, with sums, people, countries and currencies."""
    lines = []
    subject = evidence.alert.account_id
    completed = evidence.alert.completed
    incoming = [p for p in completed if p.payee_id == subject]
    outgoing = [p for p in completed if p.payer_id == subject]
    for found, side, verb_id, verb_en, other_id, other_en in (
        (incoming, "payer", "Masuk", "In", "pembayar", "payer"),
        (outgoing, "payee", "Keluar", "Out", "penerima", "payee"),
    ):  # fmt: skip
        if not found:
            continue
        people = len({evidence.parties[getattr(p, f"{side}_id")].holder for p in found})
        countries = sorted({
            country for p in found
            if (country := getattr(p, f"{side}_country") or evidence.parties[getattr(p, f"{side}_id")].country)
        })  # fmt: skip
        total = money(sum(p.amount_idr for p in found))
        least, most = money(min(p.amount_idr for p in found)), money(max(p.amount_idr for p in found))
        lines.append(say(
            f"{verb_id}: {number(len(found))} pembayaran, {number(people)} {other_id}, {when(found[0].t)} sampai "
            f"{when(found[-1].t)}, jumlah {total} (terkecil {least}, terbesar {most}).",
            f"{verb_en}: {_count(len(found), 'payment')}, {_count(people, other_en)}, {when(found[0].t)} to "
            f"{when(found[-1].t)}, in all {total} (smallest {least}, largest {most}).",
        ))  # fmt: skip
        details = []
        if countries:
            details.append(say(f"negara {other_id}: ", f"countries of the {other_en}s: ") + ", ".join(countries))
        channels = sorted({say(channel(p.channel), p.channel) for p in found})
        details.append(say("saluran: ", "channels: ") + ", ".join(channels))
        if foreign := _foreign(found, number):
            details.append(say(f"dalam mata uang lain: {foreign}", f"in other currencies: {foreign}"))
        lines.append("  " + "; ".join(details) + ".")
    return lines


def _foreign(found: list[Payment], number: Callable[[int | Decimal], str]) -> str:
    sums: dict[str, Decimal] = {}
    for payment in found:
        if payment.currency != "IDR":
            sums[payment.currency] = sums.get(payment.currency, Decimal(0)) + payment.amount
    return ", ".join(f"{currency} {number(total)}" for currency, total in sorted(sums.items()))


def _indicators(alert: Alert, say: Callable[[str, str], str], when: Callable[[int], str]) -> list[str]:
    """One entry an indicator, with the figures of its last hit, the number of its hits, and its sources."""
    lines = []
    by_name: dict[str, list[Hit]] = {}
    for hit in sorted(alert.hits, key=lambda hit: (hit.indicator, hit.at, hit.tx_ids)):
        by_name.setdefault(hit.indicator, []).append(hit)
    for name, hits in by_name.items():
        last = hits[-1]
        title = say(last.title_id, last.title_en)
        payments = len({tx for hit in hits for tx in hit.tx_ids})
        figures = say(last.says_id, last.says_en) or say(
            f"teramati {last.observed}, ambang {last.threshold}",
            f"observed {last.observed}, threshold {last.threshold}",
        )
        lines.append(say(
            f"- {name} {title}: {figures}; {when(last.at)}. Terpenuhi {len(hits)} kali, {payments} pembayaran.",
            f"- {name} {title}: {figures}; {when(last.at)}. "
            f"Met {_count(len(hits), 'time')}, {_count(payments, 'payment')}.",
        ))  # fmt: skip
        for source in last.sources:
            mark = _MARKS.get(source.mark, _MARKS["K"])
            facts = ", ".join(part for part in (source.name, source.date, source.where) if part)
            lines.append(f"  {say('Sumber', 'Source')}: {facts} ({say(*mark)}).")
        if not last.sources:
            lines.append(say(
                "  Sumber: tidak disebut (sumber perlu dipastikan).", "  Source: none named (source to be verified).",
            ))  # fmt: skip
    return lines
