"""Letters and notes for calls: made from a case, read again, printed. The platform sends none of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lindung.casework import outgoing
from lindung.casework.errors import Barred, NoConsent
from lindung.casework.knowledge import rights as knowledge
from lindung.casework.services import letters
from lindung.core.errors import BadInput
from lindung.directory import selectors as directory
from lindung.workspace.caseedit import Edit, edit
from lindung.workspace.casepage import CasePage, frame
from lindung.workspace.casepage import render as render_case
from lindung.workspace.doors import keyring_of
from lindung.workspace.forms_case_rights import LetterForm
from lindung.workspace.views.case_rights import HERE, TAB, in_team, named

MOST_BODIES = 300


@in_team
def write(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Make a letter. Whom nothing may reach is not offered, and is refused when somebody tries."""

    def make(page: CasePage, form: LetterForm) -> None:
        data = form.cleaned_data
        entry = letters.LetterInput(
            data["letter"], data["body"], language=data["language"], phone=data["phone"],
            person_id=UUID(data["person"]) if data["person"] else None,
            organisation_id=UUID(data["organisation"]) if data["organisation"] else None,
        )  # fmt: skip
        try:
            letters.write_letter(page.actor, keyring_of(request), case_id, entry)
        except NoConsent as none:
            raise BadInput("letter", none.message) from none

    def args(page: CasePage) -> dict[str, Any]:
        people = outgoing.reachable(outgoing.guard(page.opened))
        return {"people": [(str(one.id), named(one)) for one in people], "bodies": _bodies(page)}

    return edit(
        request, case_id,
        Edit(
            title=_("Surat atau telepon"), form=LetterForm, write=make, tab=TAB, here=HERE, done="letter",
            anchor="surat", rename={"recipient": "person"}, form_args=args, button=_("Buat"),
            initial=lambda page: {"language": "id", "letter": request.GET.get("jenis", "")},
            lede=_("Sistem tidak mengirim apa pun. Kamu yang mengirim atau menelepon; di sini dicatat dasarnya."),
        ),
    )  # fmt: skip


def _bodies(page: CasePage) -> list[tuple[str, str]]:
    """Bodies of the province where the child is now, and those of the whole country."""
    province = str(page.opened.places.get("present", {}).get("province") or "")
    near = Q(region="") | Q(region__startswith=province)
    rows = directory.visible_to(page.actor).filter(near, until=None).order_by("name", "id")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")[:MOST_BODIES]]


@in_team
def letter(request: HttpRequest, case_id: UUID, outgoing_id: UUID) -> HttpResponse:
    """Read a letter again. When its recipient may not be told any more, the page says so and shows no word of it."""
    page = frame(request, case_id)
    context: dict[str, Any] = {"back": reverse(TAB, args=[case_id]) + "#surat", "barred": ""}
    try:
        made = letters.open_letter(page.actor, keyring_of(request), case_id, outgoing_id)
    except Barred as stopped:
        context["barred"] = stopped.message
        return render_case(page, "workspace/cases/letter.html", context, here=HERE, status=409)
    context |= {
        "subject": made.subject,
        "text": made.text,
        "language": made.language,
        "ground": knowledge.grounds()[made.row.ground].label if made.row.ground in knowledge.grounds() else "",
        "at": page.at(made.row.at),
        "call": knowledge.letters()[made.row.kind].call,
    }
    return render_case(page, "workspace/cases/letter.html", context, here=HERE)
