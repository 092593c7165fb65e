"""No output to somebody who may not be told, and none with a barred fact, whatever the case, the people and the text.

Three proofs: the gate alone against an oracle of its own, with many random cases; every function that hands something
out, with random cases in the database; and that there is no further such function (the source is searched).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import lindung.casework
from lindung.casework import outgoing
from lindung.casework.errors import Barred
from lindung.casework.models import Person
from lindung.casework.models_rights import Barred as BarredRow
from lindung.casework.models_rights import Outgoing
from lindung.casework.opened import person_view
from lindung.casework.services import access, demands, letters, simfoni, tips
from lindung.casework.services.barring import Kept

from .rights import Worker, decided, pair, school

pytestmark = pytest.mark.django_db
ONE_DATABASE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]

NAMES = ("Doni Arta", "Sari Wening", "Bayu Lintang", "Tini Kinanti")
NUMBERS = ("0812 1111 001", "+62 812-1111-001", "0812.2222.002", "@akun.tiga", "AKUN TIGA", "@akun_empat", "")
FACTS = ("kejora", "pindah agama", "Lani", "08777000111")
PIECES = (
    *FACTS,
    "k e j o r a",
    "P1ndah 4gama",
    "lani,",
    "+62 877 7000 111",
    "sekolah",
    "mohon bantuan",
    "Senin",
    "jalan",
)
ROLES = (
    ("guardian", "safe"), ("guardian", "implicated"), ("guardian", "unknown"), ("relative", ""), ("trusted", ""),
    ("alleged_offender", ""), ("professional", ""),
)  # fmt: skip
HARMLESS = {"role": "relative", "standing": "", "words": {"name": NAMES[0], "contact": ""}, "barred": False}
TEXTS = st.lists(st.sampled_from(PIECES), max_size=5).map(" ".join)


def plain(text: str) -> str:
    """The oracle: letters and digits, told in its own way, with the digits of the pieces above read as letters."""
    return "".join(c for c in text.casefold() if c.isalnum()).replace("1", "i").replace("4", "a").replace("0", "o")


def holds_fact(text: str, facts: Any) -> bool:
    said = plain(text).replace("+62", "").replace("62877", "o877")
    return any(plain(fact) in said for fact in facts)


def number(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum()).removeprefix("62").removeprefix("0")


MENTIONED = st.sampled_from(
    ("", "0812-1111-001", "telepon 62812 2222 002 saja", "lewat @akun.tiga ya", "0813 0000 000")
)


def calls(text: str, one: dict[str, Any]) -> bool:
    """Whether a text gives a way to somebody in the family who is never told. Bare words are no way of reaching."""
    contact = one["words"]["contact"]
    if one["role"] == "alleged_offender" or not never_told(one) or not any(c.isdigit() or c in "@." for c in contact):
        return False
    return number(contact) in "".join(c for c in text.casefold() if c.isalnum())


@st.composite
def people(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for _ in range(draw(st.integers(1, 5))):
        role, standing = draw(st.sampled_from(ROLES))
        words = {"name": draw(st.sampled_from(NAMES)), "contact": draw(st.sampled_from(NUMBERS))}
        found.append(
            {"role": role, "standing": standing, "words": words, "barred": draw(st.booleans()) and draw(st.booleans())}
        )
    return found


def never_told(one: dict[str, Any]) -> bool:
    return one["barred"] or one["standing"] == "implicated" or one["role"] == "alleged_offender"


def is_reached(one: dict[str, Any], others: list[dict[str, Any]]) -> bool:
    """Whether writing to this person would reach somebody who is never told: themselves, a namesake, one number."""
    for other in (other for other in others if never_told(other)):
        same_number = number(one["words"]["contact"]) and number(one["words"]["contact"]) == number(
            other["words"]["contact"]
        )
        if one is other or one["words"]["name"] == other["words"]["name"] or same_number:
            return True
    return False


def in_memory(case: Any, drawn: list[dict[str, Any]], facts: list[str], fields: dict[str, bytes]) -> outgoing.Guarded:
    """A case as the gate sees it, without a row in the database."""
    views, entries = [], []
    for one in drawn:
        row = Person(case=case, role=one["role"], standing=one["standing"], added_at=case.opened_at)
        views.append(person_view(row, one["words"]))
        if one["barred"]:
            entries.append(Kept(BarredRow(case=case, kind="person", person_id=row.pk), "", (), ""))
    for fact in facts:
        entries.append(Kept(BarredRow(case=case, kind="fact"), "", (fact,), "Jangan menanyakannya."))
    return outgoing.Guarded(case, tuple(entries), tuple(views), fields)


def test_the_gate_lets_nothing_through_to_whom_or_of_what_may_not_be_told(cast: Any) -> None:
    worker, _ = pair(cast)
    case = worker.case

    @settings(max_examples=250, deadline=None)
    @given(people(), st.lists(st.sampled_from(FACTS), unique=True, max_size=3), TEXTS, st.integers(0, 9), MENTIONED)
    def holds(drawn: list[dict[str, Any]], facts: list[str], text: str, which: int, mentioned: str) -> None:
        guarded = in_memory(case, drawn, facts, {})
        number_of = which % len(drawn)
        to, view = drawn[number_of], guarded.people[number_of]
        passed = True
        try:
            outgoing.check(guarded, worker_keys, f"{text} {mentioned}", to_person=view.id)
        except Barred:
            passed = False
        if passed:
            assert not is_reached(to, drawn)
            assert (to["role"], to["standing"]) != ("guardian", "unknown")
            assert not holds_fact(text, facts)
            assert not any(calls(mentioned, one) for one in drawn)
        assert all(not is_reached(drawn[guarded.people.index(one)], drawn) for one in outgoing.reachable(guarded))

    worker_keys = worker.keys
    holds()


def test_what_is_gathered_holds_no_barred_fact_and_no_number_of_who_is_never_told(cast: Any) -> None:
    worker, _ = pair(cast)
    case, keys = worker.case, worker.keys
    every = list(outgoing.knowledge.sections())

    @settings(max_examples=60, deadline=None)
    @given(people(), st.lists(st.sampled_from(FACTS), unique=True, max_size=3), st.lists(TEXTS, min_size=4, max_size=4))
    def holds(drawn: list[dict[str, Any]], facts: list[str], texts: list[str]) -> None:
        child = dict(zip(("name", "school", "health", "contact"), texts, strict=True))
        guarded = in_memory(case, drawn, facts, {"child": access.encode("child", child)})
        found = outgoing.gather(guarded, keys, every)
        assert not holds_fact("\n".join(found.values()), facts)
        family = plain(found.get("family", ""))
        told = {number(one["words"]["contact"]) for one in drawn if not never_told(one)}
        for one in drawn:
            mine = number(one["words"]["contact"])
            if one["role"] in ("guardian", "relative", "trusted") and never_told(one) and mine and mine not in told:
                assert plain(mine) not in family
        if any(one["standing"] == "implicated" for one in drawn):
            assert found["cautions"]

    holds()


# --- every door -------------------------------------------------------------------------------------------------------

Out = Callable[[Worker, list[Person], str], str]


def _letter(worker: Worker, around: list[Person], text: str) -> str:
    made = [worker.writes("call_guardian", person_id=around[0].pk, body=text or "Halo.")]
    return "\n".join(one.text for one in made)


def _school(worker: Worker, around: list[Person], text: str) -> str:
    return worker.writes("school_letter", organisation_id=school(code=uuid4().hex).pk, body=text or "Halo.").text


def _open(worker: Worker, around: list[Person], text: str) -> str:
    """A letter that lies there already, made before the list knew what it knows now."""
    row = Outgoing.objects.create(
        case=worker.case, kind="call_guardian", recipient=around[0], ground="own_consent", at=worker.case.opened_at,
        by=worker.user,
    )  # fmt: skip
    access.seal(worker.case, worker.keys, row.field, {"subject": "", "text": text, "language": "id"})
    return letters.open_letter(worker.actor, worker.keyring, worker.case.pk, row.pk).text


def _gather(worker: Worker, around: list[Person], text: str) -> str:
    return "\n".join(outgoing.gather(worker.case, worker.keys, outgoing.knowledge.sections()).values())


def _tip(worker: Worker, around: list[Person], text: str) -> str:
    tips.hand_over(
        worker.actor, worker.keyring, worker.case.pk, to="police", basis="danger", way="letter", handed_on=worker.today,
        told=text or "Halo.", taken_by="Petugas",
    )  # fmt: skip
    return text


def _sheet(worker: Worker, around: list[Person], text: str) -> str:
    found = simfoni.sheet(worker.actor, worker.keyring, worker.case.pk, identity="duty", duty="Wajib.")
    return "\n".join(str(line.value) for line in found[1])


def _demand(worker: Worker, around: list[Person], text: str) -> str:
    row = demands.receive(
        worker.actor, worker.keyring, worker.case.pk, agency="police", basis="court_order", received_on=worker.today,
        who="Penyidik", number="1", wanted="Data",
    )  # fmt: skip
    demands.give_to_lawyer(worker.actor, worker.keyring, row.pk, lawyer="Ahli hukum")
    demands.answer(
        worker.actor, worker.keyring, row.pk, sections=["places"], given=text or "Halo.", answered_on=worker.today
    )
    return text


TRIES: dict[str, tuple[Out, ...]] = {
    "lindung.casework.outgoing.gather": (_gather,),
    "lindung.casework.services.letters.write_letter": (_letter, _school),
    "lindung.casework.services.letters.open_letter": (_open,),
    "lindung.casework.services.demands.answer": (_demand,),
    "lindung.casework.services.simfoni.sheet": (_sheet,),
    "lindung.casework.services.tips.hand_over": (_tip,),
}
TO_A_PERSON = {_letter, _open}


def test_every_door_is_tried() -> None:
    assert set(TRIES) == outgoing.DOORS


def test_through_no_door_goes_what_may_not_be_told(cast: Any) -> None:
    """Slow (5 s): each example writes real people, sealed facts and a list, and tries seven ways out of them."""
    worker, second = pair(cast)
    decided(worker, second, "confidence_broken", scope="guardian_contact")
    decided(worker, second, "confidence_broken", scope="school_contact")
    handed_out: set[Out] = set()

    @settings(max_examples=10, deadline=None, suppress_health_check=ONE_DATABASE)
    @example([HARMLESS], [], "mohon bantuan", "Senin")
    @given(people(), st.lists(st.sampled_from(FACTS), unique=True, max_size=2), TEXTS, TEXTS)
    def holds(drawn: list[dict[str, Any]], facts: list[str], text: str, name: str) -> None:
        with transaction.atomic():
            around = [worker.person(one["role"], one["standing"], **one["words"]) for one in drawn]
            access.seal(worker.case, worker.keys, "child", {"name": name, "school": text, "age_band": "16-17"})
            for one, row in zip(drawn, around, strict=True):
                if one["barred"]:
                    worker.bars("person", "Orang", person_id=row.pk)
            for fact in facts:
                worker.bars(words=[fact])
            for out in (out for group in TRIES.values() for out in group):
                said = None
                try:
                    with transaction.atomic():
                        said = out(worker, around, text)
                except Barred:
                    assert Outgoing.objects.exclude(recipient=None).count() == 0 or out not in TO_A_PERSON
                    continue
                handed_out.add(out)
                assert not holds_fact(said, facts), out.__name__
                if out in TO_A_PERSON:
                    assert not is_reached(drawn[0], drawn), out.__name__
                    Outgoing.objects.all().delete()
            transaction.set_rollback(True)

    holds()
    assert handed_out == {out for group in TRIES.values() for out in group}, "each door opened for somebody"


# --- and there is no other --------------------------------------------------------------------------------------------

ROOM = Path(lindung.casework.__file__).parent
GATES = {"check", "check_recipient", "gather"}
FORMATTERS = {"lindung.casework.sheets"}
"""Modules that turn rows which they are given into a file, and know nothing of cases."""
CARRIERS = {"django.core.mail", "smtplib", "urllib", "http", "requests", "csv", "openpyxl", "socket", "django.http"}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(ROOM.rglob("*.py")):
        parts = path.relative_to(ROOM).parts
        if "tests" not in parts and "migrations" not in parts:
            yield ".".join(("lindung.casework", *parts)).removesuffix(".py"), ast.parse(path.read_text())


def asks_the_gate(function: ast.AST) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "outgoing" and node.attr in GATES:
                return True
            if node.value.id == "Outgoing" and node.attr == "objects" and _creates(function):
                return True
    return False


def _creates(function: ast.AST) -> bool:
    named = {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}
    return bool(named & {"create", "bulk_create", "get_or_create", "update_or_create"})


def test_no_other_function_of_the_room_hands_something_out() -> None:
    """Whoever asks the gate, or notes that something left, stands in the list; nothing of the room sends by itself."""
    found = {
        f"{module}.{node.name}"
        for module, tree in sources()
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and asks_the_gate(node)
    }
    assert found | {"lindung.casework.outgoing.gather"} == outgoing.DOORS
    carriers = {module for module, tree in sources() if _imports(tree, CARRIERS)}
    assert carriers == FORMATTERS, "nothing of this room writes files, mails or pages by itself"
    for module, tree in sources():
        assert module not in FORMATTERS or not _imports(tree, {"lindung", ""}), f"{module} knows a case"


def _imports(tree: ast.Module, wanted: set[str]) -> bool:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names.add("" if node.level else str(node.module))
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return any(name == one or (one and name.startswith(f"{one}.")) for name in names for one in wanted)
