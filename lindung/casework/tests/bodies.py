"""Bodies of the directory for tests, with one service each."""

from __future__ import annotations

from typing import Any

from lindung.core import clock
from lindung.core.ids import new_id
from lindung.directory.models import Does, Kind, Organisation, Service


def body(service: str = "psychological", does: str = Does.PROVIDES, **more: Any) -> Organisation:
    """A body that does something for a service for the whole country."""
    code = new_id().hex[:12]
    row = Organisation.objects.create(
        code=code, name=f"Lembaga {code}", kind=Kind.PSYCHOLOGIST, changed_at=clock.now(), **more
    )
    Service.objects.create(organisation=row, service=service, does=does, whole_country=True)
    return row
