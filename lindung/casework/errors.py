"""Failures that only this room knows."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.core.errors import BadInput, Conflict, LindungError


class SharedWorker(Conflict):
    """The person works with another child of the same incident: each child has people of its own."""

    code = "shared_worker"
    message = _("Orang ini sudah mendampingi anak lain dari kejadian yang sama. Pilih pendamping lain.")


class AlreadyACase(Conflict):
    """The report already led to a case, and nobody said that this one is for another child."""

    code = "already_a_case"
    message = _("Laporan ini sudah punya kasus. Kalau ini untuk anak lain, tandai sebagai anak lain.")


class NoCaseFromHelp(Conflict):
    """An adult who fears harming a child asks for help: that is never a case."""

    code = "no_case_from_help"
    message = _("Pesan ini dari orang yang mencari bantuan untuk dirinya. Ini bukan kasus.")


class CaseClosed(Conflict):
    """The case is closed; it has to be opened again first."""

    code = "case_closed"
    message = _("Kasus ini sudah ditutup. Buka kembali dulu kalau masih ada yang perlu dilakukan.")


class NoConsent(LindungError):
    """Nothing may leave or begin: no valid yes, no signed decision in its place. `reasons`: codes of rules_consent."""

    code = "no_consent"
    message = _("Belum ada persetujuan yang berlaku untuk langkah ini.")

    def __init__(self, reasons: tuple[str, ...] = (), message: str | Promise | None = None) -> None:
        self.reasons = reasons
        super().__init__(message)


class Barred(BadInput):
    """The text names what may not be told, or would reach somebody who may not know. `codes`: ids, never words."""

    code = "barred"

    def __init__(self, field: str, message: str | Promise, codes: tuple[str, ...] = ()) -> None:
        self.codes = codes
        super().__init__(field, message)


class NotYet(LindungError):
    """Something has to be done first. `obstacles`: codes that the page has sentences for."""

    code = "not_yet"
    message = _("Langkah ini belum bisa dilakukan.")

    def __init__(self, obstacles: tuple[str, ...]) -> None:
        self.obstacles = obstacles
        super().__init__()
