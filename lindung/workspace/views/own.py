"""The page of one's own: how much it was, how long without a break, whom to talk to. Nobody else can open it."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.care import services as private
from lindung.care.models import Diary
from lindung.care.rules import DIARY_DAYS
from lindung.core.errors import BadInput
from lindung.desk import rules, selectors, services
from lindung.desk.care import Day
from lindung.vault.services import Keyring
from lindung.workspace import care, times
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms_care import MOODS, DiaryForm
from lindung.workspace.menu import INBOX_ROLES

DONE: dict[str, str | Promise] = {
    "rest": _("Selamat beristirahat. Hitungan jedamu mulai dari nol."),
    "later": _("Baik, kami ingatkan lagi nanti."),
    "today": _("Baik, hari ini kami tidak mengingatkan lagi."),
    "written": _("Tersimpan, hanya untukmu."),
    "ended": _("Catatan harianmu sudah terhapus semua."),
}


@staff_page(*INBOX_ROLES)
def own(request: HttpRequest) -> HttpResponse:
    """Show one's own counts; a POST takes a break or puts the reminder off."""
    keyring = keyring_of(request)
    if request.method == "POST":
        what = request.POST.get("what", "")
        if what == "rest":
            care.rest(request, keyring)
        elif what in {"later", "today"}:
            care.put_off(request, keyring, for_today=what == "today")
        done = f"?ok={what}" if what in DONE else ""
        return HttpResponseRedirect(reverse("workspace:own") + done)
    streak, today = care.keep(request, keyring), care.today()
    days = services.own_days(keyring, today - timedelta(days=6))
    week = list(days.values())
    context = {
        "done_text": DONE.get(request.GET.get("ok", "")),
        "today": days.get(today, Day(today)),
        "week": {"opened": sum(d.opened for d in week), "heavy": sum(d.heavy for d in week)},
        "since_break": times.span(timedelta(minutes=streak.minutes(care.minute_now()))),
        "minutes": streak.minutes(care.minute_now()),
        "supervisors": selectors.supervisors(actor_of(request)),
        "kept_days": rules.KEPT_DAYS,
        "own_page": True,
    }
    return render(request, "workspace/desk/own.html", context)


@staff_page(*INBOX_ROLES)
def diary(request: HttpRequest) -> HttpResponse:
    """One's own diary, if one chose to keep it. Nobody else can open it, and nothing of it is in the audit."""
    keyring, form, status = keyring_of(request), None, 200
    if request.method == "POST":
        what = request.POST.get("what", "")
        if what == "begin":
            private.begin_diary(keyring, care.today())
        elif what == "end":
            private.end_diary(keyring)
            return HttpResponseRedirect(reverse("workspace:diary") + "?ok=ended")
        else:
            form, status = DiaryForm(request.POST), 422
            if form.is_valid() and _written(keyring, form):
                return HttpResponseRedirect(reverse("workspace:diary") + "?ok=written")
        if form is None:
            return HttpResponseRedirect(reverse("workspace:diary"))
    context = {
        "done_text": DONE.get(request.GET.get("ok", "")),
        "kept": Diary.objects.filter(user=keyring.holder).exists(),
        "entries": [{"on": one.on, "mood": MOODS[one.mood], "text": one.text} for one in private.entries(keyring)],
        "form": form or DiaryForm(),
        "days": DIARY_DAYS,
        "own_page": True,
    }
    return render(request, "workspace/care/diary.html", context, status=status)


def _written(keyring: Keyring, form: DiaryForm) -> bool:
    try:
        private.write_entry(keyring, care.today(), mood=form.cleaned_data["mood"], text=form.cleaned_data["text"])
    except BadInput as error:
        form.problem(error.field, error.message)
        return False
    return True
