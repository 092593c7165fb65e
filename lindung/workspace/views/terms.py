"""The glossary, and looking at a text before it is sent. What is looked at is kept nowhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lindung.desk import knowledge
from lindung.workspace import care
from lindung.workspace.doors import staff_page
from lindung.workspace.forms_desk import TryForm
from lindung.workspace.menu import INBOX_ROLES
from lindung.workspace.wordhints import measure, noted

FRAGMENT = "hints"
"""What the script says in X-Requested-With: it gets a piece of a page, everybody else the whole."""


@staff_page(*INBOX_ROLES)
def terms(request: HttpRequest) -> HttpResponse:
    """The words of the network with what they stand for; a POST looks at a text and stores nothing."""
    if request.method == "POST" and request.headers.get("X-Requested-With") == FRAGMENT:
        care.touch(request)
        text = request.POST.get("text", "")
        context = {"notes": noted(text), "reading": measure(text, request.POST.get("ukur", ""))}
        return render(request, "workspace/desk/hints.html", context)
    form = TryForm.as_typed(request.POST) if request.method == "POST" else TryForm()
    return render(request, "workspace/desk/terms.html", {"terms": knowledge.terms().values(), "form": form})
