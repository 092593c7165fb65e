"""The invented bodies of the demonstration, brought in by the real import: each says "(contoh)" behind its name.

They cover the districts of the scenarios, with what those need: who takes boys, who signs, who takes a child in at
night, two hospitals in one town. `{30}` in the sheet stands for the day so many days ago.
"""

from __future__ import annotations

import re
from datetime import timedelta
from importlib.resources import files

from lindung.accounts.actors import Actor
from lindung.accounts.models import Team
from lindung.directory import selectors, services
from lindung.directory.sheets import reading

TEAMS = {"contoh.pendamping": "Pendampingan Mitra", "contoh.uptd.sulsel": "UPTD PPA Sulawesi Selatan"}
"""Bodies that work on this platform, with the names of their teams."""


def fill() -> int:
    """Bring the bodies in and link the teams that are there; return how many bodies are new."""
    today = selectors.today()
    text = files("lindung.cli.demo").joinpath("directory.csv").read_text("utf-8")
    dated = re.sub(r"\{(\d+)\}", lambda found: (today - timedelta(days=int(found[1]))).isoformat(), text)
    run = services.try_out(Actor.system(), reading.read_text(dated))
    if run.faults:
        first = run.faults[0]
        raise ValueError(f"directory.csv: row {first.row}, {first.column}: {first.code}")
    outcome = services.import_table(Actor.system(), run)
    for code, name in TEAMS.items():
        body, team = selectors.by_code(code), Team.objects.filter(name=name).first()
        if body is not None and team is not None and body.team_id is None:
            services.link_team(Actor.system(), body.pk, team.pk)
    return outcome.bodies_new
