"""News for the rooms above, inside the transaction that caused them.

| signal | arguments |
|---|---|
| left_teams | user_id: UUID, teams: set of team ids (None: all of them), actor: str as the audit writes it |

Sent when somebody is deactivated or loses the last content role in a team, before the event about it is recorded.
"""

from __future__ import annotations

from django.dispatch import Signal

left_teams = Signal()
