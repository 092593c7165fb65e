"""What is handed over: written into a sealed record of its own for each version, read from either side.

Fields of a version's record, all under the staff key: `about` (the goal and what else is needed), `section:<code>`,
and `news:<hex>` of what was told since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.casework import outgoing
from lindung.casework.knowledge import rights as casework
from lindung.casework.services.access import checked_text, decode, encode
from lindung.core import clock
from lindung.core.errors import BadInput
from lindung.vault import services as vault
from lindung.vault.services import RecordKeys

from .. import knowledge, rules_fit
from ..models import Referral, Version

KIND = "referral"
"""Kind of the sealed records of this room."""

ABOUT, SECTION = "about", "section:"


@dataclass(frozen=True)
class Contents:
    """The words of one version. `sections`: code -> text, as a person read and corrected it; never empty texts."""

    goal: str = field(repr=False)
    sections: Mapping[str, str] = field(repr=False)
    needs: tuple[str, ...] = ()

    @property
    def texts(self) -> str:
        """Everything that a person wrote or let stand, for the gate."""
        return "\n".join([self.goal, *(text for code, text in self.sections.items() if code != outgoing.CAUTIONS)])

    @property
    def chosen(self) -> tuple[str, ...]:
        """The sections that somebody chose: the cautions travel with everything."""
        return tuple(code for code in self.sections if code != outgoing.CAUTIONS)


def checked(service: str, goal: str, sections: Mapping[str, str], needs: tuple[str, ...]) -> Contents:
    """Return the contents as they are to be sealed. Raises BadInput for an unknown section, one that this service never
    gets, an unknown need, a text that cannot be kept, or a goal without words."""
    checked_text("goal", goal)
    never = knowledge.usual_sections()[service].never
    kept = {}
    for code, text in sections.items():
        if code == outgoing.CAUTIONS:
            continue
        if code not in casework.sections() or code in never:
            raise BadInput("sections", _("Bagian ini tidak diberikan untuk layanan itu."))
        checked_text(code, text, required=False)
        if text.strip():
            kept[code] = text
    unknown = set(needs) - set(rules_fit.NEEDS)
    if unknown:
        raise BadInput("needs", _("Pilih dari daftar."))
    return Contents(goal, kept, tuple(need for need in rules_fit.NEEDS if need in needs))


def with_cautions(contents: Contents, guarded: outgoing.Guarded) -> Contents:
    """The same with the present instructions: who may not know, what must not be asked or passed on."""
    sections = {code: text for code, text in contents.sections.items() if code != outgoing.CAUTIONS}
    if lines := outgoing.cautions(guarded):
        sections[outgoing.CAUTIONS] = "\n".join(lines)
    return Contents(contents.goal, sections, contents.needs)


def write_version(referral: Referral, contents: Contents, actor: Actor) -> tuple[Version, RecordKeys]:
    """Seal a new version under fresh keys that the sending team alone opens. Inside a transaction."""
    keys = vault.new_record(kind=KIND, team_id=referral.case.team_id)
    about: dict[str, Any] = {"goal": contents.goal, "needs": list(contents.needs)}
    fields = {ABOUT: (vault.STAFF, encode(ABOUT, about))}
    for code, text in contents.sections.items():
        fields[SECTION + code] = (vault.STAFF, encode(code, {"text": text}))
    vault.put_first(record_id=keys.record_id, keys=keys, fields=fields)
    last = Version.objects.filter(referral=referral).order_by("-number").values_list("number", flat=True).first()
    version = Version.objects.create(
        referral=referral, number=(last or 0) + 1, record_id=keys.record_id,
        made_at=clock.now(), made_by_id=actor.user_id,
    )  # fmt: skip
    return version, keys


def read(version: Version, keys: RecordKeys) -> tuple[Contents, dict[str, dict[str, Any]]]:
    """The contents of a version, and the news that were told in it by the names of their fields."""
    return from_fields(vault.get_many(record_id=version.record_id, keys=keys))


def from_fields(sealed: Mapping[str, bytes]) -> tuple[Contents, dict[str, dict[str, Any]]]:
    """The same from opened fields."""
    about = decode(sealed[ABOUT]) if ABOUT in sealed else {}
    found = {name: decode(raw) for name, raw in sealed.items() if name != ABOUT}
    order = [*casework.sections(), outgoing.CAUTIONS]
    sections = {
        code: str(found[SECTION + code].get("text", "")) for code in order if SECTION + code in found
    }  # fmt: skip
    news = {name: value for name, value in found.items() if not name.startswith(SECTION)}
    return Contents(str(about.get("goal", "")), sections, tuple(about.get("needs", ()))), news
