"""The receiver's side, /kerja/rujukan/: what was sent to one's team, exactly that, and the answers to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts import rules as account_rules
from lindung.core import clock, worktime
from lindung.core.errors import BadInput, Conflict
from lindung.referrals import selectors, services, state
from lindung.referrals.models import Referral, State
from lindung.referrals.rules import RECEIVERS
from lindung.referrals.services import DeliveredInput
from lindung.workspace import forms_case_referrals as forms
from lindung.workspace import referralpage as words
from lindung.workspace.casepage import problems, said
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms import StaffForm

ROLES = tuple(sorted(RECEIVERS))
DONE: dict[str, str | Promise] = {
    "yes": _("Diterima. Pengirim sudah melihatnya."),
    "no": _("Ditolak. Isinya tidak lagi terbuka di sini."),
    "voice": _("Penerimaan lewat suara tercatat."),
    "said": _("Pesan terkirim ke pengirim."),
    "delivered": _("Layanan tercatat."),
    "completed": _("Selesai. Terima kasih sudah membantu anak ini."),
}
FORMS: dict[str, type[StaffForm]] = {
    "yes": forms.YesForm, "no": forms.NoForm, "voice": forms.VoiceForm, "said": forms.SayForm,
    "delivered": forms.DeliveryForm, "completed": forms.OutcomeForm,
}  # fmt: skip

in_team = staff_page(*ROLES)


@in_team
def referrals(request: HttpRequest) -> HttpResponse:
    """The list: codes and times, no word about the child."""
    actor, now = actor_of(request), clock.now()
    done = request.GET.get("selesai") == "1"
    rows = [_row(row, now) for row in selectors.inbox(actor)]
    context = {
        "waiting": [row for row in rows if row["waits"]],
        "running": [row for row in rows if not row["waits"]],
        "ended": [_row(row, now) for row in selectors.inbox(actor, done=True)] if done else None,
        "done_count": selectors.done_count(actor),
        "is_partner": actor.has_role(account_rules.PARTNER),
        "done_text": said(request, DONE),
    }
    return render(request, "workspace/referrals/list.html", context)


def _row(referral: Referral, now: Any) -> dict[str, Any]:
    tz = referral.receiving_team.tz if referral.receiving_team else "Asia/Jakarta"
    return {
        **words.mark(referral, now, tz),
        "from": referral.case.team.organisation.name,
        "url": reverse("workspace:referral", args=[referral.pk]),
    }


@in_team
def referral(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """One referral with exactly the sections that were granted. Opening it is written into the audit log."""
    return show(request, referral_id, {})


def show(
    request: HttpRequest, referral_id: UUID, refused: Mapping[str, StaffForm], *, problem: str = "", status: int = 200
) -> HttpResponse:
    """Draw the page; `refused` are forms that come back with what was typed."""
    actor, now = actor_of(request), clock.now()
    opened = services.open_received(actor, keyring_of(request), referral_id)
    row = opened.referral
    tz = row.receiving_team.tz if row.receiving_team else "Asia/Jakarta"
    views = words.versions(opened.versions, tz)
    case_team = row.case.team
    context = {
        "referral": words.mark(row, now, tz),
        "from": case_team.organisation.name,
        "team": case_team.name,
        "present": views[0] if views else None,
        "earlier": views[1:],
        "news": words.news(opened.news, tz),
        "forms": _forms(row, now, tz, refused) if views else {},
        "open": next(iter(refused), ""),
        "needs_voice": row.waits and row.state != State.SENT,
        "problems": problems(refused),
        "problem": problem,
        "done_text": said(request, DONE),
    }
    return render(request, "workspace/referrals/referral.html", context, status=status)


def _forms(row: Referral, now: Any, tz: str, refused: Mapping[str, StaffForm]) -> dict[str, StaffForm]:
    """The answers that exist now, with the latest version in each."""
    ways = {
        "yes": state.Event.ACCEPT, "no": state.Event.DECLINE, "delivered": state.Event.SERVE,
        "completed": state.Event.COMPLETE, "said": state.Event.REVOKE,
    }  # fmt: skip
    offered = [kind for kind, event in ways.items() if state.allowed(row.state, event)]
    if row.high_risk and row.voice_at is None:
        offered.append("voice")
    first: dict[str, dict[str, Any]] = {
        "voice": {"at": words.now_on_the_wall(now, tz)},
        "delivered": {"on": worktime.local_day(now, row.organisation.tz), "child_came": True},
    }
    made = {kind: FORMS[kind](initial={"version": row.version, **first.get(kind, {})}) for kind in offered}
    return {**made, **{kind: form for kind, form in refused.items() if kind in made}}


Write = Callable[[Any, dict[str, Any]], Any]


def _take(request: HttpRequest, referral_id: UUID, kind: str, write: Write) -> HttpResponse:
    """Check a form and write it. What came between comes back with the present page and what was typed."""
    actor = actor_of(request)
    if not selectors.received_by(actor).filter(pk=referral_id).exists():
        return show(request, referral_id, {})
    back = reverse("workspace:referral", args=[referral_id])
    if request.method != "POST":
        return HttpResponseRedirect(back)
    form_class = FORMS[kind]
    if "periksa" in request.POST and form_class.checks_words:
        return show(request, referral_id, {kind: form_class.as_typed(request.POST)})
    form = form_class(request.POST)
    if form.is_valid():
        try:
            write(form, form.cleaned_data)
        except BadInput as error:
            form.problem(error.field, error.message)
        except Conflict as error:
            return _again(request, referral_id, kind, str(error.message))
        else:
            return HttpResponseRedirect(f"{back}?ok={kind}")
    return show(request, referral_id, {kind: form}, status=422)


def _again(request: HttpRequest, referral_id: UUID, kind: str, message: str) -> HttpResponse:
    """The sender changed it meanwhile: the page as it is now, and what was typed, ready to be sent again."""
    row = selectors.received_by(actor_of(request)).filter(pk=referral_id).first()
    data = request.POST.copy()
    if row is not None:
        data["version"] = str(row.version)
    form = FORMS[kind](data)
    form.is_valid()
    return show(request, referral_id, {kind: form}, problem=message, status=409)


@in_team
def accept(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """Say yes."""

    def write(_form: Any, data: dict[str, Any]) -> None:
        services.accept(
            actor_of(request), keyring_of(request), referral_id, words=data["words"], version=data["version"]
        )

    return _take(request, referral_id, "yes", write)


@in_team
def decline(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """Say no, with a reason."""

    def write(_form: Any, data: dict[str, Any]) -> None:
        services.decline(
            actor_of(request), keyring_of(request), referral_id, data["reason"], words=data["words"],
            version=data["version"],
        )  # fmt: skip

    return _take(request, referral_id, "no", write)


@in_team
def voice(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """A named person accepted by voice."""
    actor, keyring = actor_of(request), keyring_of(request)

    def write(_form: Any, data: dict[str, Any]) -> None:
        row = selectors.received_by(actor).select_related("receiving_team").get(pk=referral_id)
        tz = row.receiving_team.tz if row.receiving_team else "Asia/Jakarta"
        services.voice(
            actor, keyring, referral_id, person=data["person"], at=words.aware(data["at"], tz), version=data["version"]
        )

    return _take(request, referral_id, "voice", write)


@in_team
def say(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """Write to the sender."""

    def write(_form: Any, data: dict[str, Any]) -> None:
        services.say(actor_of(request), keyring_of(request), referral_id, data["words"], version=data["version"])

    return _take(request, referral_id, "said", write)


@in_team
def deliver(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """Write down a service that was given."""

    def write(_form: Any, data: dict[str, Any]) -> None:
        entry = DeliveredInput(data["on"], data["minutes"], data["child_came"], data["words"])
        services.deliver(actor_of(request), keyring_of(request), referral_id, entry, version=data["version"])

    return _take(request, referral_id, "delivered", write)


@in_team
def complete(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """Say how it ended."""

    def write(_form: Any, data: dict[str, Any]) -> None:
        services.complete(
            actor_of(request), keyring_of(request), referral_id, data["outcome"], words=data["words"],
            version=data["version"],
        )  # fmt: skip

    return _take(request, referral_id, "completed", write)
