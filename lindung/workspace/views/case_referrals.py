"""The tab Rujukan: who is asked to help, on which ground and with which words; what they answered; another choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render as draw
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from lindung.casework.errors import Barred, NoConsent
from lindung.core.errors import BadInput, NotFound
from lindung.referrals import selectors, services
from lindung.referrals.errors import DoesNotFit
from lindung.referrals.models import Referral
from lindung.referrals.services import DeliveredInput, DraftInput
from lindung.workspace import casereferrals as parts
from lindung.workspace import forms_case_referrals as forms
from lindung.workspace import referralpage as words
from lindung.workspace import times
from lindung.workspace.casepage import (
    CASE_ROLES,
    CasePage,
    Taking,
    back_to,
    frame,
    problems,
    said,
    take,
    visible,
)
from lindung.workspace.casepage import render as render_case
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms import StaffForm

TAB, HERE = "workspace:case_referrals", "referrals"
DONE: dict[str, str | Promise] = {
    "drafted": _("Rancangan tersimpan. Belum ada yang keluar."),
    "sent": _("Terkirim. Kamu mendapat kabar begitu ada jawaban."),
    "amended": _("Versi baru tersimpan."),
    "revoked": _("Dicabut. Lembaga itu tidak bisa membacanya lagi."),
    "discarded": _("Rancangan dibuang."),
    "voice": _("Penerimaan lewat suara tercatat."),
    "said": _("Pesan terkirim."),
    "yes": _("Jawaban tercatat."),
    "no": _("Jawaban tercatat. Pilih lembaga lain untuk anak ini."),
    "delivered": _("Layanan tercatat, juga di rencana."),
    "completed": _("Hasil tercatat."),
}

in_team = staff_page(*CASE_ROLES)


@in_team
def tab(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The list of a case's referrals."""
    page = frame(request, case_id)
    rows = [parts.row(page, one) for one in selectors.of_case(page.case)]
    context = {"done_text": said(request, DONE), "rows": rows}
    return render_case(page, "workspace/cases/referrals.html", context, here=HERE)


# --- a new one --------------------------------------------------------------------------------------------------------


@in_team
def new(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Choose a service, then a body that provides it here, then what it is told."""
    page = frame(request, case_id)
    if not page.may_work:
        raise NotFound
    wanted = parts.Wanted.read(request.GET)
    if wanted.organisation is None:
        return _choose(page, wanted)
    return _write(page, wanted)


def _choose(page: CasePage, wanted: parts.Wanted) -> HttpResponse:
    context = {
        "form": parts.choose_form(wanted),
        "wanted": wanted,
        "ground": parts.ground(page, wanted.service) if wanted.service else None,
        **parts.providers(page, wanted),
    }
    return render_case(page, "workspace/cases/referral_choose.html", context, here=HERE)


def _write(page: CasePage, wanted: parts.Wanted) -> HttpResponse:
    request = page.request
    body = parts.body(page, wanted)
    build = parts.builder(page, wanted, body)
    if request.method != "POST":
        return _form(page, wanted, body, build(None))
    if "periksa" in request.POST:
        return _form(page, wanted, body, parts.looked(build(None), request.POST))
    form = build(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        entry = DraftInput(
            service=wanted.service, organisation_id=body.pk, goal=data["goal"], sections=form.sections,
            needs=wanted.needs, goal_id=parts.uuid_or_none(data.get("goal_id")),
            second_choice_of=wanted.instead_of, way=data.get("way") or "",
        )  # fmt: skip
        try:
            made = services.draft(actor_of(request), keyring_of(request), page.case.pk, entry)
        except BadInput as error:
            parts.put(form, error)
        else:
            return _to(page.case.pk, made.pk, "drafted")
    return _form(page, wanted, body, form, status=422)


def _form(page: CasePage, wanted: parts.Wanted, body: Any, form: forms.ReferralForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "body": body.name,
        "service": words.service_label(wanted.service),
        "ground": parts.ground(page, wanted.service),
        "fit": parts.fit(page, body, wanted.service, wanted.needs),
        "action": page.request.get_full_path(),
        "back": f"{reverse('workspace:case_referral_new', args=[page.case.pk])}?{wanted.query(organisation=False)}",
        "problems": problems({"form": form}) if form.is_bound else [],
    }
    return render_case(page, "workspace/cases/referral_write.html", context, here=HERE, status=status)


# --- one of them ------------------------------------------------------------------------------------------------------


@in_team
def referral(request: HttpRequest, case_id: UUID, referral_id: UUID) -> HttpResponse:
    """One referral: what stands in it, where it stands, what was answered."""
    return show(request, case_id, referral_id, {})


def show(
    request: HttpRequest, case_id: UUID, referral_id: UUID, refused: Mapping[str, StaffForm], *,
    trouble: Mapping[str, Any] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """Draw the page of one; `trouble` is why it was not sent."""
    page = frame(request, case_id)
    opened = services.open_sent(page.actor, keyring_of(request), referral_id, page.opened)
    context = {
        "done_text": said(request, DONE),
        "problems": problems(refused),
        "trouble": trouble or {},
        "open": next(iter(refused), ""),
        **parts.one(page, opened, refused),
    }
    return render_case(page, "workspace/cases/referral.html", context, here=HERE, status=status)


def _of_case(request: HttpRequest, case_id: UUID, referral_id: UUID) -> Referral:
    row = Referral.objects.filter(pk=referral_id, case=visible(request, case_id)).select_related("organisation").first()
    if row is None:
        raise NotFound
    return row


def _to(case_id: UUID, referral_id: UUID, done: str = "") -> HttpResponse:
    url = reverse("workspace:case_referral", args=[case_id, referral_id])
    return HttpResponseRedirect(f"{url}?{urlencode({'ok': done})}" if done else url)


@in_team
def amend(request: HttpRequest, case_id: UUID, referral_id: UUID) -> HttpResponse:
    """Write a new version; while the body works with it, it reads that one at once."""
    page = frame(request, case_id)
    if not page.may_work:
        raise NotFound
    keyring = keyring_of(request)
    opened = services.open_sent(page.actor, keyring, referral_id, page.opened)
    row = opened.referral
    build = parts.amender(page, opened)
    if request.method != "POST":
        return _amend_form(page, row, build(None))
    if "periksa" in request.POST:
        return _amend_form(page, row, parts.looked(build(None), request.POST))
    form = build(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.amend(
                page.actor, keyring, referral_id, goal=data["goal"], sections=form.sections, version=data["version"]
            )
        except BadInput as error:
            parts.put(form, error)
        except NoConsent as error:
            form.add_error(None, str(error.message))
        else:
            return _to(case_id, referral_id, "amended")
    return _amend_form(page, row, form, status=422)


def _amend_form(page: CasePage, row: Referral, form: forms.ReferralForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "body": row.organisation.name,
        "service": words.service_label(row.service),
        "ground": parts.ground(page, row.service),
        "action": page.request.path,
        "back": reverse("workspace:case_referral", args=[page.case.pk, row.pk]),
        "amending": True,
        "problems": problems({"form": form}) if form.is_bound else [],
    }
    return render_case(page, "workspace/cases/referral_write.html", context, here=HERE, status=status)


@in_team
def send(request: HttpRequest, case_id: UUID, referral_id: UUID) -> HttpResponse:
    """Send a draft, or say what stands in the way: the yes, the body, or words that may not leave."""
    _of_case(request, case_id, referral_id)
    if request.method != "POST":
        return _to(case_id, referral_id)
    form = forms.SendForm(request.POST)
    if not form.is_valid():
        return show(request, case_id, referral_id, {"send": form}, status=422)
    data = form.cleaned_data
    try:
        services.send(
            actor_of(request), keyring_of(request), referral_id, override=data["override"], version=data["version"]
        )
    except NoConsent as error:
        return show(request, case_id, referral_id, {}, trouble={"consent": str(error.message)}, status=422)
    except Barred as error:
        return show(request, case_id, referral_id, {}, trouble={"barred": str(error.message)}, status=422)
    except DoesNotFit as error:
        form.problem("override", error.message)
        return show(request, case_id, referral_id, {"send": form}, status=422)
    except BadInput as error:
        return show(request, case_id, referral_id, {}, trouble={"other": str(error.message)}, status=422)
    return _to(case_id, referral_id, "sent")


@in_team
def discard(request: HttpRequest, case_id: UUID, referral_id: UUID) -> HttpResponse:
    """Throw a draft away."""
    _of_case(request, case_id, referral_id)
    if request.method != "POST":
        return _to(case_id, referral_id)
    services.discard(actor_of(request), referral_id, version=parts.seen(request))
    return back_to(TAB, case_id, "discarded")


@in_team
def letter(request: HttpRequest, case_id: UUID, referral_id: UUID) -> HttpResponse:
    """The referral on paper, for a body without an account here."""
    row = _of_case(request, case_id, referral_id)
    page = frame(request, case_id)
    paper = services.paper(page.actor, keyring_of(request), referral_id)
    context = {
        "paper": paper,
        "day": times.local(paper.day, page.tz, year=True),
        "service": words.service_label(row.service),
        "due": times.local(row.answer_due_at, page.tz) if row.answer_due_at else "",
        "high": row.high_risk,
        "back": reverse("workspace:case_referral", args=[case_id, referral_id]),
    }
    return draw(request, "workspace/referrals/paper.html", context)


def _taking(
    request: HttpRequest, case_id: UUID, referral_id: UUID, kind: str, form: type[StaffForm], done: str, write: Any
) -> HttpResponse:
    """Take one form of the page; what changed meanwhile stands beside it."""
    _of_case(request, case_id, referral_id)
    if request.method != "POST":
        return _to(case_id, referral_id)

    def again(request: HttpRequest, case_id: UUID, refused: Mapping[str, StaffForm], *, status: int) -> HttpResponse:
        return show(request, case_id, referral_id, refused, status=status)

    taking = Taking(
        form=form, show=again, tab=TAB, done=done, theirs=lambda page: parts.standing(page, referral_id),
        version=lambda page: Referral.objects.get(pk=referral_id).version,
    )  # fmt: skip
    answer = take(request, case_id, kind, taking, write)
    return _to(case_id, referral_id, done) if answer.status_code == 302 else answer


@in_team
def revoke(request: HttpRequest, case_id: UUID, referral_id: UUID) -> HttpResponse:
    """Take it back."""

    def write(data: dict[str, Any]) -> None:
        services.revoke(
            actor_of(request), keyring_of(request), referral_id, data["reason"], words=data["words"],
            version=data["version"],
        )  # fmt: skip

    return _taking(request, case_id, referral_id, "revoke", forms.RevokeForm, "revoked", write)


@in_team
def voice(request: HttpRequest, case_id: UUID, referral_id: UUID) -> HttpResponse:
    """A named person of the body accepted by voice."""

    def write(data: dict[str, Any]) -> None:
        at = words.aware(data["at"], visible(request, case_id).tz)
        services.heard_voice(
            actor_of(request), keyring_of(request), referral_id, person=data["person"], at=at, version=data["version"]
        )

    return _taking(request, case_id, referral_id, "voice", forms.VoiceForm, "voice", write)


@in_team
def say(request: HttpRequest, case_id: UUID, referral_id: UUID) -> HttpResponse:
    """Write to the body."""

    def write(data: dict[str, Any]) -> None:
        services.say_to_receiver(
            actor_of(request), keyring_of(request), referral_id, data["words"], version=data["version"]
        )

    return _taking(request, case_id, referral_id, "said", forms.SayForm, "said", write)


@in_team
def heard_yes(request: HttpRequest, case_id: UUID, referral_id: UUID) -> HttpResponse:
    """A body without an account said yes in writing."""

    def write(data: dict[str, Any]) -> None:
        services.heard_yes(
            actor_of(request), keyring_of(request), referral_id, words=data["words"], version=data["version"]
        )

    return _taking(request, case_id, referral_id, "yes", forms.YesForm, "yes", write)


@in_team
def heard_no(request: HttpRequest, case_id: UUID, referral_id: UUID) -> HttpResponse:
    """A body without an account said no."""

    def write(data: dict[str, Any]) -> None:
        services.heard_no(
            actor_of(request), keyring_of(request), referral_id, data["reason"], words=data["words"],
            version=data["version"],
        )  # fmt: skip

    return _taking(request, case_id, referral_id, "no", forms.NoForm, "no", write)


@in_team
def heard_delivery(request: HttpRequest, case_id: UUID, referral_id: UUID) -> HttpResponse:
    """A body without an account told what it delivered."""

    def write(data: dict[str, Any]) -> None:
        entry = DeliveredInput(data["on"], data["minutes"], data["child_came"], data["words"])
        services.heard_delivery(actor_of(request), keyring_of(request), referral_id, entry, version=data["version"])

    return _taking(request, case_id, referral_id, "delivered", forms.DeliveryForm, "delivered", write)


@in_team
def heard_outcome(request: HttpRequest, case_id: UUID, referral_id: UUID) -> HttpResponse:
    """A body without an account told how it ended."""

    def write(data: dict[str, Any]) -> None:
        services.heard_outcome(
            actor_of(request), keyring_of(request), referral_id, data["outcome"], words=data["words"],
            version=data["version"],
        )  # fmt: skip

    return _taking(request, case_id, referral_id, "completed", forms.OutcomeForm, "completed", write)
