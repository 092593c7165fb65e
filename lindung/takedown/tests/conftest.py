"""What the tests of this room share: reports, people at work, and one request on its way."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lindung.accounts.models import User
from lindung.core import clock
from lindung.reporting import services as reporting
from lindung.reporting.models import Report
from lindung.reporting.services import mailbox
from lindung.takedown import services
from lindung.takedown.models import Item, Notice
from lindung.vault import receipts

MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""Monday 23 November 2026, 10:00 in Jakarta."""
LINK = "https://contoh-tautan.invalid/halaman/48213?x=Ab"
HASH = "0123456789abcdef0123456789abcdef"


class Sent:
    """A report with what its reporter keeps."""

    def __init__(self, report: Report, code: str) -> None:
        self.report, self.code, self.pk = report, code, report.pk

    def visit(self) -> mailbox.Visit:
        return mailbox.enter(self.code, "203.0.113.9")


class Desk:
    """One person of the cast at work."""

    def __init__(self, cast: Any, user: User) -> None:
        self.user, self.actor, self.keyring = user, cast.actor(user), cast.keyring(user)

    def add(self, sent: Sent, *addresses: str, **more: Any) -> list[Item]:
        values = {"addressees": ["iwf"], "bases": ["iwf"], "platform": "", **more}
        entries = values.pop("entries", [("url", text) for text in addresses or (LINK,)])
        return services.add(self.actor, self.keyring, sent.pk, entries=entries, **values)

    def notice(self, *items: Item) -> Notice:
        return services.make_notice(self.actor, [item.pk for item in items])

    def send(self, *items: Item, **more: Any) -> Notice:
        return services.mark_sent(self.actor, self.keyring, self.notice(*items).pk, **more)

    def answer(self, item: Item, code: str = "removed", **more: Any) -> Item:
        return services.answer(self.actor, self.keyring, item.pk, code, **more)

    def check(self, item: Item, result: str = "not_there", method: str = "address", **more: Any) -> Item:
        return services.check(self.actor, item.pk, method, result, **more)

    def open(self, item: Item) -> Any:
        return services.open_item(self.actor, self.keyring, item.pk)


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    """Every test of this room begins on the same Monday."""
    with clock.frozen(MONDAY):
        yield


@pytest.fixture
def send(cast: Any) -> Callable[..., Sent]:
    """Return `send(**answers)`: everything sealed, a real receipt."""

    def make(**answers: Any) -> Sent:
        code = receipts.generate()
        report = reporting.receive(
            answers={"path": "witness", "media_url": LINK, **answers}, code=code, walk_id=secrets.token_bytes(32),
            language="id", source="203.0.113.9",
        )  # fmt: skip
        return Sent(report, code)

    return make


@pytest.fixture
def analyst(cast: Any) -> Desk:
    return Desk(cast, cast.analyst)


@pytest.fixture
def second(cast: Any) -> Desk:
    return Desk(cast, cast.second_analyst)


def later(**delta: float) -> Any:
    """Move the frozen clock on from where it is."""
    return clock.frozen(clock.now() + timedelta(**delta))
