"""News for the rooms above and for whoever keeps the plan. Receivers get ids and codes, never content, inside the
transaction that caused them.

| signal | arguments |
|---|---|
| referral_changed | referral: Referral, just written; event: str (one of state.Event) |
"""

from __future__ import annotations

from django.dispatch import Signal

referral_changed = Signal()
