"""Fills an empty installation with the named people of the tests and prints how each signs in, as JSON.

Run it in the environment of the installation (see tools/installation.py). For tests and benchmarks only: the
passphrases are known to everybody who reads the tests.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
django.setup()

from django.db import transaction  # noqa: E402

from conftest import Cast, _build_cast, fingerprint_of  # noqa: E402
from lindung.accounts import second_factor  # noqa: E402
from lindung.core import clock  # noqa: E402
from lindung.reporting import services as reporting  # noqa: E402


def main() -> None:
    with transaction.atomic():
        things, recovery = _build_cast()
    cast = Cast(things, recovery)
    start = clock.coarse_now() - timedelta(hours=1)
    for user, level in ((cast.analyst, "analyst"), (cast.second_analyst, "second"), (cast.supervisor, "supervisor")):
        reporting.add_shift(
            actor=cast.actor(cast.supervisor),
            team_id=cast.intake.pk,
            user_id=user.pk,
            level=level,
            starts=start,
            ends=start + timedelta(hours=24),
        )
    people = {
        name: {
            "username": user.username,
            "alias": user.alias,
            "passphrase": Cast.passphrase_of(user),
            "totp": second_factor.open_seed(user),
            "fingerprint": fingerprint_of(user.pk),
            "id": str(user.pk),
            "organisation": user.organisation.name,
            "team": cast.intake.name,
        }
        for name, user in cast.everybody().items()
    }
    people["_recovery"] = {str(pk): secret for pk, secret in recovery.items()}
    json.dump(people, sys.stdout)


if __name__ == "__main__":
    main()
