"""The tab Hukum: steps of the proceedings, the duty to report, interviews, demands for records, tips, Simfoni PPA."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.casework.errors import NoConsent
from lindung.casework.models_legal import Demand, Milestone, Simfoni
from lindung.casework.services import demands, legal, places, simfoni, tips
from lindung.casework.sheets import as_csv, as_xlsx
from lindung.core.errors import BadInput, NotFound
from lindung.core.worktime import local_day
from lindung.directory.models import Organisation
from lindung.workspace import forms_case_legal as forms
from lindung.workspace import legalpage
from lindung.workspace.caseedit import Edit, edit
from lindung.workspace.casepage import CASE_ROLES, CasePage, frame, problems, said, visible
from lindung.workspace.casepage import render as render_case
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms import StaffForm

TAB, HERE = "workspace:case_legal", "legal"
DONE: dict[str, str | Promise] = {
    "step": _("Langkah tersimpan."),
    "struck": _("Langkah dicoret. Isinya tetap terbaca."),
    "police": _("Keputusan lapor polisi tersimpan."),
    "interview": _("Tercatat. Topik yang sudah pernah ditanyakan ditandai."),
    "demand": _("Permintaan tercatat. Berikutnya: ahli hukum."),
    "lawyer": _("Ahli hukum tercatat."),
    "given": _("Tercatat apa yang diberikan."),
    "refused": _("Tercatat bahwa tidak diberikan."),
    "tip": _("Informasi tercatat. Tidak ada yang dikirim dari sini."),
    "simfoni": _("Nomor Simfoni PPA tersimpan."),
    "lead": _("Lembaga yang memimpin tersimpan."),
    "mediation": _("Pertanyaan tersimpan. Orang kedua yang memutuskan."),
}

in_team = staff_page(*CASE_ROLES)


@in_team
def law(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The tab."""
    return show(request, case_id, {})


def show(request: HttpRequest, case_id: UUID, refused: Mapping[str, StaffForm], *, status: int = 200) -> HttpResponse:
    """Draw the tab; `refused` are forms that come back with what was typed."""
    page = frame(request, case_id)
    asked = legalpage.interviews(page)
    context = {
        "done_text": said(request, DONE),
        "problems": problems(refused),
        "may_note": legalpage.may_note(page),
        "milestones": legalpage.milestones(page),
        "clocks": legalpage.clocks(page),
        "interviews": asked,
        "told_again": legalpage.told_again(asked),
        "demands": legalpage.demands(page),
        "tips": legalpage.tips(page),
        "simfoni": legalpage.simfoni(page),
        "lead": legalpage.lead(page),
        "mediation": legalpage.mediation(page),
        "forms": refused,
    }
    return render_case(page, "workspace/cases/legal.html", context, here=HERE, status=status)


def _today(page: CasePage) -> Any:
    return local_day(page.now, page.tz)


# --- steps ------------------------------------------------------------------------------------------------------------


@in_team
def add_step(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Note a step of the proceedings."""
    hands = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.StepForm) -> None:
        legal.add_milestone(*hands, case_id, **form.cleaned_data)

    wanted = Edit(
        title=_("Catat langkah hukum"), form=forms.StepForm, write=write, tab=TAB, here=HERE, done="step",
        anchor="proses", also_closed=True, initial=lambda page: {"on": _today(page)},
        lede=_("Tanggal dan dasar hukumnya diperiksa. Kalau tidak ada pasal yang memadai, itu juga hasil."),
    )  # fmt: skip
    return edit(request, case_id, wanted)


@in_team
def strike_step(request: HttpRequest, case_id: UUID, milestone_id: UUID) -> HttpResponse:
    """Strike a step out as a mistake."""
    if not Milestone.objects.filter(pk=milestone_id, case=visible(request, case_id)).exists():
        raise NotFound
    hands = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.StrikeForm) -> None:
        legal.strike_milestone(*hands, case_id, milestone_id, form.cleaned_data["words"])

    wanted = Edit(
        title=_("Coret langkah"), form=forms.StrikeForm, write=write, tab=TAB, here=HERE, done="struck",
        anchor="proses", also_closed=True, button=_("Coret"),
    )  # fmt: skip
    return edit(request, case_id, wanted)


@in_team
def decide_police(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Decide on the duty to report, where no report carries its clock."""
    hands = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.CasePoliceForm) -> None:
        legal.decide_police(*hands, case_id, **form.cleaned_data)

    wanted = Edit(
        title=_("Lapor polisi: 3 x 24 jam"), form=forms.CasePoliceForm, write=write, tab=TAB, here=HERE,
        done="police", anchor="polisi", also_closed=True,
        lede=_("Jamnya jam kalender: malam, akhir pekan, dan hari libur ikut dihitung."),
    )  # fmt: skip
    return edit(request, case_id, wanted)


@in_team
def add_interview(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Note that the child was asked."""
    hands = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.InterviewForm) -> None:
        legal.note_interview(*hands, case_id, **form.cleaned_data)

    wanted = Edit(
        title=_("Catat wawancara"), form=forms.InterviewForm, write=write, tab=TAB, here=HERE, done="interview",
        anchor="wawancara", also_closed=True, initial=lambda page: {"on": _today(page)},
        lede=_("Supaya anak tidak ditanya hal yang sama berkali-kali."),
    )  # fmt: skip
    return edit(request, case_id, wanted)


@in_team
def ask_mediation(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Note a lawyer's answer about settling out of court, for a second person."""
    hands = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.MediationForm) -> None:
        legal.ask_mediation(*hands, case_id, **form.cleaned_data)

    wanted = Edit(
        title=_("Pertanyaan untuk ahli hukum"), form=forms.MediationForm, write=write, tab=TAB, here=HERE,
        done="mediation", anchor="damai", version=lambda page: page.case.version,
        lede=_("Kekerasan seksual tidak diselesaikan di luar pengadilan. Ini hanya untuk terduga pelaku anak."),
    )  # fmt: skip
    return edit(request, case_id, wanted)


# --- demands for records ----------------------------------------------------------------------------------------------


@in_team
def add_demand(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Note a letter that asks for records."""
    hands = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.DemandForm) -> None:
        demands.receive(*hands, case_id, **form.cleaned_data)

    wanted = Edit(
        title=_("Permintaan data dari aparat"), form=forms.DemandForm, write=write, tab=TAB, here=HERE, done="demand",
        anchor="permintaan", also_closed=True, initial=lambda page: {"received_on": _today(page)},
        lede=_("Catat suratnya dulu. Tidak ada yang diberikan sebelum ahli hukum memeriksa."),
    )  # fmt: skip
    return edit(request, case_id, wanted)


_STEPS: dict[str, tuple[str | Promise, type[StaffForm], str, Any]] = {
    "ahli": (_("Ahli hukum"), forms.LawyerForm, "lawyer", demands.give_to_lawyer),
    "diberikan": (_("Apa yang diberikan"), forms.GivenForm, "given", demands.answer),
    "ditolak": (_("Tidak diberikan"), forms.RefusalForm, "refused", demands.refuse),
}


@in_team
def demand_step(request: HttpRequest, case_id: UUID, demand_id: UUID, step: str) -> HttpResponse:
    """The lawyer, what was given, or why nothing was."""
    rows = Demand.objects.filter(pk=demand_id, case=visible(request, case_id))
    if not rows.exists() or step not in _STEPS:
        raise NotFound
    title, form_class, done, service = _STEPS[step]
    hands = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: StaffForm) -> None:
        service(*hands, demand_id, **form.cleaned_data)

    def now(page: CasePage) -> dict[str, Any]:
        words = page.opened.words(rows.get().field)
        return {**{name: words.get(name, "") for name in ("lawyer", "advice")}, "answered_on": _today(page)}

    wanted = Edit(
        title=title, form=form_class, write=write, tab=TAB, here=HERE, done=done, anchor="permintaan",
        also_closed=True, initial=now, version=lambda page: rows.get().version, rename={"body": "given"},
    )  # fmt: skip
    return edit(request, case_id, wanted)


# --- tips and Simfoni PPA ---------------------------------------------------------------------------------------------


@in_team
def add_tip(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Note what was handed over to the police or PPATK."""
    hands = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.TipForm) -> None:
        _with_consent(lambda: tips.hand_over(*hands, case_id, **form.cleaned_data), "basis")

    wanted = Edit(
        title=_("Informasi ke polisi atau PPATK"), form=forms.TipForm, write=write, tab=TAB, here=HERE, done="tip",
        anchor="informasi", also_closed=True, rename={"body": "told"},
        initial=lambda page: {"handed_on": _today(page)},
        lede=_("Catatan tentang yang sudah disampaikan dan dasarnya. Tidak ada yang dikirim dari sini."),
    )  # fmt: skip
    return edit(request, case_id, wanted)


@in_team
def note_simfoni(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Note the number in Simfoni PPA."""
    hands = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.SimfoniForm) -> None:
        _with_consent(lambda: simfoni.note(*hands, case_id, **form.cleaned_data), "identity")

    def now(page: CasePage) -> dict[str, Any]:
        row = Simfoni.objects.filter(case=page.case).first()
        words = page.opened.words(simfoni.FIELD)
        if row is None:
            return {"typed_on": _today(page)}
        return {
            "typed_on": row.typed_on, "elsewhere": row.typed_elsewhere, "identity": row.identity,
            "number": words.get("number", ""), "duty": words.get("duty", ""),
        }  # fmt: skip

    wanted = Edit(
        title=_("Nomor di Simfoni PPA"), form=forms.SimfoniForm, write=write, tab=TAB, here=HERE, done="simfoni",
        anchor="simfoni", also_closed=True, initial=now,
    )  # fmt: skip
    return edit(request, case_id, wanted)


def _with_consent(write: Any, field: str) -> None:
    """Put what is missing beside the field that stands on a consent."""
    try:
        write()
    except NoConsent as error:
        raise BadInput(field, error.message) from None


@in_team
def sheet(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The sheet to type into Simfoni PPA from, as a file: shown as a form, made by POST."""
    visible(request, case_id)
    if request.method != "POST":
        return _sheet_form(request, case_id, forms.SheetForm(initial={"form": "xlsx"}))
    form = forms.SheetForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            case, lines = simfoni.sheet(
                actor_of(request), keyring_of(request), case_id, identity=data["identity"], duty=data["duty"]
            )
        except NoConsent as error:
            form.problem("identity", error.message)
        except BadInput as error:
            form.problem("duty" if error.field == "duty" else "identity", error.message)
        else:
            rows = [[line.label for line in lines], [line.value for line in lines]]
            return _file(case.reference, data["form"], rows)
    return _sheet_form(request, case_id, form, status=422)


def _sheet_form(request: HttpRequest, case_id: UUID, form: StaffForm, status: int = 200) -> HttpResponse:
    page = frame(request, case_id)
    if not legalpage.may_note(page):
        raise NotFound
    context = {"form": form, "identity": legalpage.labels_of_sheet(), "problems": problems({"form": form})}
    return render_case(page, "workspace/cases/legal_sheet.html", context, here=HERE, status=status)


def _file(reference: str, kind: str, rows: list[list[str]]) -> HttpResponse:
    """A file that no program runs anything from, named by the reference alone."""
    made, of = (as_csv(rows), "text/csv; charset=utf-8") if kind == "csv" else (as_xlsx(rows), _XLSX)
    response = HttpResponse(made, content_type=of)
    response["Content-Disposition"] = f'attachment; filename="simfoni-{reference}.{kind}"'
    return response


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


# --- whose task it is -------------------------------------------------------------------------------------------------


@in_team
def choose_lead(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Note which body leads."""
    hands = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.LeadForm) -> None:
        data = form.cleaned_data
        places.choose_lead(*hands, case_id, UUID(data["organisation"]), words=data["words"], version=data["version"])

    def args(page: CasePage) -> dict[str, Any]:
        first = places.bodies(places.lead_of(page.opened.places, page.opened.child), _today(page))
        known = {body.pk for body in first}
        rest = Organisation.objects.filter(kind__in=places.LEADING, until=None).exclude(pk__in=known)[:200]
        return {"bodies": [(str(body.pk), body.name) for body in [*first, *rest]]}

    def now(page: CasePage) -> dict[str, Any]:
        chosen = page.case.lead_agency_id
        return {"organisation": str(chosen) if chosen else "", "words": page.opened.words("lead").get("words", "")}

    wanted = Edit(
        title=_("Lembaga yang memimpin"), form=forms.LeadForm, write=write, tab=TAB, here=HERE, done="lead",
        anchor="kewenangan", initial=now, version=lambda page: page.case.version, form_args=args,
        lede=_("Yang disarankan aturan ada di atas. Sepakati lewat telepon; bantuan tidak menunggu ini."),
    )  # fmt: skip
    return edit(request, case_id, wanted)
