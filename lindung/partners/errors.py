"""Failures that only this room knows. The codes are part of the API: partners' programs depend on them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.core.errors import BadInput, Conflict, LindungError


class TokenRefused(LindungError):
    """No such token, or its secret is wrong. Which one is not told."""

    code = "invalid_token"
    message = _("Token ini tidak berlaku.")


class TokenExpired(TokenRefused):
    """Told only to whoever knows the secret."""

    code = "token_expired"
    message = _("Masa berlaku token ini sudah habis. Minta yang baru.")


class TokenRevoked(TokenRefused):
    """Told only to whoever knows the secret."""

    code = "token_revoked"
    message = _("Token ini sudah dicabut. Minta yang baru.")


class MissingScope(LindungError):
    """The token is good but may not do this."""

    code = "missing_scope"
    message = _("Token ini tidak boleh dipakai untuk itu.")


class KeyReused(LindungError):
    """The same Idempotency-Key came with another body. Nothing was stored."""

    code = "idempotency_key_reused"
    message = _("Idempotency-Key ini sudah dipakai untuk laporan lain. Pakai kunci baru untuk laporan baru.")


class KeyExpired(Conflict):
    """The report of this key is in, but the answer to it is no longer kept."""

    code = "idempotency_key_expired"
    message = _("Laporan dengan Idempotency-Key ini sudah masuk dulu. Jawabannya tidak disimpan lagi.")


class TooMany(LindungError):
    """Try again after `seconds`."""

    code = "too_many_requests"
    message = _("Terlalu banyak kiriman. Coba lagi nanti.")

    def __init__(self, seconds: int, *, today: bool = False) -> None:
        self.seconds = seconds
        if today:
            self.code = "daily_limit_reached"
        super().__init__(_("Batas kiriman hari ini sudah tercapai. Kalau ada bahaya, telepon.") if today else None)


class MediaRefused(BadInput):
    """A picture, film, sound or file, also in disguise."""

    code = "media_refused"

    def __init__(self, field: str, message: str | Promise | None = None) -> None:
        super().__init__(
            field, message or _("Gambar, video, suara, dan berkas tidak pernah diterima. Kirim link atau nama akunnya.")
        )
