"""What the auditor sees: events as codes, a verification on the spot, and files to take away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lindung.accounts.rules import AUDITOR
from lindung.audit import selectors, services
from lindung.audit.chain import Checkpoint
from lindung.audit.models import Event
from lindung.audit.verify import Finding
from lindung.workspace import times
from lindung.workspace.doors import staff_page
from lindung.workspace.forms import CheckpointForm

EVENTS_A_PAGE = 50
ZONE = "Asia/Jakarta"


@staff_page(AUDITOR)
def audit(request: HttpRequest) -> HttpResponse:
    """The latest events, newest first."""
    return _page(request, CheckpointForm())


@staff_page(AUDITOR)
def verify(request: HttpRequest) -> HttpResponse:
    """Verify the whole chain now, against the checkpoints that the auditor kept."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("workspace:audit"))
    form = CheckpointForm(request.POST)
    points: list[Checkpoint] = []
    if form.is_valid():
        try:
            lines = [line for line in form.cleaned_data["earlier"].splitlines() if line.strip()]
            points = [Checkpoint.from_json(line) for line in lines]
        except ValueError:
            form.problem("earlier", _("Ini bukan titik periksa. Tempel baris dari berkas yang kamu unduh."))
    if not form.is_valid():
        return _page(request, form, status=422)
    findings = selectors.verify_database(points)
    return _page(request, form, result={"findings": findings[:200], "points": len(points), "total": len(findings)})


@staff_page(AUDITOR)
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The head of the chain as a file of one line, to be kept away from this server."""
    point = services.checkpoint()
    return _attachment(HttpResponse(point.to_json() + "\n", content_type="application/json"), f"titik-{point.seq}.json")


@staff_page(AUDITOR)
def export(request: HttpRequest) -> Any:
    """Every event as one line each, closed by a checkpoint: the file that is verified elsewhere."""
    point = services.checkpoint()

    def lines() -> Iterator[str]:
        for row in selectors.rows(up_to=point.seq):
            yield json.dumps(row, ensure_ascii=True, separators=(",", ":")) + "\n"
        yield point.to_json() + "\n"

    response = StreamingHttpResponse(lines(), content_type="application/x-ndjson")
    return _attachment(response, f"audit-{point.seq}.jsonl")


def _attachment(response: Any, name: str) -> Any:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _page(
    request: HttpRequest, form: CheckpointForm, *, result: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    with transaction.atomic():
        page = Paginator(Event.objects.order_by("-seq"), EVENTS_A_PAGE).get_page(request.GET.get("p"))
        rows = [
            {
                "seq": event.seq,
                "at": times.local(event.at, ZONE, year=True),
                "actor": event.actor,
                "kind": event.kind,
                "subject": event.subject,
                "data": _pairs(event.data),
            }
            for event in page.object_list
        ]
    context = {"rows": rows, "page": page, "form": form, "result": result, "sentences": _sentences(result)}
    return render(request, "workspace/audit.html", context, status=status)


def _pairs(data: str) -> list[str]:
    """The codes of an event as "name: value"; an id is cut to its first eight digits."""
    found = json.loads(data)
    return [
        f"{name}: {value[:8] if isinstance(value, str) and len(value) == 32 else value}"
        for name, value in found.items()
    ]


def _sentences(result: dict[str, Any] | None) -> list[str]:
    return [_finding(finding) for finding in result["findings"]] if result else []


def _finding(finding: Finding) -> str:
    words = {
        "changed": _("Peristiwa %(seq)s diubah setelah ditulis."),
        "missing": _("Peristiwa %(seq)s hilang dari tengah."),
        "reordered": _("Peristiwa %(seq)s dipindah dari urutannya."),
        "repeated": _("Peristiwa %(seq)s ada lebih dari sekali."),
        "unreadable": _("Peristiwa %(seq)s tidak bisa dibaca."),
        "truncated": _("Mulai peristiwa %(seq)s, akhir catatan dipotong."),
        "rewritten": _("Peristiwa %(seq)s bukan yang dilihat titik periksa: rantai dihitung ulang."),
    }
    return words.get(finding.what, "%(seq)s: " + finding.what) % {"seq": finding.seq}
