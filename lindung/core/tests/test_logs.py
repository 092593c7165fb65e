"""A log line tells a keeper what broke and where, and nothing of what anybody wrote."""

from __future__ import annotations

import logging

from lindung.core.logs import QuietFormatter


def _record(name: str, message: str, args: tuple[object, ...], error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord(name, logging.ERROR, __file__, 1, message, args, info)  # type: ignore[arg-type]


def test_the_message_of_an_error_is_left_out_and_its_place_is_named() -> None:
    try:
        raise ValueError("rahasia anak")
    except ValueError as error:
        line = QuietFormatter().format(_record("lindung.reporting", "failed", (), error))
    assert "rahasia" not in line
    assert "ValueError at test_logs.py" in line


def test_arguments_of_foreign_loggers_are_left_out() -> None:
    line = QuietFormatter().format(_record("django.request", "Bad Request: %s", ("/kotak/?q=rahasia",)))
    assert line == "ERROR django.request: Bad Request: %s"


def test_a_ready_made_text_of_a_foreign_logger_is_left_out() -> None:
    """Django logs a refused host, a forged redirect or a broken form as one finished sentence that quotes it."""
    line = QuietFormatter().format(_record("django.security.DisallowedHost", "Invalid HTTP_HOST header: 'rahasia'", ()))
    assert line == "ERROR django.security.DisallowedHost: (text left out)"


def test_our_own_codes_are_printed() -> None:
    assert QuietFormatter().format(_record("lindung.work", "sent %s alerts", (3,))).endswith("sent 3 alerts")
