"""The page of one's own: how much it was, how long without a break, whom to talk to. Nobody else can open it."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.desk import rules, selectors, services
from lindung.desk.care import Day
from lindung.workspace import care, times
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.menu import INBOX_ROLES

DONE: dict[str, str | Promise] = {
    "rest": _("Selamat beristirahat. Hitungan jedamu mulai dari nol."),
    "later": _("Baik, kami ingatkan lagi nanti."),
    "today": _("Baik, hari ini kami tidak mengingatkan lagi."),
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
