"""Pages of the staff front door."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def inbox(request: HttpRequest) -> HttpResponse:
    return render(request, "workspace/base.html")


def report(request: HttpRequest, report_id: UUID) -> HttpResponse:
    return render(request, "workspace/base.html")
