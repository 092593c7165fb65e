"""Addresses of the staff front door, below /kerja/. Every one answers 404 to whoever may not know that it exists."""

from __future__ import annotations

from django.urls import path

from lindung.workspace import views

app_name = "workspace"

urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("laporan/<uuid:report_id>/", views.report, name="report"),
]
