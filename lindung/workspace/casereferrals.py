"""What the tab Rujukan is made of: providers with reasons, the ground, the form filled from the case, one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from lindung.casework import outgoing, rules_consent
from lindung.casework.knowledge import rights as casework
from lindung.casework.models import PersonRole
from lindung.casework.models_plan import GOAL_DONE, Goal, PlanState
from lindung.casework.models_rights import Barred, BarredKind
from lindung.casework.rules_consent import Finding
from lindung.casework.services import consents, decisions
from lindung.core import worktime
from lindung.core.errors import BadInput, NotFound
from lindung.directory import knowledge as directory_knowledge
from lindung.directory import selectors as directory
from lindung.directory.models import Does, Organisation
from lindung.referrals import knowledge, rules_fit, state
from lindung.referrals.models import ACTIVE, ENDED, Referral, State, Way
from lindung.referrals.services import OpenedReferral, fitting
from lindung.workspace import forms_case_referrals as forms
from lindung.workspace import referralpage as words
from lindung.workspace import times
from lindung.workspace.casepage import CasePage
from lindung.workspace.forms import StaffForm

HELPS = (Does.PROVIDES, Does.FACILITATES, Does.IDENTIFIES)
MOST_SHOWN = 60


def uuid_or_none(text: Any) -> UUID | None:
    """An id from a form or an address; None for anything else."""
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None


@dataclass(frozen=True)
class Wanted:
    """What is looked for, as it stands in the address: codes and ids alone. `instead_of`: the first choice."""

    service: str = ""
    needs: tuple[str, ...] = ()
    organisation: UUID | None = None
    instead_of: UUID | None = None
    goal: UUID | None = None

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        service = query.get("layanan", "")
        return cls(
            service=service if service in directory_knowledge.services() else "",
            needs=tuple(need for need in rules_fit.NEEDS if need in query.getlist("kebutuhan")),
            organisation=uuid_or_none(query.get("lembaga")),
            instead_of=uuid_or_none(query.get("pengganti")),
            goal=uuid_or_none(query.get("tujuan")),
        )

    def query(self, *, organisation: bool = True, **more: Any) -> str:
        """The same as an address writes it."""
        named = {
            "layanan": self.service,
            "kebutuhan": list(self.needs),
            "pengganti": self.instead_of,
            "tujuan": self.goal,
        }
        if organisation:
            named["lembaga"] = self.organisation
        return urlencode({name: value for name, value in {**named, **more}.items() if value}, doseq=True)


# --- the list ---------------------------------------------------------------------------------------------------------


def row(page: CasePage, referral: Referral) -> dict[str, Any]:
    """One referral on the tab."""
    return {
        **words.mark(referral, page.now, page.tz),
        "url": reverse("workspace:case_referral", args=[page.case.pk, referral.pk]),
        "second": referral.second_choice_of.reference if referral.second_choice_of else "",
        "offer_second": page.may_work and _offers_second(referral),
        "second_url": _second_url(page, referral),
    }


def _offers_second(referral: Referral) -> bool:
    if referral.state in (State.DECLINED, State.LAPSED, State.REVOKED):
        return True
    return referral.state == State.SENT and referral.second_offered_at is not None


def _second_url(page: CasePage, referral: Referral) -> str:
    wanted = Wanted(referral.service, (), None, referral.pk, referral.goal_id)
    return f"{reverse('workspace:case_referral_new', args=[page.case.pk])}?{wanted.query()}"


# --- choosing a body --------------------------------------------------------------------------------------------------


def choose_form(wanted: Wanted) -> forms.ChooseForm:
    """The form above the list of bodies."""
    choices = [(code, kind.label) for code, kind in directory_knowledge.services().items()]
    first = {"layanan": wanted.service, "kebutuhan": list(wanted.needs)}
    return forms.ChooseForm(initial=first, services=choices)


def child_of(page: CasePage, needs: tuple[str, ...]) -> rules_fit.Child:
    """What a search asks of this child."""
    return fitting.child_of(page.case, page.opened.child, page.opened.places, needs)


def providers(page: CasePage, wanted: Wanted) -> dict[str, Any]:
    """The bodies for a service where the child is: those that fit, and those that do not with the reasons."""
    if not wanted.service:
        return {"fits": None, "others": []}
    child = child_of(page, wanted.needs)
    found = directory.providers(wanted.service, child.region, child=child.whom, moment=page.now, does=HELPS)
    excluded = set(page.case.exclusions.values_list("team_id", flat=True)) | {page.case.team_id}
    shown = [_provider(page, wanted, child, one) for one in found if one.organisation.team_id not in excluded]
    return {
        "fits": [one for one in shown if not one["reasons"]],
        "others": [one for one in shown if one["reasons"]][:MOST_SHOWN],
        "region": directory.region_name(child.region) if child.region else "",
        "urgent": fitting.is_urgent(page.case),
    }


def _provider(page: CasePage, wanted: Wanted, child: rules_fit.Child, one: directory.Provider) -> dict[str, Any]:
    found = fitting.problems_of(one, child, page.now, urgent=fitting.is_urgent(page.case))
    body = one.organisation
    return {
        "name": body.name,
        "kind": body.get_kind_display(),
        "reasons": fitting.in_words(found),
        "gone": any(problem.code in fitting.NOT_THERE for problem in found),
        "now": [successor.name for successor in one.now],
        "hours": _hours(one, body),
        "here": body.team_id is not None,
        "phone": one.service.contact or body.phone,
        "fee": one.service.fee,
        "overdue": one.overdue,
        "url": f"?{wanted.query(lembaga=body.pk)}",
    }


def _hours(one: directory.Provider, body: Organisation) -> str:
    opening = one.opening
    if not opening.known:
        return _("jam buka belum dicatat")
    if opening.open:
        if opening.until is None:
            return _("buka terus")
        return _("buka sampai %(at)s") % {"at": times.local(opening.until, body.tz)}
    if opening.next is None:
        return _("tutup")
    return _("tutup, buka lagi %(at)s") % {"at": times.local(opening.next, body.tz)}


def ground(page: CasePage, service: str) -> dict[str, Any]:
    """On which ground it may leave today, or what is missing, in words. Sending asks again, under the case's lock."""
    finding = _finding(page, service)
    known = casework.grounds()
    return {
        "there": finding.basis is not None,
        "label": known[finding.basis.ground].label if finding.basis else "",
        "decided": bool(finding.basis and finding.basis.decision_id),
        "missing": consents.in_words(finding.missing),
        "rights_url": reverse("workspace:case_rights", args=[page.case.pk]),
    }


def _finding(page: CasePage, service: str) -> Finding:
    """What the matrix says of the opened case: what stands in it is not read a second time."""
    case, opened = page.case, page.opened
    today = worktime.local_day(page.now, case.tz)
    barred = set(
        Barred.objects.filter(case=case, kind=BarredKind.PERSON, lifted_at=None).values_list("person_id", flat=True)
    )
    return rules_consent.judge(
        child=consents.facts_from(opened.child, opened.words(consents.MATURITY_FIELD), today),
        guardians=[
            rules_consent.Guardian(person.id, person.standing, person.id in barred)
            for person in opened.people
            if person.role == PersonRole.GUARDIAN and person.removed_at is None
        ],
        said=consents.answers(case, [service])[service],
        rulings=decisions.rulings(case),
        scope=service,
        today=today,
        reading=consents.reading(),
    )


_KEYS = "referral_case_keys"


def fit(page: CasePage, body: Organisation, service: str, needs: tuple[str, ...]) -> list[str]:
    """Why a body may not be the right one, in words; empty when it is."""
    child = child_of(page, needs)
    return fitting.in_words(fitting.problems(body, service, child, urgent=fitting.is_urgent(page.case)))


def body(page: CasePage, wanted: Wanted) -> Organisation:
    """The chosen body. NotFound for one that does not exist or that the case names."""
    if wanted.organisation is None or not wanted.service:
        raise NotFound
    named = Q(team__isnull=False, team__in=page.case.exclusions.values("team"))
    found = Organisation.objects.filter(~named, pk=wanted.organisation).first()
    if found is None:
        raise NotFound
    return found


# --- the form ---------------------------------------------------------------------------------------------------------

Build = Callable[[QueryDict | None], forms.ReferralForm]


def builder(page: CasePage, wanted: Wanted, organisation: Organisation) -> Build:
    """A form filled from the case: nothing is typed twice."""
    usual = knowledge.usual_sections()[wanted.service]
    codes = [code for code in casework.sections() if code not in usual.never]
    texts = outgoing.gather(page.opened, None, codes)
    offered = [code for code in codes if texts.get(code)]
    goals = _goals(page, wanted.service)
    first = {
        **forms.filled({code: texts[code] for code in offered}, usual.usual),
        "goal": _goal_words(page, wanted, goals),
        "goal_id": str(wanted.goal or (goals[0][0] if len(goals) == 1 else "")),
    }

    def build(data: QueryDict | None) -> forms.ReferralForm:
        args: dict[str, Any] = {"codes": codes, "goals": goals, "ways": fitting.ways_to(organisation)}
        return forms.ReferralForm(data, **args) if data is not None else forms.ReferralForm(initial=first, **args)

    return build


def _goals(page: CasePage, service: str) -> list[tuple[str, str]]:
    """Goals of the present plan for this service that are still open."""
    rows = Goal.objects.filter(plan__case=page.case, service=service).exclude(plan__state=PlanState.REPLACED)
    rows = rows.exclude(state__in=GOAL_DONE).order_by("due_on", "id")
    return [(str(goal.pk), page.opened.words(goal.field).get("goal", "") or str(goal.due_on)) for goal in rows]


def _goal_words(page: CasePage, wanted: Wanted, goals: list[tuple[str, str]]) -> str:
    """The goal of the plan in its own words, or those of the first choice."""
    for pk, text in goals:
        if str(wanted.goal) == pk or len(goals) == 1:
            return text
    return ""


def amender(page: CasePage, opened: OpenedReferral) -> Build:
    """The form of a further version, filled with the newest one and what the case knows besides."""
    referral, newest = opened.referral, opened.newest
    usual = knowledge.usual_sections()[referral.service]
    codes = [code for code in casework.sections() if code not in usual.never]
    texts = outgoing.gather(page.opened, None, codes)
    texts = {code: text for code, text in texts.items() if code in codes} | dict(newest.sections)
    first = {
        **forms.filled({code: texts[code] for code in codes if code in texts}, newest.chosen),
        "goal": newest.goal,
        "version": referral.version,
    }

    def build(data: QueryDict | None) -> forms.ReferralForm:
        return (
            forms.ReferralForm(data, codes=codes)
            if data is not None
            else forms.ReferralForm(initial=first, codes=codes)
        )

    return build


def looked(form: forms.ReferralForm, data: QueryDict) -> forms.ReferralForm:
    """The form as it was typed, with hints below its texts."""
    for name, field in form.fields.items():
        if form.add_prefix(name) in data or name.startswith(forms.TICK):
            form.initial[name] = field.widget.value_from_datadict(data, {}, form.add_prefix(name))
    form.looked = True
    return form


def put(form: forms.ReferralForm, error: BadInput) -> None:
    """What a service refused, beside the field that it is about."""
    name = {"body": "goal", "sections": "goal", "organisation": "goal"}.get(error.field, error.field)
    for candidate in (name, forms.TEXT + name):
        if candidate in form.fields:
            form.add_error(candidate, str(error.message))
            return
    form.add_error("goal", str(error.message))


def seen(request: HttpRequest) -> int | None:
    """The version that the page of a button showed."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 9 else None


# --- one page ---------------------------------------------------------------------------------------------------------


def one(page: CasePage, opened: OpenedReferral, refused: Mapping[str, StaffForm]) -> dict[str, Any]:
    """Everything on the page of one referral."""
    referral = opened.referral
    views = words.versions(opened.versions, page.tz)
    draft = referral.state == State.DRAFT
    return {
        "referral": {**words.mark(referral, page.now, page.tz), "version": referral.version},
        "draft": draft,
        "on_paper": referral.way != Way.PLATFORM,
        "present": views[0] if views else None,
        "earlier": views[1:],
        "news": words.news(opened.news, page.tz),
        "ground": _ground_of(page, referral),
        "fit": fit(page, referral.organisation, referral.service, opened.newest.needs) if draft else [],
        "overridden": fitting.in_words(rules_fit.from_codes(referral.overridden)),
        "override": opened.kept.get("override", ""),
        "revoked": opened.kept.get("revoked", ""),
        "forms": {**_forms(page, referral), **refused} if page.may_work else {},
        "may_amend": page.may_work and (draft or referral.state in ACTIVE),
        "offer_second": page.may_work and _offers_second(referral),
        "second_url": _second_url(page, referral),
        "second": referral.second_choices.order_by("made_at").first(),
        "first": referral.second_choice_of,
        "needs_voice": referral.waits and referral.high_risk,
        "called": _called(page, referral),
        "letter_url": _letter_url(page, referral),
    }


def _ground_of(page: CasePage, referral: Referral) -> dict[str, Any]:
    """Of a draft the ground of today; of a sent one that on which it left, and whether it still holds."""
    today = ground(page, referral.service) if referral.state not in ENDED else {"there": True}
    if referral.state == State.DRAFT:
        return today
    known = casework.grounds().get(referral.ground)
    return {**today, "label": known.label if known else "", "lost": not today["there"]}


def _letter_url(page: CasePage, referral: Referral) -> str:
    if referral.way == Way.PLATFORM or referral.state not in (*ACTIVE, State.COMPLETED):
        return ""
    return reverse("workspace:case_referral_letter", args=[page.case.pk, referral.pk])


def _called(page: CasePage, referral: Referral) -> list[tuple[str, str]]:
    """Who was called because nobody had accepted it in time."""
    named = (
        (_("Lembaga dan pendamping diingatkan"), referral.reminded_at),
        (_("Penyelia diberi tahu"), referral.supervisor_told_at),
        (_("Pilihan kedua ditawarkan"), referral.second_offered_at),
    )
    return [(label, page.at(at)) for label, at in named if at is not None]


def _forms(page: CasePage, referral: Referral) -> dict[str, StaffForm]:
    first = {"version": referral.version}
    made: dict[str, StaffForm] = {}
    if referral.state == State.DRAFT:
        return {"send": forms.SendForm(initial=first)}
    if state.allowed(referral.state, state.Event.REVOKE):
        made["revoke"] = forms.RevokeForm(initial=first)
        made["said"] = forms.SayForm(initial=first)
    on_paper = referral.way != Way.PLATFORM
    if referral.state == State.SENT or (referral.waits and referral.high_risk):
        at = words.now_on_the_wall(page.now, page.tz)
        made["voice"] = forms.VoiceForm(initial={**first, "at": at})
    if on_paper:
        made |= _forms_on_paper(page, referral, first)
        made.pop("said", None)
    return made


def _forms_on_paper(page: CasePage, referral: Referral, first: dict[str, Any]) -> dict[str, StaffForm]:
    made: dict[str, StaffForm] = {}
    if referral.state == State.SENT and not referral.high_risk:
        made["yes"] = forms.YesForm(initial=first)
    if state.allowed(referral.state, state.Event.DECLINE):
        made["no"] = forms.NoForm(initial=first)
    if state.allowed(referral.state, state.Event.SERVE):
        day = worktime.local_day(page.now, referral.organisation.tz)
        made["delivered"] = forms.DeliveryForm(initial={**first, "on": day, "child_came": True})
        made["completed"] = forms.OutcomeForm(initial=first)
    return made


def standing(page: CasePage, referral_id: UUID) -> list[tuple[str, str]]:
    """Where a referral stands now, for whoever wrote with an older page."""
    referral = Referral.objects.get(pk=referral_id, case=page.case)
    found = [(_("Keadaan"), words.state_label(referral))]
    return [*found, (_("Alasan"), why)] if (why := words.why(referral)) else found
