"""Forms of the tab Hukum: steps, police, interviews, demands, tips, Simfoni PPA, the lead. The services decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms as django
from django.utils.translation import gettext_lazy as _

from lindung.casework.knowledge import law
from lindung.casework.knowledge import rights as rights_knowledge
from lindung.casework.models_legal import Simfoni, TipTo
from lindung.reporting.models import PoliceDecision
from lindung.workspace.forms import Columns, StaffForm, Words
from lindung.workspace.forms_case_plan import day

_PLEASE = {"required": _("Isi dulu bagian ini.")}


def _codes(name: str, part: str) -> list[tuple[str, Any]]:
    return [(code, label.label) for code, label in law.codes(name, part).items()]


def _articles() -> list[tuple[str, Any]]:
    return [("", _("Belum atau tidak ada")), *((code, article.label) for code, article in law.articles().items())]


def _results() -> list[tuple[str, Any]]:
    return [("", _("Belum ada")), *_codes("legal.yaml", "results")]


def line(label: Any, help_text: Any = "", *, required: bool = True, most: int = 200) -> django.CharField:
    """One line, kept as it was typed."""
    return django.CharField(
        label=label, help_text=help_text, required=required, max_length=most, strip=False, error_messages=_PLEASE
    )


def pick(label: Any, choices: Any, help_text: Any = "", *, required: bool = True, radio: bool = False) -> Any:
    """One of a list."""
    more: dict[str, Any] = {"widget": django.RadioSelect} if radio else {}
    return django.ChoiceField(
        label=label, choices=choices, help_text=help_text, required=required, error_messages=_PLEASE, **more
    )


class StepForm(StaffForm):
    """A step of the proceedings on a day, with the law that it stands on."""

    name = "langkah-isi"
    checks_words = True
    step = pick(_("Langkah"), lambda: _codes("legal.yaml", "steps"))
    on = day(_("Tanggal"))
    result = pick(_("Hasil"), _results, required=False)
    article = pick(_("Dasar hukum"), _articles, _("Berlakunya diperiksa menurut tanggal. Pasalnya kata ahli hukum."),
                   required=False)  # fmt: skip
    number = line(_("Pasal atau nomor berkas"), required=False)
    event_on = day(_("Tanggal kejadian"), _("Kalau kejadiannya sebelum aturan itu berubah."), required=False)
    words = Words(
        label=_("Keterangan"), help_text=_("Wajib kalau tidak ada pasal yang memadai."), rows=3, required=False
    )


class StrikeForm(StaffForm):
    name = "coret"
    words = line(_("Mengapa keliru"), _("Langkahnya dicoret dan tetap terbaca."))


class CasePoliceForm(StaffForm):
    name = "polisi-isi"
    checks_words = True
    decision = pick(_("Keputusan"), PoliceDecision.choices, radio=True)
    reason = Words(label=_("Alasan"), rows=3, error_messages=_PLEASE)
    who_told_child = Words(label=_("Siapa yang memberi tahu anak, dan bagaimana"), rows=2, error_messages=_PLEASE)


class InterviewForm(StaffForm):
    """That the child was asked, never what it said."""

    name = "tanya"
    on = day(_("Tanggal"))
    agency = pick(_("Siapa yang bertanya"), lambda: _codes("interviews.yaml", "agencies"))
    topics = Columns(
        label=_("Tentang apa"),
        choices=lambda: _codes("interviews.yaml", "topics"),
        help_text=_("Hanya topiknya. Jawaban anak tidak ditulis di sini."),
        error_messages=_PLEASE,
    )
    companion = django.BooleanField(label=_("Anak didampingi"), required=False)
    recorded = django.BooleanField(
        label=_("Ada rekaman atau berita acara di lembaga itu"),
        help_text=_("Supaya yang lain bisa memakainya, bukan bertanya lagi. Rekamannya tidak pernah disimpan di sini."),
        required=False,
    )
    words = Words(label=_("Keterangan"), rows=2, required=False)


class DemandForm(StaffForm):
    name = "permintaan-isi"
    agency = pick(_("Dari siapa"), lambda: _codes("legal.yaml", "agencies"), radio=True)
    basis = pick(_("Dasar suratnya"), lambda: _codes("legal.yaml", "demand_bases"))
    received_on = day(_("Diterima tanggal"))
    number = line(_("Nomor surat"))
    who = line(_("Siapa yang menandatangani"))
    wanted = Words(label=_("Apa yang diminta"), rows=3, error_messages=_PLEASE)


class LawyerForm(StaffForm):
    name = "ahli"
    version = django.IntegerField(widget=django.HiddenInput)
    lawyer = line(_("Nama ahli hukum yang memeriksa"))
    advice = Words(label=_("Pendapatnya"), rows=3, required=False)


class GivenForm(StaffForm):
    """What was given: only what a lawyer looked at, and nothing that stands on the do-not-disclose list."""

    name = "beri"
    version = django.IntegerField(widget=django.HiddenInput)
    answered_on = day(_("Tanggal"))
    sections = Columns(
        label=_("Bagian yang diberikan"),
        choices=lambda: [(code, one.label) for code, one in rights_knowledge.sections().items()],
        error_messages=_PLEASE,
    )
    given = Words(
        label=_("Apa yang diberikan, dalam kata-kata"),
        help_text=_("Yang ada di daftar jangan disebut tidak bisa tersimpan di sini."),
        rows=3,
        error_messages=_PLEASE,
    )


class RefusalForm(StaffForm):
    name = "tolak"
    version = django.IntegerField(widget=django.HiddenInput)
    answered_on = day(_("Tanggal"))
    reason = Words(label=_("Mengapa tidak diberikan"), rows=3, error_messages=_PLEASE)


class TipForm(StaffForm):
    """Handed over by a colleague, outside this platform."""

    name = "informasi-isi"
    to = pick(_("Kepada"), TipTo.choices, radio=True)
    basis = pick(_("Dasar"), lambda: [(code, one.label) for code, one in law.tip_bases().items()])
    way = pick(_("Lewat apa"), lambda: _codes("legal.yaml", "tip_ways"))
    handed_on = day(_("Tanggal"))
    taken_by = line(_("Diterima siapa"))
    told = Words(label=_("Apa yang diberitahukan"), rows=3, error_messages=_PLEASE)


_GROUNDS = [("", _("Tidak diberikan")), *Simfoni.Ground.choices]


class SimfoniForm(StaffForm):
    name = "simfoni-isi"
    number = line(_("Nomor di Simfoni PPA"))
    typed_on = day(_("Diketik tanggal"))
    elsewhere = django.BooleanField(
        label=_("Diketik lembaga lain"), help_text=_("Kasus ini lalu tidak dihitung dua kali."), required=False
    )
    identity = pick(_("Nama anak"), _GROUNDS, required=False, radio=True)
    duty = line(_("Kewajiban hukumnya"), _("Kalau dasarnya kewajiban hukum."), required=False)


class SheetForm(StaffForm):
    """The sheet to type from."""

    name = "lembar"
    identity = pick(_("Nama dan alamat anak"), _GROUNDS, required=False, radio=True)
    duty = line(_("Kewajiban hukumnya"), required=False)
    form = pick(_("Berkas"), [("xlsx", "XLSX"), ("csv", "CSV")], radio=True)


class LeadForm(StaffForm):
    """Which body leads."""

    name = "pimpin"
    version = django.IntegerField(widget=django.HiddenInput)
    organisation = pick(_("Lembaga yang memimpin"), ())
    words = Words(label=_("Siapa di sana yang setuju, dan bagaimana"), rows=2, hints=False, error_messages=_PLEASE)

    def __init__(self, *args: Any, bodies: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = list(bodies)  # type: ignore[attr-defined]


class MediationForm(StaffForm):
    """What a lawyer said about settling out of court, for a second person to read."""

    name = "damai"
    version = django.IntegerField(widget=django.HiddenInput)
    question = Words(label=_("Pertanyaannya"), rows=2, error_messages=_PLEASE)
    lawyer = line(_("Ahli hukum yang menjawab"))
    answer = Words(label=_("Jawabannya"), rows=3, error_messages=_PLEASE)
