"""Canned answers of the demonstration: the examples taken over by one analyst, read and approved by the supervisor."""

from __future__ import annotations

from datetime import datetime, timedelta

from lindung.cli.demo.people import Cast
from lindung.core import clock
from lindung.desk import knowledge, selectors, services
from lindung.desk.models import CannedAnswer
from lindung.desk.services import AnswerInput

WAITING = ("witness", "cannot")
"""Examples that nobody has approved yet, so that visitors can."""


def fill(cast: Cast, at: datetime) -> None:
    """Take all examples over; approve all but two, and leave one change waiting for a second person."""
    writer, reader = cast.actors["melati"], cast.actors["cempaka"]
    with clock.frozen(at):
        services.take_over_starters(writer, knowledge.starters())
    with clock.frozen(at + timedelta(hours=3)):
        for answer in CannedAnswer.objects.exclude(starter__in=WAITING):
            services.decide_answer(reader, answer.pk, 1, approve=True)
    with clock.frozen(at + timedelta(days=40)):
        changed = next(row for row in selectors.offered(writer) if row.answer.starter == "stop_paying")
        entry = AnswerInput(
            changed.topic,
            changed.title_id,
            changed.title_en,
            changed.text_id.replace("Kamu sudah membayar?", "Kamu sudah sempat bayar?"),
            changed.text_en.replace("Have you paid already?", "Did you pay already?"),
        )
        services.change_answer(writer, changed.answer_id, entry, changed.number)
