"""News for the rooms above. Receivers get ids and codes, never content, inside the transaction that caused them.

| signal | arguments |
|---|---|
| case_opened | case: Case, just written |
| case_changed | case_id: UUID, what: str (one of events.KINDS) |
| case_closed | case_id: UUID, reason: str |
| case_reopened | case_id: UUID |
| case_moved | case_id: UUID, from_team: UUID, to_team: UUID |
| case_excluded | case_id: UUID, team_id: UUID |
| case_erasing | case: Case; first of all, while what hangs on it is whole: for who counts |
| case_erased | case_id: UUID, sent before the rows go |
| consent_withdrawn | case_id: UUID, consent_id: UUID, scope: str, giver: str; a yes was taken back, or a no was said |
"""

from __future__ import annotations

from django.dispatch import Signal

case_opened = Signal()
case_changed = Signal()
case_closed = Signal()
case_reopened = Signal()
case_moved = Signal()
case_excluded = Signal()
case_erasing = Signal()
case_erased = Signal()
consent_withdrawn = Signal()
