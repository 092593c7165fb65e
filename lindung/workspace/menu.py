"""What each role finds in the menu. A feature that is not there is not in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts import rules
from lindung.accounts.actors import Actor
from lindung.directory import rules as directory

INBOX_ROLES = (rules.ANALYST, rules.CASE_WORKER, rules.SUPERVISOR)
JUDGE_ROLES = (rules.ANALYST, rules.SUPERVISOR)
DIRECTORY_ROLES = tuple(sorted(directory.READERS))

_MENU: tuple[tuple[str, str | Promise, tuple[str, ...]], ...] = (
    ("workspace:inbox", _("Kotak masuk"), INBOX_ROLES),
    ("workspace:cases", _("Kasus"), INBOX_ROLES),
    ("workspace:referrals", _("Rujukan masuk"), (rules.PARTNER, rules.CASE_WORKER, rules.SUPERVISOR)),
    ("workspace:groups", _("Kelompok"), INBOX_ROLES),
    ("workspace:intake", _("Terima"), INBOX_ROLES),
    ("workspace:transfers", _("Antartim"), JUDGE_ROLES),
    ("workspace:takedown", _("Hapus"), INBOX_ROLES),
    ("workspace:takedown_statistics", _("Waktu jawaban"), (rules.DATA_ANALYST,)),
    ("workspace:series_list", _("Seri"), INBOX_ROLES),
    ("workspace:statistics", _("Statistik"), (rules.SUPERVISOR, rules.DATA_ANALYST)),
    ("workspace:directory", _("Direktori"), DIRECTORY_ROLES),
    ("workspace:roster", _("Jaga"), INBOX_ROLES),
    ("workspace:colleagues", _("Rekan"), INBOX_ROLES),
    ("workspace:canned", _("Jawaban"), INBOX_ROLES),
    ("workspace:terms", _("Istilah"), INBOX_ROLES),
    ("workspace:platforms", _("Platform"), INBOX_ROLES),
    ("workspace:holds", _("Penyimpanan hukum"), (rules.SUPERVISOR,)),
    ("workspace:breaches", _("Insiden"), (rules.SUPERVISOR, rules.ADMINISTRATOR)),
    ("workspace:audit", _("Jejak audit"), (rules.AUDITOR,)),
    ("accounts:people", _("Orang"), (rules.ADMINISTRATOR,)),
    ("workspace:partner_tokens", _("Mesin mitra"), (rules.ADMINISTRATOR,)),
    ("accounts:grants", _("Kunci rekan"), tuple(rules.CONTENT_ROLES)),
)


@dataclass(frozen=True)
class Entry:
    """One entry of the menu; `here` when the page belongs to it, `count` how much waits behind it."""

    url: str
    label: str | Promise
    here: bool
    count: int = 0


def entries(actor: Actor, path: str, counts: Mapping[str, int] | None = None) -> list[Entry]:
    """The entries for this person, in order; `path` is the address of the page, `counts` see `badges.counts`."""
    home = reverse("workspace:inbox")
    found = []
    for name, label, roles in _MENU:
        if actor.has_role(*roles):
            url = reverse(name)
            here = path.startswith((url + "laporan/",)) or path == url if url == home else path.startswith(url)
            found.append(Entry(url, label, here, (counts or {}).get(name, 0)))
    return found
