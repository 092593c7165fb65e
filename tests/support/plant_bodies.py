"""Writes two bodies into the directory of an installation: one with the partner's team, one that is asked on paper.

Prints their ids as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
django.setup()

from lindung.accounts.models import Team  # noqa: E402
from lindung.core import clock  # noqa: E402
from lindung.directory.models import Does, Kind, Organisation, Service  # noqa: E402


def plant() -> dict[str, str]:
    """Make the bodies; return their ids by "here" and "paper"."""
    found = {}
    for name, team in (("here", Team.objects.filter(kind="partner").first()), ("paper", None)):
        body = Organisation.objects.create(
            code=f"uji-{name}", name=f"Lembaga {name}", kind=Kind.PSYCHOLOGIST, team=team, changed_at=clock.now()
        )
        Service.objects.create(
            organisation=body, service="psychological", does=Does.PROVIDES, whole_country=True, always_open=True
        )
        found[name] = str(body.pk)
    return found


if __name__ == "__main__":
    json.dump(plant(), sys.stdout)
