"""The kinds of audit events that the command line writes by itself."""

from __future__ import annotations

from lindung.audit import kinds

kinds.declare("cli", {"backup.created", "backup.restored"})
