"""What a report is made of: the alert with its evidence, the two sides of each payment, and who reports.

Times are whole UTC seconds, rupiah whole numbers, other money exact decimals. Empty text and None both mean: not known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from lindung_redflags.catalogue.model import CLASSES
from lindung_redflags.errors import BadInput
from lindung_redflags.local import local_day, years_between
from lindung_redflags.rows import MINOR_KINDS

ENTITY_KINDS = ("business", "merchant", "school", "charity", "biller")
"""Kinds of account that are written as an entity, not as a person."""

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Source:
    """Where an indicator comes from. `mark`: S text read, S2 secondary page read, F file read, K not checked."""

    name: str
    mark: str
    date: str = ""
    where: str = ""


@dataclass(frozen=True)
class Hit:
    """One indicator that was met, with its figures as the scan wrote them; `says`: the same in words."""

    indicator: str
    at: int
    observed: str
    threshold: str
    tx_ids: tuple[str, ...]
    title_id: str = ""
    title_en: str = ""
    sources: tuple[Source, ...] = ()
    says_id: str = ""
    says_en: str = ""


@dataclass(frozen=True)
class Payment:
    """One payment. `amount` in units of `currency`; `amount_idr` in whole rupiah."""

    tx_id: str
    t: int
    amount: Decimal
    currency: str
    amount_idr: int
    payer_id: str
    payee_id: str
    channel: str
    remark: str = ""
    status: str = "completed"
    payer_country: str = ""
    payee_country: str = ""


@dataclass(frozen=True)
class Unchecked:
    """Something that was not looked at, and why: an indicator that did not run, a list that was not there."""

    name: str
    why_id: str
    why_en: str


@dataclass(frozen=True)
class Alert:
    """One alert of a scan with its hits and payments. `subject_class`: payer, payee or possible_victim.

    `victim_signs`: indicators that say that the same account may be a victim's in the same time. It was held back then,
    and a person decided that it is raised.
    """

    alert_id: str
    account_id: str
    subject_class: str
    hits: tuple[Hit, ...]
    payments: tuple[Payment, ...]
    holder_id: str = ""
    score: int = 0
    raised_at: int | None = None
    unchecked: tuple[Unchecked, ...] = ()
    victim_signs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.subject_class not in CLASSES:
            raise BadInput(f"alert: class is {self.subject_class!r}; expected one of {', '.join(CLASSES)}")

    @property
    def completed(self) -> tuple[Payment, ...]:
        """The payments that went through, in the order of time, then of their id."""
        return tuple(sorted((p for p in self.payments if p.status == "completed"), key=lambda p: (p.t, p.tx_id)))

    @property
    def others(self) -> tuple[Payment, ...]:
        """Declined and reversed payments: told in the text, never reported as money that moved."""
        return tuple(sorted((p for p in self.payments if p.status != "completed"), key=lambda p: (p.t, p.tx_id)))


@dataclass(frozen=True)
class Party:
    """One account and its holder, as the institution knows them. `possible_victim`: somebody may have been harmed here.

    `gender` is on the form of some authorities. It is read from the file of parties only and no indicator ever sees it.
    """

    account_id: str
    holder_id: str = ""
    kind: str = "person"
    customer: bool = False
    possible_victim: bool = False
    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    entity_name: str = ""
    gender: str = ""
    birth_date: date | None = None
    birth_place: str = ""
    id_number: str = ""
    passport_number: str = ""
    passport_country: str = ""
    nationality: str = ""
    residence: str = ""
    phone: str = ""
    street: str = ""
    city: str = ""
    email: str = ""
    occupation: str = ""
    incorporation_number: str = ""
    business: str = ""
    account_name: str = ""
    account_currency: str = ""
    product: str = ""
    opened_on: date | None = None
    account_status: str = ""
    institution_name: str = ""
    institution_code: str = ""
    swift: str = ""
    branch: str = ""
    country: str = ""
    offset_s: int | None = None

    @property
    def holder(self) -> str:
        return self.holder_id or self.account_id

    @property
    def is_entity(self) -> bool:
        return bool(self.entity_name) or self.kind in ENTITY_KINDS

    def is_minor(self, t: int) -> bool:
        """Under 18 on the local date of a second, else by the kind of account."""
        if self.birth_date is None:
            return self.kind in MINOR_KINDS
        return years_between((self.birth_date - _EPOCH).days, local_day(t, self.offset_s)) < 18


@dataclass(frozen=True)
class Reporter:
    """Who reports: the institution under its number at the FIU, and the officer who answers for the report."""

    rentity_id: str = ""
    rentity_branch: str = ""
    name: str = ""
    institution_code: str = ""
    swift: str = ""
    city: str = ""
    first_name: str = ""
    last_name: str = ""
    occupation: str = ""
    email: str = ""
    phone: str = ""
    reporting_user_code: str = ""
    action: str = ""
    """What the institution did, in words of its own; empty: nothing is said."""


@dataclass(frozen=True)
class Evidence:
    """An alert and everybody in it, by account_id. Raises BadInput when one side of a payment is nobody."""

    alert: Alert
    parties: dict[str, Party] = field(default_factory=dict)

    def __post_init__(self) -> None:
        named = {self.alert.account_id} | {side for p in self.alert.payments for side in (p.payer_id, p.payee_id)}
        if unknown := sorted(named - set(self.parties)):
            raise BadInput(f"parties: nothing is said about {len(unknown)} accounts, the first is {unknown[0]}")
        ids = [payment.tx_id for payment in self.alert.payments]
        if len(ids) != len(set(ids)):
            raise BadInput("alert: a payment stands twice; expected each tx_id once")
        if any(payment.amount <= 0 for payment in self.alert.payments):
            raise BadInput("alert: a payment has no amount above zero")

    @property
    def subject(self) -> Party:
        return self.parties[self.alert.account_id]

    @cached_property
    def possible_victims(self) -> frozenset[str]:
        """Holders who may be victims: so marked, the subject of such an alert, or under 18 at the first payment."""
        first = min((*(p.t for p in self.alert.payments), *(hit.at for hit in self.alert.hits)), default=None)
        found = {
            one.holder
            for one in self.parties.values()
            if one.possible_victim or (first is not None and one.is_minor(first))
        }
        if self.alert.subject_class == "possible_victim":
            found.add(self.subject.holder)
        return frozenset(found)

    def may_be_victim(self, account_id: str) -> bool:
        """Whether the holder of an account may be a victim, whichever of the holder's accounts it is."""
        return self.parties[account_id].holder in self.possible_victims

    def is_suspected(self, account_id: str) -> bool:
        """Whether the leg of an account is marked: only the alert's own subject, and never a possible victim."""
        return account_id == self.alert.account_id and not self.may_be_victim(account_id)

    @property
    def names_a_possible_victim(self) -> bool:
        return bool(self.possible_victims)
