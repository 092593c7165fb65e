"""Typed errors. Their messages are fixed sentences: nothing that a person wrote ever becomes part of one."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class LindungError(Exception):
    """Base of every expected failure. `code` is stable for programs, `message` is translated for people."""

    code = "error"
    message: str | Promise = _("Ada yang tidak beres.")

    def __init__(self, message: str | Promise | None = None) -> None:
        if message is not None:
            self.message = message
        super().__init__(self.code)


class NotAllowed(LindungError):
    """The rule says no. Shown as 404, so that nobody learns what exists."""

    code = "not_allowed"
    message = _("Halaman ini tidak ada.")


class NotFound(LindungError):
    """There is no such thing, or it is hidden from this person."""

    code = "not_found"
    message = _("Halaman ini tidak ada.")


class Conflict(LindungError):
    """The record changed since it was opened, or somebody else was faster."""

    code = "conflict"
    message = _("Catatan ini baru saja diubah orang lain. Lihat dulu perubahannya.")


class BadInput(LindungError):
    """One field cannot be accepted; `message` says what was expected."""

    code = "bad_input"

    def __init__(self, field: str, message: str | Promise) -> None:
        self.field = field
        super().__init__(message)


class SealBroken(LindungError):
    """A sealed value was changed, swapped or belongs to another record."""

    code = "seal_broken"
    message = _("Catatan tersegel ini rusak atau tertukar, jadi tidak dibuka.")


class Locked(LindungError):
    """The key of this session is not unlocked: sign in again."""

    code = "locked"
    message = _("Sesi terkunci. Masuk lagi dengan frasa sandi.")


class Unavailable(LindungError):
    """The store cannot take the record now (disk full, database down)."""

    code = "unavailable"
    message = _("Sistem sedang tidak bisa menyimpan. Tulisanmu belum terkirim.")
