"""Failures that only this room knows. Each speaks of reports that the person sees, and of no other."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lindung.core.errors import Conflict


class OtherSeries(Conflict):
    """Both reports stand in series already, in different ones."""

    code = "other_series"
    message = _("Kedua laporan sudah ada di seri yang berbeda. Keluarkan dulu salah satunya.")


class CannotMerge(Conflict):
    """The two cannot be handled as one; the message says why."""

    code = "cannot_merge"
    message = _("Kedua laporan ini tidak bisa digabung.")
