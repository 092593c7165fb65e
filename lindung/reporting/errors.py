"""Failures that only this room knows."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.core.errors import BadInput, Conflict, LindungError


class WrongReceipt(BadInput):
    """No mailbox opens with this receipt: mistyped, never given, or erased since. Which one is not told."""

    code = "wrong_receipt"

    def __init__(self, message: str | Promise | None = None) -> None:
        super().__init__("receipt", message or _("Kode ini tidak membuka kotak mana pun. Periksa lagi angkanya."))


class NoRecipient(Conflict):
    """Every team that could receive this report is named by it. Nothing was changed."""

    code = "no_recipient"
    message = _("Tidak ada tim lain yang boleh menerima laporan ini. Tidak ada yang diubah.")


class StoppedMeanwhile(Conflict):
    """The report is locked by a withdrawal, or the way back has passed."""

    code = "stopped"
    message = _("Kotak ini sedang dikunci karena kamu meminta berhenti.")


class TooLate(Conflict):
    """The waiting period is over."""

    code = "too_late"
    message = _("Waktu untuk berubah pikiran sudah lewat.")


class HeldByColleague(Conflict):
    """Somebody else works on this report. What was typed is still with the caller."""

    code = "held_by_colleague"
    message = _("Rekan lain sedang memegang laporan ini. Tulisanmu belum tersimpan.")


class Merged(Conflict):
    """The report is handled together with another one: taken, judged and closed there."""

    code = "merged"
    message = _("Laporan ini digabung dengan laporan lain: ambil, nilai, dan tutup lewat laporan itu.")


class NotYet(LindungError):
    """Something must be done before this report can be closed: codes of `services.closing.OBSTACLES`."""

    code = "not_yet"
    message = _("Laporan ini belum bisa ditutup.")

    def __init__(self, obstacles: tuple[str, ...]) -> None:
        self.obstacles = obstacles
        super().__init__()
