"""News for the rooms above. Receivers get ids and codes, never content, inside the transaction that caused them.

| signal | arguments |
|---|---|
| report_received | report: Report, just written |
| report_changed | report_id: UUID, what: str (one of events.KINDS) |
| message_received | report_id: UUID, kind: str |
| report_moved | report_id: UUID, from_team: UUID, to_team: UUID |
| report_erasing | report: Report, outcome: str; first of all, while what hangs on it is whole: for who counts |
| report_erased | report_id: UUID, sent before the row goes |
"""

from __future__ import annotations

from django.dispatch import Signal

report_received = Signal()
report_changed = Signal()
message_received = Signal()
report_moved = Signal()
report_erasing = Signal()
report_erased = Signal()
