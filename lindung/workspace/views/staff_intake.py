"""Staff take in what somebody tells by phone, in person, in a chat or a letter; and the receipt, read out once.

The receipt is made when the page is opened and travels sealed in a hidden field; after the send it lies sealed in the
session until somebody says that it was written down. Both open with a cookie of this browser alone (accounts.sessions):
so a doubled click shows the same receipt, and nobody can ask for it again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lindung.accounts import sessions
from lindung.core.errors import BadInput, Conflict, Locked, Unavailable
from lindung.reporting import services
from lindung.reporting.knowledge.intake import Channel, channels
from lindung.vault import receipts
from lindung.vault.errors import BadReceipt
from lindung.workspace import receiptwords, times
from lindung.workspace.doors import actor_of, staff_page
from lindung.workspace.forms_intake import IntakeForm, MediaForm, ReadBackForm
from lindung.workspace.menu import INBOX_ROLES

FORM, TAKEN = "intake/form", "intake/taken"
KEPT_IN_SESSION = "intake"

DONE: dict[str, str | Promise] = {
    "noted": gettext_lazy("Kodenya sudah dicatat, dan tidak bisa ditampilkan lagi."),
    "cannot": gettext_lazy(
        "Tidak apa-apa. Laporannya tetap dibaca. Orangnya boleh menghubungi lagi kapan saja, dan bilang pernah cerita."
    ),
    "sent": gettext_lazy("Laporan sudah tersimpan."),
}

View = Callable[..., HttpResponse]


def _keeps_everything(view: View) -> View:
    """A session that ended under this form gives every answer back, short ones and choices too."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not sessions.is_open(request):
            kept = _typed(request)
            if kept:
                context = {"message": Locked.message, "code": "locked", "kept": kept}
                return render(request, "workspace/failure.html", context, status=401)
        return view(request, *args, **kwargs)

    return checked


def _typed(request: HttpRequest) -> str:
    lines, typed = [], False
    for name, field in (MediaForm() if "seen_on" in request.POST else IntakeForm()).fields.items():
        labels = _choice_labels(field)
        values = [labels.get(value, value) for value in request.POST.getlist(name) if value.strip()]
        if values and name != "token":
            lines.append(f"{field.label}\n{', '.join(str(value) for value in values)}")
            typed = typed or name not in {"path", "language"}  # these two are filled before anybody types
    return "\n\n".join(lines) if typed else ""


def _choice_labels(field: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for value, label in getattr(field, "choices", ()):
        found.update(label if isinstance(label, (list, tuple)) else [(value, label)])
    return found


@staff_page(*INBOX_ROLES)
def choose(request: HttpRequest) -> HttpResponse:
    """By which way does it come?"""
    context = {"channels": channels().values(), "done_text": DONE.get(request.GET.get("ok", ""))}
    return render(request, "workspace/intake/choose.html", context)


@_keeps_everything
@staff_page(*INBOX_ROLES)
def take_in(request: HttpRequest, channel: str) -> HttpResponse:
    """The form of one way in (GET), and taking it (POST): sealed on arrival, once."""
    way = channels().get(channel)
    if way is None:
        raise Http404
    if request.method != "POST":
        return _form(request, way, _fresh(request, way))
    begun = _begun(request)
    if begun is None:
        form = _form_class(way)(_with_token(request, _token(request)))
        form.is_valid()
        return _form(
            request, way, form, _("Halaman ini dibuka sebelum kamu masuk lagi. Periksa, lalu kirim lagi."), 409
        )
    if begun.form_id.hex in request.session.get(KEPT_IN_SESSION, {}):
        return HttpResponseRedirect(reverse("workspace:intake_taken", args=[begun.form_id]))
    form = _form_class(way)(request.POST)
    if form.is_valid():
        try:
            taken = _receive(request, way, form, begun)
        except BadInput as error:
            form.problem(error.field, error.message)
        except (Conflict, Unavailable) as error:
            return _form(request, way, form, error.message, 409 if isinstance(error, Conflict) else 503)
        else:
            _remember(request, begun, way, taken)
            return HttpResponseRedirect(reverse("workspace:intake_taken", args=[begun.form_id]))
    return _form(request, way, form, status=422)


def _receive(request: HttpRequest, way: Channel, form: Any, begun: services.Begun) -> services.TakenIn:
    if way.short:
        more: dict[str, Any] = {"consent": {}, "seen_on": form.seen_on, "language": "id"}
    else:
        more = {"consent": form.consent(), "language": form.cleaned_data.get("language") or "id"}
    return services.receive_by_staff(actor_of(request), begun, channel=way.code, answers=form.answers(), **more)


def _form_class(way: Channel) -> type[IntakeForm] | type[MediaForm]:
    return MediaForm if way.short else IntakeForm


def _fresh(request: HttpRequest, way: Channel) -> Any:
    return _form_class(way)(initial={"token": _token(request)})


def _with_token(request: HttpRequest, token: str) -> Any:
    data = request.POST.copy()
    data["token"] = token
    return data


def _form(
    request: HttpRequest, way: Channel, form: Any, problem: str | Promise = "", status: int = 200
) -> HttpResponse:
    problems = [
        {"anchor": form[name].auto_id if name in form.fields else form.name, "text": str(error)}
        for name, errors in form.errors.items()
        for error in errors
    ]
    context = {"channel": way, "form": form, "problem": problem, "problems": problems}
    return render(request, "workspace/intake/form.html", context, status=status)


# --- the receipt, read out once ---------------------------------------------------------------------------------------


def _token(request: HttpRequest) -> str:
    begun = services.begin(actor_of(request))
    content = json.dumps({"form": begun.form_id.hex, "code": begun.code}).encode()
    return sessions.seal_for_browser(request, FORM, content)


def _begun(request: HttpRequest) -> services.Begun | None:
    """What this page was opened with; None when it was another session."""
    content = sessions.unseal_for_browser(request, FORM, request.POST.get("token", ""))
    if content is None:
        return None
    found = json.loads(content)
    return services.Begun(UUID(hex=found["form"]), found["code"])


def _remember(request: HttpRequest, begun: services.Begun, way: Channel, taken: services.TakenIn) -> None:
    """Keep what the next page shows, sealed, until the receipt is written down; then only that there was one."""
    content = {
        "code": begun.code if way.receipt else "",
        "channel": way.code,
        "report": taken.report_id.hex,
        "reference": taken.reference,
        "team": taken.team_name,
        "promised": times.local(taken.promised_at, taken.tz),
        "sees": taken.sees,
        "opens": taken.opens,
        "named": taken.named,
    }
    kept = dict(request.session.get(KEPT_IN_SESSION, {}))
    kept[begun.form_id.hex] = sessions.seal_for_browser(request, TAKEN, json.dumps(content).encode())
    request.session[KEPT_IN_SESSION] = kept


@staff_page(*INBOX_ROLES)
def taken(request: HttpRequest, intake_id: UUID) -> HttpResponse:
    """Where the report went, and its receipt to read out; `ulang` compares what the caller says back."""
    kept = request.session.get(KEPT_IN_SESSION, {})
    if intake_id.hex not in kept:
        raise Http404
    content = sessions.unseal_for_browser(request, TAKEN, kept[intake_id.hex])
    if content is None:
        return HttpResponseRedirect(reverse("workspace:intake"))
    found = json.loads(content)
    form = ReadBackForm()
    heard = None
    if request.method == "POST":
        if request.POST.get("do") in {"noted", "cannot", "sent"}:
            return _forget(request, intake_id, found, request.POST["do"])
        form = ReadBackForm(request.POST)
        form.is_valid()
        heard = _compare(found["code"], form.groups())
    return render(request, "workspace/intake/taken.html", _shown(intake_id, found, form, heard))


def _forget(request: HttpRequest, intake_id: UUID, found: dict[str, Any], said: str) -> HttpResponse:
    """The receipt is gone from now on, also for a form that is sent again."""
    request.session[KEPT_IN_SESSION] = {**request.session[KEPT_IN_SESSION], intake_id.hex: ""}
    if found["opens"]:
        url = reverse("workspace:report", args=[UUID(hex=found["report"])])
        return HttpResponseRedirect(f"{url}?ok=taken_{said}")
    return HttpResponseRedirect(reverse("workspace:intake") + f"?ok={said}")


def _compare(code: str, groups: list[str]) -> dict[str, Any]:
    right = receipts.compare(code, groups)
    why: str | Promise = ""
    if not all(right) and all(group.strip() for group in groups):
        try:
            receipts.check("".join(groups))
            why = _("Ini kode lain. Mulai lagi dari kelompok pertama.")
        except BadReceipt:
            why = _("Ada angka yang salah dengar atau tertukar.")
    return {"right": right, "all": all(right), "why": why}


def _shown(intake_id: UUID, found: dict[str, Any], form: ReadBackForm, heard: dict[str, Any] | None) -> dict[str, Any]:
    way = channels()[found["channel"]]
    groups = []
    if found["code"]:
        for number, digits in enumerate(receipts.grouped(found["code"]).split(" "), start=1):
            state = None if heard is None else heard["right"][number - 1]
            said = {"digits": digits, "words": receiptwords.spoken(digits), "right": state}
            groups.append({**said, "number": number, "field": form[f"g{number}"]})
    return {
        "intake_id": intake_id,
        "channel": way,
        "found": found,
        "report_id": UUID(hex=found["report"]),
        "groups": groups,
        "heard": heard,
    }
