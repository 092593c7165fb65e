"""Failures that only this room knows."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from lindung.core.errors import BadInput
from lindung.directory.rules import Hindrance


class DoesNotFit(BadInput):
    """The body is not quite the right one: it goes there only with a written reason. `words` say why it may not be."""

    code = "does_not_fit"

    def __init__(self, found: Iterable[Hindrance], words: Iterable[str]) -> None:
        self.found, self.words = tuple(found), tuple(words)
        super().__init__("override", _("Lembaga ini belum cocok. Pilih yang lain, atau tulis mengapa tetap ke sana."))
