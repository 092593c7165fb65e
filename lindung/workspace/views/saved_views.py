"""Keeping a filter of the inbox under a name of one's own."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse

from lindung.core.errors import BadInput, NotFound
from lindung.reporting import services
from lindung.reporting.models import SavedView
from lindung.workspace.doors import actor_of, staff_page
from lindung.workspace.forms_inbox import InboxFilters, ViewForm
from lindung.workspace.menu import INBOX_ROLES
from lindung.workspace.views.inbox import show


def _back(done: str, query: str = "") -> HttpResponse:
    lead = f"{query}&" if query else ""
    return HttpResponseRedirect(f"{reverse('workspace:inbox')}?{lead}ok={done}")


@staff_page(*INBOX_ROLES)
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filter that the inbox shows."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("workspace:inbox"))
    form = ViewForm(request.POST)
    query = InboxFilters(QueryDict(request.POST.get("saringan", ""))).query
    if form.is_valid():
        try:
            services.save_view(actor_of(request), form.cleaned_data["nama"], query)
        except BadInput as error:
            form.problem("nama", error.message)
        else:
            return _back("view_saved", query)
    return show(request, form, 422)


@staff_page(*INBOX_ROLES)
def change(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """Rename one's own filter, or delete it (`hapus`)."""
    mine = SavedView.objects.filter(pk=view_id, owner=actor_of(request).user_id).first()
    if mine is None:
        raise NotFound
    if request.method != "POST":
        return HttpResponseRedirect(f"{reverse('workspace:inbox')}?{mine.query}")
    if request.POST.get("hapus"):
        services.delete_view(actor_of(request), view_id)
        return _back("view_deleted")
    form = ViewForm(request.POST)
    if form.is_valid():
        try:
            services.rename_view(actor_of(request), view_id, form.cleaned_data["nama"])
        except BadInput as error:
            form.problem("nama", error.message)
        else:
            return _back("view_renamed", mine.query)
    return show(request, form, 422)
