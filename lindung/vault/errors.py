"""Errors of the vault. Their sentences are fixed: no key, passphrase or receipt ever becomes part of one."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.core.errors import BadInput, LindungError


class WrongPassphrase(LindungError):
    """The passphrase opens no key. The same answer is given, after the same work, for somebody who has none."""

    code = "wrong_passphrase"
    message = _("Nama masuk atau frasa sandi salah.")


class BadReceipt(BadInput):
    """What was typed cannot be a receipt; the check digits find it without asking the database."""

    code = "bad_receipt"

    def __init__(self, message: str | Promise) -> None:
        super().__init__("receipt", message)


class BadRecoveryKey(BadInput):
    """What was typed cannot be a recovery key."""

    code = "bad_recovery_key"

    def __init__(self, message: str | Promise) -> None:
        super().__init__("recovery_key", message)


class ForgedGrant(LindungError):
    """Somebody is written down as a holder of a team key to whom no holder ever gave it."""

    code = "forged_grant"
    message = _(
        "Ada penerima kunci yang tidak pernah diberi kunci oleh rekan. Kunci tidak diputar. Periksa siapa yang menulis "
        "langsung ke basis data."
    )


class SecretMissing(ImproperlyConfigured):
    """A secret that must lie off the data disk is not there; the message names the file and what makes it."""
