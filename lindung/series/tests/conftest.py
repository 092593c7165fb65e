"""What the tests of this room share: the reports and the people of the reporting room."""

from __future__ import annotations

from lindung.reporting.tests.conftest import Sent, acting, analyst, second, send, supervisor

__all__ = ["Sent", "acting", "analyst", "second", "send", "supervisor"]
