"""Who works with a child, further reports about it, and cases that belong together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lindung.casework import selectors, services
from lindung.casework.models import Case, CaseLink
from lindung.casework.services import workers
from lindung.core.errors import BadInput, NotAllowed, NotFound
from lindung.reporting.services import find_by_reference
from lindung.workspace import caseteam
from lindung.workspace.caseedit import Edit, edit
from lindung.workspace.casepage import CASE_ROLES, CasePage, Taking, back_to, take, visible
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms_case_notes import AddReportForm, AssignForm, LinkCaseForm
from lindung.workspace.views.case import show

TAB = "workspace:case"

in_team = staff_page(*CASE_ROLES)


def _done(request: HttpRequest, case_id: UUID, write: Callable[[], Any], done: str, anchor: str) -> HttpResponse:
    """Do something that asks nothing: POST writes, GET leads back. Whoever lost sight of the case is led to theirs."""
    visible(request, case_id)
    if request.method != "POST":
        return back_to(TAB, case_id, anchor=anchor)
    write()
    if not selectors.visible_to(actor_of(request)).filter(pk=case_id).exists():
        return HttpResponseRedirect(f"{reverse('workspace:cases')}?ok={done}")
    return back_to(TAB, case_id, done, anchor)


@in_team
def take_case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Begin to work with a child whom nobody works with yet."""
    return _done(request, case_id, lambda: services.take(actor_of(request), case_id), "taken", "pendamping")


@in_team
def assign(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Give the case to a colleague, as the lead or to work along."""
    if not workers.may_assign(actor_of(request), visible(request, case_id)):
        raise NotAllowed

    def write(page: CasePage, form: AssignForm) -> None:
        services.assign(actor_of(request), case_id, UUID(form.cleaned_data["user"]), form.cleaned_data["role"])

    def people(page: CasePage) -> Mapping[str, Any]:
        return {"people": caseteam.choices(page.case)}

    wanted = Edit(
        title=_("Siapa yang mendampingi"), form=AssignForm, write=write, tab=TAB, here="overview", done="assigned",
        anchor="pendamping", form_args=people,
        lede=_("Dua anak dari satu kejadian tidak pernah punya pendamping yang sama. Angkanya: kasus sekarang."),
    )  # fmt: skip
    return edit(request, case_id, wanted)


@in_team
def end_work(request: HttpRequest, case_id: UUID, user_id: UUID) -> HttpResponse:
    """End somebody's work with the child. Whoever ends their own may not see the case any more afterwards."""
    if not visible(request, case_id).workers.filter(user=user_id, until=None).exists():
        raise NotFound
    actor = actor_of(request)
    return _done(request, case_id, lambda: services.end_work(actor, case_id, user_id), "ended", "pendamping")


@in_team
def add_report(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Add a further report about the same child; what it told fills in what nobody knew."""

    def write(data: dict[str, Any]) -> None:
        report = find_by_reference(actor_of(request), data["reference"])
        if report is None:
            raise BadInput("reference", _("Tidak ada laporan dengan nomor ini yang bisa kamu lihat."))
        services.add_report(actor_of(request), keyring_of(request), case_id, report.pk)

    return take(request, case_id, "add_report", Taking(AddReportForm, show, TAB, "report_added", "kotak"), write)


@in_team
def link(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Say that another case belongs to this one: siblings, a household, the same events."""

    def write(data: dict[str, Any]) -> None:
        other = find_case(request, data["reference"])
        services.link_cases(actor_of(request), case_id, other.pk, data["reason"])

    taking = Taking(LinkCaseForm, show, TAB, "linked", "kaitan", rename={"other": "reference"})
    return take(request, case_id, "link", taking, write)


def find_case(request: HttpRequest, reference: str) -> Case:
    """The visible case with this short reference. Raises BadInput, the same for a hidden and a missing one."""
    digits = "".join(reference.split()).lower()
    if len(digits) == 8 and all(digit in "0123456789abcdef" for digit in digits):
        low, high = UUID(hex=digits + "0" * 24), UUID(hex=digits + "f" * 24)
        found = list(selectors.visible_to(actor_of(request)).filter(pk__gte=low, pk__lte=high)[:2])
        if len(found) == 1:
            return found[0]
    raise BadInput("reference", _("Tidak ada kasus dengan nomor ini yang bisa kamu lihat."))


@in_team
def unlink(request: HttpRequest, case_id: UUID, link_id: UUID) -> HttpResponse:
    """Take a link between two cases away."""
    case = visible(request, case_id)
    if not CaseLink.objects.filter(Q(case=case) | Q(other=case), pk=link_id).exists():
        raise NotFound
    return _done(request, case_id, lambda: services.unlink_cases(actor_of(request), link_id), "unlinked", "kaitan")
