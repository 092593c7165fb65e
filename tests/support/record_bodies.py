"""Run inside an installation: four bodies of the directory, one of which fits the child of browser/test_record.py.

`python record_bodies.py seed` makes them; `python record_bodies.py count` prints what the statistics hold of this year,
before small numbers are kept back, as JSON.
"""

from __future__ import annotations

import json
import sys
from datetime import time
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
django.setup()

from lindung.accounts.models import Team, User  # noqa: E402
from lindung.accounts.selectors import actor_for  # noqa: E402
from lindung.core import clock, worktime  # noqa: E402
from lindung.directory.models import Coverage, OpeningHours, Organisation, Service  # noqa: E402
from lindung.statistics import selectors  # noqa: E402
from lindung.statistics.release import LIVING, count  # noqa: E402

SERVICE, REGION, ELSEWHERE, ZONE = "psychological", "53.71", "12.71", "Asia/Makassar"


def seed() -> None:
    """One provides the service here and is open; the others only facilitate, cover another district, or are shut."""
    fits = body("cocok", "Psikolog Rekaan Kupang")
    fits.team = Team.objects.get(name="partner team")
    fits.save()
    offer(fits)
    offer(body("fasilitasi", "Perantara Rekaan"), does="facilitates")
    offer(body("jauh", "Psikolog Rekaan Medan"), region=ELSEWHERE)
    shut = offer(body("tutup", "Klinik Rekaan yang Tutup"), always_open=False)
    day = (worktime.local_day(clock.now(), ZONE).weekday() + 3) % 7
    OpeningHours.objects.create(service=shut, weekday=day, opens=time(9), closes=time(10))


def body(code: str, name: str) -> Organisation:
    today = worktime.local_day(clock.now(), ZONE)
    return Organisation.objects.create(
        code=f"rekaan.{code}", name=name, kind="psychologist", region=REGION, tz=ZONE, phone="0800-000-0000",
        verified_on=today, changed_at=clock.now(),
    )  # fmt: skip


def offer(
    organisation: Organisation, *, does: str = "provides", region: str = REGION, always_open: bool = True
) -> Service:
    row = Service.objects.create(
        organisation=organisation, service=SERVICE, does=does, age_from=6, age_to=17, accepts_boys=True,
        accepts_girls=True, always_open=always_open,
    )  # fmt: skip
    Coverage.objects.create(service=row, region=region)
    return row


def counted() -> dict[str, int]:
    """What there is of this year, as the supervisor's scope counts it."""
    supervisor = actor_for(User.objects.get(username="supervisor"))
    scope = selectors.scope_for(supervisor)
    year = worktime.local_day(clock.now(), scope.tz).year
    return {source: sum(count(source, scope, year).totals) for source in LIVING}


if __name__ == "__main__":
    if sys.argv[1] == "seed":
        seed()
    else:
        json.dump(counted(), sys.stdout)
