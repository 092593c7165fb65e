"""Rotation and recovery from the command line: interrupted, refused, finished; what opens afterwards."""

from __future__ import annotations

import pytest

from conftest import Cast
from lindung.cli import keys
from lindung.cli.bootstrap import CommandError
from lindung.reporting import services as reporting
from lindung.reporting.models import Report
from lindung.vault import receipts
from lindung.vault import services as vault
from lindung.vault.models import TeamKey

Lines = list[str]


def send(number: int) -> Report:
    code = receipts.generate()
    answers = {"words": f"Contoh uji {number}"}
    return reporting.receive(answers=answers, code=code, walk_id=code.encode(), language="id", source="test")


def reads(cast: Cast, name: str, report: Report) -> bool:
    user = getattr(cast, name)
    try:
        opened = reporting.open_report(cast.actor(user), cast.keyring(user), report.pk)
    except Exception:
        return False
    return "Contoh uji" in str(opened.answers["words"])


@pytest.fixture
def team(transactional_db: None, cast: Cast) -> Cast:
    return cast


def test_an_interrupted_rotation_goes_on_where_it_stopped(team: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    reports = [send(number) for number in range(5)]
    holder = next(name for name in ("analyst", "other_analyst", "independent_analyst") if reads(team, name, reports[0]))
    user = getattr(team, holder)
    name = reports[0].team.name
    whole = vault.rewrap_batch
    calls = []

    def power_cut(**arguments: object) -> int:
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return whole(**arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(vault, "rewrap_batch", power_cut)
    lines: Lines = []
    with pytest.raises(KeyboardInterrupt):
        keys.rotate(team=name, member=user.username, passphrase=Cast.passphrase_of(user), say=lines.append, batch=3)
    assert all(reads(team, holder, report) for report in reports), "nothing is lost in between"

    monkeypatch.setattr(vault, "rewrap_batch", whole)
    keys.rotate(team=name, member=user.username, passphrase=Cast.passphrase_of(user), say=lines.append, batch=3)
    assert "going on" in " ".join(lines)
    assert [key.state for key in TeamKey.objects.filter(team=reports[0].team_id).order_by("version")] == [
        "destroyed",
        "active",
    ], "it was finished and not begun a second time"
    assert all(reads(team, holder, report) for report in reports)


def test_only_somebody_who_holds_the_key_can_rotate_it(team: Cast) -> None:
    report = send(1)
    lines: Lines = []
    for user in (team.partner, team.administrator):
        with pytest.raises(CommandError, match="does not hold"):
            keys.rotate(
                team=report.team.name, member=user.username, passphrase=Cast.passphrase_of(user), say=lines.append
            )
    with pytest.raises(CommandError, match="not the passphrase"):
        keys.rotate(team=report.team.name, member="analyst", passphrase="something else here", say=lines.append)
    assert TeamKey.objects.filter(team=report.team_id).count() == 1


def test_a_new_recovery_key_replaces_the_old_one_for_every_team(team: Cast) -> None:
    body, member = team.organisation, team.analyst
    old = team.recovery[body.pk]
    lines: Lines = []
    passphrases = {member.username: Cast.passphrase_of(member)}
    keys.new_recovery_key(organisation=body.name, members=passphrases, say=lines.append)
    new = next(line.strip() for line in lines if line.startswith("    "))
    assert new != old
    analyst = team.second_analyst.username
    with pytest.raises(CommandError, match="Not done"):
        keys.recover(team=team.intake.name, member=analyst, recovery_key=old, say=lines.append)
    keys.recover(team=team.intake.name, member=analyst, recovery_key=new, say=lines.append)


def test_a_new_recovery_key_is_not_made_when_a_team_would_be_left_out(team: Cast) -> None:
    body, stranger = team.organisation, team.partner
    lines: Lines = []
    passphrases = {stranger.username: Cast.passphrase_of(stranger)}
    with pytest.raises(CommandError, match="Nothing was changed"):
        keys.new_recovery_key(organisation=body.name, members=passphrases, say=lines.append)
    keys.recover(team=team.intake.name, member="analyst", recovery_key=team.recovery[body.pk], say=lines.append)
