"""A machine sends a report: sealed on arrival like every other, once however often it is sent, with one answer.

The report, what the partner knows it by, and the sealed answer are written in one transaction: this room's rows are
made by a receiver of reporting's `report_received`, which is sent inside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.dispatch import receiver

from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput
from lindung.reporting import answers as answering
from lindung.reporting import services as reporting
from lindung.reporting import signals
from lindung.reporting.models import Report
from lindung.reporting.services.storing import storing
from lindung.vault import responses
from lindung.vault.responses import RequestKeys

from .. import limits, rules, selectors
from ..errors import KeyExpired, KeyReused, MediaRefused, TooMany
from ..models import CoarseState, Purpose, Scope, StoredResponse, Submission
from .tokens import Caller, need

CHANNEL = "api"
NO_RECEIPT = "00000000000000000098"
"""What a practice token is given in place of a receipt: plainly none, and it opens nothing."""

Identifiers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Content:
    """One report as a partner sends it. `answers`: questions of reporting/knowledge with their codes or words.

    `identifiers`: (kind, value) of the other side; `links`: addresses where material was seen, never fetched;
    `happened_on`: the day, if it is known. All may be empty. `language`: id or en.
    """

    answers: Mapping[str, Any] = field(default_factory=dict, repr=False)
    identifiers: Identifiers = field(default=(), repr=False)
    links: tuple[str, ...] = field(default=(), repr=False)
    happened_on: date | None = None
    language: str = "id"


@dataclass(frozen=True)
class Answer:
    """What the partner gets back: `body` is the whole answer as it is sent; `replayed`: it was sent before."""

    body: dict[str, Any] = field(repr=False)
    replayed: bool = False


@dataclass
class _Arriving:
    """What the receiver below needs to know of a request; it puts the report that it was called for into `report`."""

    caller: Caller
    keys: RequestKeys
    body_tag: bytes
    quiet: bool
    report: Report | None = None


_arriving: ContextVar[_Arriving | None] = ContextVar("lindung_partners_arriving", default=None)


def submit(caller: Caller, *, key: str, content: Content, body: bytes) -> Answer:
    """Take in a report, or give again the answer that the same request got before.

    `key`: the Idempotency-Key, 16 to 200 characters; `body`: what was sent, in one canonical form, to tell a repetition
    from another report. Raises MissingScope; KeyReused when the key came with another body; KeyExpired when the answer
    is no longer kept; BadInput (MediaRefused) for what cannot be accepted; TooMany; Unavailable. Nothing is stored
    then. A repetition needs no turn at the gate, and no derivation.
    """
    need(caller, Scope.SUBMIT)
    keys = responses.keys_of(caller=caller.id, secret=caller.secret, name=key)
    tag = responses.body_tag(keys, body)
    if caller.token.sandbox:
        check(content)
        return _practice(caller, keys)
    with storing():
        known = _stored(keys, tag)
        if known is None and Submission.objects.filter(reference=keys.reference).exists():
            known = _stored(keys, tag)  # both rows may have come in between the two looks
            if known is None:
                raise KeyExpired
        if known is not None:
            return known
    answers = check(content)
    with storing():
        if selectors.sent_today(caller.token) >= caller.token.daily_limit:
            raise TooMany(_seconds_left_today(), today=True)
    quiet = caller.token.purpose == Purpose.SCHOOL or rules.names_partner(
        answering.codes(answers, "concern"), caller.token.organisation.kind
    )
    with limits.place(caller.token.pk):
        sent = _receive(_Arriving(caller, keys, tag, quiet), answers, content.language)
    with storing():
        answer = _stored(keys, tag)
    if answer is None:
        raise KeyExpired
    return Answer(answer.body, replayed=not sent)


def _receive(arriving: _Arriving, answers: answering.Answers, language: str) -> bool:
    """Hand the report to the one door there is; False when another request with the same key was faster."""
    written = _arriving.set(arriving)
    try:
        report = reporting.receive(
            answers=answers,
            code=arriving.keys.receipt,
            walk_id=arriving.keys.walk,
            language=language,
            source=f"partner {arriving.caller.token.pk.hex}",
            channel=CHANNEL,
        )
    finally:
        _arriving.reset(written)
    return report is arriving.report


@receiver(signals.report_received, dispatch_uid="partners.report_received")
def _keep(sender: Any, *, report: Report, **_: Any) -> None:
    """Write this room's rows in the transaction of the report itself."""
    arriving = _arriving.get()
    if arriving is None or report.channel != CHANNEL:
        return
    caller, keys = arriving.caller, arriving.keys
    Submission.objects.create(
        reference=keys.reference,
        token=caller.token,
        report=report,
        quiet=arriving.quiet,
        received_at=report.received_at,
    )
    body = _body(caller, keys.reference, report.received_at, report.promised_at, keys.receipt)
    StoredResponse.objects.create(
        tag=keys.tag,
        body_tag=arriving.body_tag,
        sealed=responses.seal_response(keys, json.dumps(body).encode()),
        day=selectors.today(),
    )
    audit.record(
        "partners.report_submitted",
        actor="",
        subject=report.pk.hex,
        data={"token": caller.token.pk},
        coarse=True,
    )
    arriving.report = report


def _stored(keys: RequestKeys, body_tag: bytes) -> Answer | None:
    row = StoredResponse.objects.filter(tag=keys.tag).first()
    if row is None:
        return None
    if bytes(row.body_tag) != body_tag:
        raise KeyReused
    return Answer(json.loads(responses.open_response(keys, bytes(row.sealed))), replayed=True)


def _body(caller: Caller, reference: str, received: datetime, promised: datetime, receipt: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "reference": reference,
        "state": str(CoarseState.RECEIVED),
        "received_at": _moment(received),
        "promised_at": _moment(promised),
        "sandbox": caller.token.sandbox,
    }
    if Scope.RECEIPT in caller.token.scope_set:
        body["receipt"] = receipt
    return body


def _practice(caller: Caller, keys: RequestKeys) -> Answer:
    """The same answer for the same request, and nothing stored: no report, no reference, no answer."""
    now = clock.coarse_now()
    return Answer(_body(caller, keys.practice, now, now, NO_RECEIPT))


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seconds_left_today() -> int:
    day = selectors.today()
    return max(60, int(86400 - (clock.now() - selectors.day_begins(day)).total_seconds()))


# --- what was sent --------------------------------------------------------------------------------------------------


def check(content: Content) -> answering.Answers:
    """Return the content as answers of a report. Raises BadInput, with the field that the partner knows."""
    answers = dict(content.answers)
    answers.setdefault("path", "professional")
    if content.identifiers:
        answers["accounts"] = "\n".join(_line(kind, value) for kind, value in content.identifiers)
    if content.links:
        answers["media_url"] = "\n".join(content.links)
    if content.happened_on is not None:
        answers["happened_on"] = content.happened_on.isoformat()
        told = _when(content.happened_on)
        if told and not answers.get("when"):
            answers["when"] = told
    for name, value in answers.items():
        if isinstance(value, str) and rules.carries_a_file(value):
            raise MediaRefused(_NAMES.get(name, name))
    try:
        with storing():
            return answering.check(answers)
    except BadInput as error:
        raise BadInput(_NAMES.get(error.field, error.field), error.message) from None


_NAMES = {"accounts": "identifiers", "media_url": "links"}


def _line(kind: str, value: str) -> str:
    """One identifier as a person would write it on a line of its own, so that both are found by each other."""
    return f"@{value.lstrip('@')}" if kind == "handle" and " " not in value else value


def _when(day: date) -> str:
    """The answer to "when" that a known day gives; "" for a day that has not come. Generous: a day has 24 hours."""
    days = (selectors.today() - day).days
    if days < 0:
        return ""
    for code, longest in (("within_72h", 3), ("week", 7), ("month", 31), ("year", 366)):
        if days <= longest:
            return code
    return "longer"
