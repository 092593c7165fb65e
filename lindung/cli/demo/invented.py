"""About 300 invented reports over two years, the same every time: short, clinical, marked in their words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from lindung.cli.demo.play import Story
from lindung.places import selectors as catalogue

COUNT = 300
# These were closed with advice long ago: the rules erase them at once, and only their tally stays.
ERASED = 40
# Nobody has claimed these yet: minutes ago.
FRESH = [7, 25, 64, 118, 205, 340, 610, 980]
DAYS = 730
# Closed reports are kept for 90 days unless they became a case; older ones of the 300 are cases.
_CASES_FROM = 80
# Younger ones whose next step was a case still have it open.
_WORKED_ON = 60
_WITH_OWN_TEAM = "73"
_CASE: list[dict[str, Any]] = [
    {"after": "50m", "do": "case", "take": False},
    {"after": "3h", "by": "cempaka", "do": "case_assign", "to": "dahlia"},
]
# Of the oldest only the judgement and the end are told, so that filling in takes seconds.
_SHORT_FROM = 150
# A team that keeps its promises has nothing older than this on its table.
_OPEN_DAYS = 9
_SHORT = {"triage", "police", "propose_closure"}
SEED = 20261122

# (statement, forms, next step, words, share)
_KINDS: list[tuple[str, list[str], str, str, int]] = [
    ("approached", ["grooming"], "advice", "Ada orang dewasa yang terus mengirim pesan dan membuat tidak nyaman.", 24),
    ("asked_images", ["grooming"], "referral", "Ada akun yang terus meminta foto.", 17),
    ("threat_to_spread", ["sextortion"], "case", "Ada yang mengancam menyebar foto kalau tidak mengirim uang.", 18),
    ("images_spread", ["csam"], "takedown", "Foto sudah disebar di grup.", 9),
    ("fake_image", ["ai_csam"], "takedown", "Foto diubah jadi gambar palsu lalu dibagikan.", 6),
    ("touched", ["contact"], "case", "Ada yang menyentuh tanpa diinginkan.", 10),
    ("paid", ["esp"], "case", "Ada yang memberi pulsa lalu meminta sesuatu.", 8),
    ("marriage_travel", ["marriage"], "referral", "Ada yang menyuruh menikah sebelum tamat sekolah.", 3),
    ("hard_to_say", [], "advice", "Susah diceritakan.", 5),
]
_PATHS = [
    ("child", "self", 58),
    ("other_child", "friend", 14),
    ("parent", "parent", 14),
    ("professional", "teacher", 14),
]
_AGES = [("6-9", 6), ("10-12", 24), ("13-15", 42), ("16-17", 24), ("unknown", 4)]
_SEXES = [("female", 64), ("male", 29), ("unsaid", 7)]
_WHENS = [("within_72h", 12), ("week", 28), ("month", 30), ("year", 16), ("ongoing", 10), ("unknown", 4)]
_PLATFORMS = ["whatsapp", "instagram", "tiktok", "facebook", "telegram", "mobile_legends", "michat", "x", "discord"]
_REASONS = "Contoh: dinilai menurut bentuk, waktu, dan keadaan anak."
_REPLY = "Contoh jawaban: terima kasih sudah cerita. Ini bukan salahmu. Kami tulis langkah berikutnya di kotak ini."


def reports(now: datetime) -> Iterator[Story]:
    """Yield the stories, dated back from `now`; more of them towards today, as the line becomes known."""
    dice = Random(SEED)  # noqa: S311 (invented data, not a secret)
    places = [place for province in catalogue.provinces() for place in catalogue.regencies(province.code)]
    weights = [max(place.pop_total or 0, 20_000) for place in places]
    for number in range(COUNT + ERASED):
        place = dice.choices(places, weights)[0]
        back = DAYS * (dice.random() ** 1.4) if number < COUNT else dice.uniform(120, DAYS)
        at = now - timedelta(days=back, minutes=dice.randrange(600))
        answers, kind = _answers(dice, number, place)
        next_step = "advice" if number >= COUNT else "case" if back > _CASES_FROM else kind[2]
        steps = _steps(dice, (*kind[:2], next_step, *kind[3:]), answers, ended=back > _OPEN_DAYS)
        if next_step == "case" and back < _WORKED_ON and place.province_code != _WITH_OWN_TEAM:
            steps = [*[step for step in steps if step["do"] != "propose_closure"], *_CASE]
        if back > _SHORT_FROM:
            steps = [step for step in steps if step["do"] in _SHORT]
        yield Story(at=at.replace(second=0, microsecond=0), answers=answers, steps=steps)
    for number, minutes in enumerate(FRESH, COUNT + ERASED):
        answers, _ = _answers(dice, number, dice.choices(places, weights)[0])
        if minutes == FRESH[0]:
            answers |= {"danger": "yes", "danger_place": "Contoh: dekat pasar, rumah bercat hijau."}
        yield Story(at=now - timedelta(minutes=minutes), answers=answers, steps=[])


def _pick(dice: Random, table: list[tuple[str, int]]) -> str:
    return dice.choices([row[0] for row in table], [row[1] for row in table])[0]


def _answers(dice: Random, number: int, place: Any) -> tuple[dict[str, Any], tuple[str, list[str], str, str, int]]:
    kind = dice.choices(_KINDS, [row[4] for row in _KINDS])[0]
    path, who, _ = dice.choices(_PATHS, [row[2] for row in _PATHS])[0]
    answers: dict[str, Any] = {
        "path": path,
        "danger": "no",
        "who": who,
        "happened": [kind[0]],
        "age_band": _pick(dice, _AGES),
        "sex": _pick(dice, _SEXES),
        "province": place.province_code,
        "regency": place.code,
        "when": _pick(dice, _WHENS),
        "words": f"Contoh demonstrasi nomor {number + 1}. {kind[3]}",
        "reach": "code_only",
    }
    if kind[0] not in {"touched", "marriage_travel", "hard_to_say"}:
        answers["online_where"] = dice.sample(_PLATFORMS, dice.choice([1, 1, 2]))
        answers["accounts"] = f"@akun_contoh_{dice.randrange(900):03d}"
    if kind[0] in {"paid", "threat_to_spread"}:
        answers["given"] = [dice.choice(["bank_transfer", "pulsa", "ewallet", "gift", "remittance"])]
    if dice.random() < 0.04:
        answers["easier"] = [dice.choice(["large_text", "writing", "companion", "sign"])]
    return answers, kind


def _steps(
    dice: Random, kind: tuple[str, list[str], str, str, int], answers: dict[str, Any], *, ended: bool
) -> list[dict[str, Any]]:
    """Claimed, judged, answered, in many cases decided, handed over and closed; all within about a week."""
    urgent = kind[0] in {"threat_to_spread", "marriage_travel"} or answers["when"] == "within_72h"
    first = f"{dice.randrange(3, 15)}m" if urgent else f"{dice.randrange(1, 6)}h"
    steps: list[dict[str, Any]] = [
        {
            "after": first,  # whoever judges a free report takes it
            "do": "triage",
            "risk": "high" if urgent else dice.choice(["medium", "medium", "low"]),
            "forms": kind[1],
            "authority": dice.choice(["district", "district", "province", "national"]),
            "next_step": kind[2],
            "reason": _REASONS,
        },
        {"after": f"{dice.randrange(2, 30)}m", "do": "answer", "text": _REPLY},
    ]
    if dice.random() < 0.2:
        steps.append(
            {"after": f"{dice.randrange(1, 30)}h", "do": "write", "text": "Terima kasih. Aku baca lagi nanti."}
        )
    steps.append(
        {
            "after": f"{dice.randrange(6, 40)}h",
            "do": "police",
            "if_running": True,
            "decision": dice.choices(["reported", "not_enough"], [3, 2])[0],
            "reason": "Contoh: menurut keterangan yang ada.",
            "who_told_child": "Contoh: petugas, lewat kotak.",
        }
    )
    if kind[2] in {"referral", "case"}:
        steps.append({"after": "3h", "do": "handover", "name": "Layanan contoh, lewat telepon", "by_voice": True})
    if dice.random() < 0.93 or ended:
        steps.append({"after": f"{dice.randrange(1, 4)}d", "do": "propose_closure", "reason": "done"})
    return steps
