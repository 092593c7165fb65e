"""Log lines that cannot betray anybody: no error messages, arguments, query strings, addresses or user agents."""

from __future__ import annotations

import logging
import traceback


class QuietFormatter(logging.Formatter):
    """Prints level, logger, the fixed text of the message and, of an error, only its type and where it happened.

    Arguments are printed for our own loggers alone (they hold codes and counts). Of other libraries only the template
    of a message is printed: its arguments, or a text that comes without any and so was put together before, may quote
    what somebody sent (Django writes a refused host name out in full).
    """

    def format(self, record: logging.LogRecord) -> str:
        own = record.name == "lindung" or record.name.startswith("lindung.")
        text = record.getMessage() if own else str(record.msg) if record.args else "(text left out)"
        line = f"{record.levelname} {record.name}: {text}"
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            frames = traceback.extract_tb(error.__traceback__)
            where = " < ".join(f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno} {f.name}" for f in reversed(frames[-4:]))
            line += f" [{type(error).__name__} at {where}]"
        return line.replace("\n", " ")
