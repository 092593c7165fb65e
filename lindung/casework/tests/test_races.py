"""Everything about cases that two people may do at the same moment: one wins, and nothing is half done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lindung.casework import services
from lindung.casework.errors import AlreadyACase
from lindung.casework.models import Case, CaseIncident, CaseReport, CaseWorker, Person
from lindung.casework.services import pairing
from lindung.core.errors import Conflict, LindungError
from lindung.reporting.models import Report
from lindung.reporting.tests.races import at_once, on_a_file

from .cases import make_case, send

Race = Callable[[Any], None]


def _errors(results: list[Any]) -> list[Any]:
    assert all(not isinstance(r, Exception) or isinstance(r, LindungError) for r in results), results
    return [r for r in results if isinstance(r, Exception)]


def _present(case: Case) -> list[Any]:
    return list(CaseWorker.objects.filter(case=case, until=None).values_list("user_id", flat=True))


def of_two_openings_from_one_report(cast: Any) -> None:
    report = send()
    people = [(cast.actor(p), cast.keyring(p)) for p in (cast.supervisor, cast.case_worker)]
    results = at_once(*[lambda p=p: services.open_from_reports(*p, [report.pk]) for p in people])
    (error,) = _errors(results)
    assert isinstance(error, AlreadyACase | Conflict), results
    assert Case.objects.count() == CaseReport.objects.count() == 1
    assert Report.objects.get().state == "referred"


def of_two_who_take_a_free_case(cast: Any) -> None:
    case = make_case(cast, cast.supervisor, take=False)
    actors = [cast.actor(p) for p in (cast.analyst, cast.second_analyst, cast.case_worker)]
    results = at_once(*[lambda a=a: services.take(a, case.pk) for a in actors])
    assert len(_errors(results)) == 2, results
    assert len(_present(case)) == 1


def of_two_who_assign_at_once(cast: Any) -> None:
    case = make_case(cast, cast.supervisor, take=False)
    actor = cast.actor(cast.supervisor)
    results = at_once(*[lambda p=p: services.assign(actor, case.pk, p.pk) for p in (cast.analyst, cast.case_worker)])
    assert not _errors(results), results
    (lead,) = CaseWorker.objects.filter(case=case, until=None)
    assert lead.role == "lead"


def of_one_person_and_two_children_of_an_incident(cast: Any) -> None:
    report = send()
    one = make_case(cast, cast.supervisor, report=report, take=False)
    two = make_case(cast, cast.supervisor, report=report, take=False, another_child=True)
    supervisor, worker = cast.actor(cast.supervisor), cast.actor(cast.analyst)
    results = at_once(
        lambda: services.assign(supervisor, one.pk, cast.analyst.pk),
        lambda: services.take(worker, two.pk),
    )
    assert len(_errors(results)) == 1, results
    assert len(_present(one) + _present(two)) == 1


def of_joining_two_children_while_one_person_gets_both(cast: Any) -> None:
    one, two = (make_case(cast, cast.supervisor, take=False) for _ in range(2))
    supervisor = cast.actor(cast.supervisor)
    services.assign(supervisor, one.pk, cast.analyst.pk)
    incident = one.incidents.get().incident_id
    results = at_once(
        lambda: services.share_incident(supervisor, one.pk, incident, two.pk),
        lambda: services.assign(supervisor, two.pk, cast.analyst.pk),
    )
    assert len(_errors(results)) == 1, results
    shared = CaseIncident.objects.filter(incident=incident).count() == 2
    assert shared != (cast.analyst.pk in _present(two))
    assert not set(_present(one)) & pairing.workers_of(pairing.together_with({one.pk}))


def of_two_who_write_about_the_same_child(cast: Any) -> None:
    case = make_case(cast)
    services.assign(cast.actor(cast.supervisor), case.pk, cast.analyst.pk, "co")
    hands = [(cast.actor(p), cast.keyring(p)) for p in (cast.case_worker, cast.analyst)]
    version = Case.objects.get(pk=case.pk).version
    results = at_once(
        *[
            lambda h=h, n=n: services.change_child(*h, case.pk, {"nickname": n}, version=version)
            for h, n in zip(hands, ("Melati", "Mawar"), strict=True)
        ]
    )
    assert len(_errors(results)) == 1, results
    kept = "Melati" if isinstance(results[0], Case) else "Mawar"
    assert services.open_case(*hands[0], case.pk).child["nickname"] == kept


def of_two_who_change_one_person_and_two_who_add_notes(cast: Any) -> None:
    case = make_case(cast)
    services.assign(cast.actor(cast.supervisor), case.pk, cast.analyst.pk, "co")
    hands = [(cast.actor(p), cast.keyring(p)) for p in (cast.case_worker, cast.analyst)]
    person = Person.objects.get(case=case)
    change = {"words": {"notes": "x"}, "role": "alleged_offender", "version": 1}
    results = at_once(
        *[lambda h=h: services.change_person(*h, person.pk, **change) for h in hands],
        *[lambda h=h: services.add_note(*h, case.pk, "Catatan.") for h in hands],
    )
    assert len(_errors(results)) == 1, results
    assert Person.objects.get().version == 2
    assert case.notes.count() == 2


RACES: tuple[Race, ...] = (
    of_two_openings_from_one_report,
    of_two_who_take_a_free_case,
    of_two_who_assign_at_once,
    of_one_person_and_two_children_of_an_incident,
    of_joining_two_children_while_one_person_gets_both,
    of_two_who_write_about_the_same_child,
    of_two_who_change_one_person_and_two_who_add_notes,
)


@pytest.mark.django_db
@pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__)
@pytest.mark.sqlite
def test_a_race_on_sqlite(cast: Any, race: Race, tmp_path: Path) -> None:
    with on_a_file(tmp_path / "race.sqlite3"):
        race(cast)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__)
def test_a_race_on_postgresql(cast: Any, race: Race) -> None:
    race(cast)
