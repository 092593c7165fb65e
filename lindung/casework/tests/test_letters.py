"""What may not be told, letters, and sections that can be handed over."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import translation

from lindung.audit.models import Event
from lindung.casework import outgoing
from lindung.casework.errors import Barred, NoConsent
from lindung.casework.models import CaseExclusion, PlaceRole
from lindung.casework.models_rights import Outgoing
from lindung.casework.services import access, barring, letters, lifting, people
from lindung.core.errors import BadInput, Conflict

from .rights import Worker, decided, pair, school

pytestmark = pytest.mark.django_db


def ready(cast: Any) -> tuple[Worker, Worker, Any]:
    """A case whose safe mother may be contacted, and a school that may be written to."""
    worker, second = pair(cast)
    mother = worker.guardian(name="Bu Sari", contact="0812 3456 789")
    for scope in ("guardian_contact", "school_contact"):
        worker.says("child", scope)
        worker.says("guardian", scope, person_id=mother.pk)
    return worker, second, mother


def test_a_letter_is_made_kept_sealed_and_noted(cast: Any) -> None:
    worker, _, mother = ready(cast)
    made = worker.writes("invite_guardian", person_id=mother.pk)
    assert "Bu Sari" in made.text
    assert "Mohon bertemu hari Senin." in made.text
    assert "{" not in made.text
    assert str(worker.today.year) in made.text
    row = Outgoing.objects.get()
    assert (row.kind, row.recipient_id, row.ground) == ("invite_guardian", mother.pk, "uu_27_2022_25_2")
    again = letters.open_letter(worker.actor, worker.keyring, worker.case.pk, row.pk)
    assert again.text == made.text
    english = worker.writes("school_letter", organisation_id=school().pk, language="en")
    assert "To SMP Satu" in english.text
    assert Event.objects.filter(kind__in=("case.letter_made", "case.letter_read")).count() == 3


def test_without_consent_no_letter_is_made(cast: Any) -> None:
    worker, _ = pair(cast)
    mother = worker.guardian()
    with pytest.raises(NoConsent):
        worker.writes("invite_guardian", person_id=mother.pk)
    assert not Outgoing.objects.exists()


def test_to_a_guardian_who_is_implicated_nothing_is_made_whatever_was_decided(cast: Any) -> None:
    worker, second, _ = ready(cast)
    father = worker.guardian("implicated", name="Pak Doni", contact="0899 1111 222")
    for question in ("guardian_left_out", "consent_overridden", "confidence_broken"):
        decided(worker, second, question, scope="guardian_contact")
    twins = [
        worker.person("relative", name="Paman", contact="+62 899-1111-222"),
        worker.person("trusted", name="Bapak DONI"),
    ]
    offender = worker.person("alleged_offender", name="Orang itu")
    unknown = worker.guardian("unknown", name="Kakek")
    for person in (father, *twins, offender, unknown):
        with pytest.raises(Barred):
            worker.writes("call_guardian", person_id=person.pk)
    body = school(phone="0899.1111.222")
    with pytest.raises(Barred):
        worker.writes("school_letter", organisation_id=body.pk)
    assert not Outgoing.objects.exists()


def test_a_text_that_would_have_its_reader_call_an_implicated_guardian_does_not_leave(cast: Any) -> None:
    worker, _, mother = ready(cast)
    father = worker.guardian("implicated", name="Pak Doni", contact="WA 0899 1111 222, @pak_doni")
    for text in ("Telepon 0899-1111-222.", "Lewat +62 899 1111 222 saja", "Kirim ke @PAK DONI"):
        with pytest.raises(Barred) as stopped:
            outgoing.check(worker.case, worker.keys, text, to_person=mother.pk)
        assert (stopped.value.field, stopped.value.codes) == ("body", (father.pk.hex,))
        assert "899" not in str(stopped.value.message)
        outgoing.check(worker.case, worker.keys, text, to_law=True)
    outgoing.check(worker.case, worker.keys, "Telepon Bu Sari, 0812 3456 789.", to_person=mother.pk)


def test_a_number_that_the_alleged_offender_is_known_by_may_be_described_and_not_called(cast: Any) -> None:
    worker, _ = pair(cast)
    worker.guardian("implicated", name="Pak Doni", contact="0899 1111 222")
    worker.person("alleged_offender", name="Doni A.", contact="0899-1111-222")
    described = "Nomor yang dipakai: 0899 1111 222"
    outgoing.check(worker.case, worker.keys, described, asked="Pendampingan hukum")
    with pytest.raises(Barred):
        outgoing.check(worker.case, worker.keys, described)


def test_a_letter_to_somebody_who_became_implicated_opens_no_more(cast: Any) -> None:
    worker, _, mother = ready(cast)
    made = worker.writes("invite_guardian", person_id=mother.pk)
    people.change_person(worker.actor, worker.keyring, mother.pk, words={}, role="guardian", standing="implicated")
    with pytest.raises(Barred):
        letters.open_letter(worker.actor, worker.keyring, worker.case.pk, made.row.pk)


def test_a_letter_with_a_barred_fact_is_not_made_and_an_old_one_opens_no_more(cast: Any) -> None:
    worker, _, mother = ready(cast)
    old = worker.writes("invite_guardian", person_id=mother.pk, body="Tentang Kejora.")
    row = worker.bars(words=["Kejora"])
    with pytest.raises(Barred) as barred:
        worker.writes("invite_guardian", person_id=mother.pk, body="Tentang k-e-j-0-r-a.")
    assert barred.value.codes == (row.pk.hex,)
    assert "ejora" not in str(barred.value.message)
    with pytest.raises(Barred):
        letters.open_letter(worker.actor, worker.keyring, worker.case.pk, old.row.pk)
    assert Outgoing.objects.count() == 1


def test_a_person_on_the_list_gets_nothing_by_row_name_number_or_body(cast: Any) -> None:
    worker, _, mother = ready(cast)
    aunt = worker.person("relative", name="Bu Tini", contact="0813 9999 000")
    worker.bars("person", "Bibi", words=["Tini", "0813 9999 000"])
    worker.bars("person", "Ibu", person_id=mother.pk)
    for person in (aunt, mother):
        with pytest.raises(Barred):
            worker.writes("invite_guardian", person_id=person.pk)
    with pytest.raises(Barred):
        outgoing.check(worker.case, worker.keys, "Halo", to_contact="+62 813-9999-000")
    assert outgoing.reachable(worker.guarded) == []


def test_whom_the_child_named_in_its_own_words_gets_nothing_either(cast: Any) -> None:
    worker, _, mother = ready(cast)
    uncle = worker.person("relative", name="Pak Rudi", relation="Paman")
    aunt = worker.person("relative", name="Bu Rina", relation="Bibi")
    worker.bars("person", "Paman dan keluarga ayah", words=["keluarga ayah"])
    assert [one.id for one in outgoing.reachable(worker.guarded)] == [mother.pk, aunt.pk]
    with pytest.raises(Barred):
        worker.writes("invite_guardian", person_id=uncle.pk)


def test_people_who_share_a_bare_word_or_the_beginning_of_a_number_are_not_the_same(cast: Any) -> None:
    worker, _, mother = ready(cast)
    worker.person("alleged_offender", accounts="WhatsApp 0812 7777 666\n@akun_palsu", contact="WA rumah")
    neighbour = worker.person("trusted", name="Bu Tetangga", contact="WA rumah lain, WhatsApp 0812 5555 444")
    other = worker.person("trusted", name="Kakak", contact="IG akun_palsu")
    assert [one.id for one in outgoing.reachable(worker.guarded)] == [mother.pk, neighbour.pk]
    assert other.pk


def test_a_body_that_the_case_keeps_away_gets_no_letter(cast: Any) -> None:
    worker, _, _ = ready(cast)
    body = school(team=cast.partner_team)
    CaseExclusion.objects.create(case=worker.case, team=cast.partner_team)
    with pytest.raises(Barred):
        worker.writes("school_letter", organisation_id=body.pk)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"letter": "love_letter"}, "letter"), ({"language": "nl"}, "language"), ({"body": " "}, "body"),
     ({"person_id": None}, "person"), ({"letter": "school_letter"}, "organisation"), ({"phone": ""}, "phone")],
)  # fmt: skip
def test_what_is_wrong_with_a_letter_is_named(cast: Any, values: dict[str, Any], field: str) -> None:
    worker, _, mother = ready(cast)
    given = {"letter": "invite_guardian", "person_id": mother.pk, **values}
    with pytest.raises(BadInput) as wrong:
        worker.writes(given.pop("letter"), **given)
    assert wrong.value.field == field


# --- the list itself --------------------------------------------------------------------------------------------------


def test_what_a_child_does_not_want_told_is_told_by_a_decision_of_two_alone(cast: Any) -> None:
    worker, second = pair(cast)
    row = worker.bars(words=["Kejora"])
    for question in (None, "guardian_left_out"):
        if question:
            decided(worker, second, question)
        with pytest.raises(BadInput) as refused:
            lifting.lift(second.actor, second.keyring, worker.case.pk, row.pk, "Perlu.")
        assert refused.value.field == "agreed"
        assert len(barring.kept(worker.case, worker.keys)) == 1
    decided(worker, second, "confidence_broken")
    lifting.lift(second.actor, second.keyring, worker.case.pk, row.pk, "Perlu.")
    assert barring.kept(worker.case, worker.keys) == []
    assert json.loads(Event.objects.get(kind="case.barred_lifted").data)["agreed"] is False


def test_only_somebody_else_takes_an_entry_off_the_list(cast: Any) -> None:
    worker, second = pair(cast)
    row = worker.bars(words=["Kejora"])
    with pytest.raises(BadInput):
        lifting.lift(worker.actor, worker.keyring, worker.case.pk, row.pk, "Boleh.", agreed=True)
    lifting.lift(second.actor, second.keyring, worker.case.pk, row.pk, "Anak sendiri yang minta.", agreed=True)
    with pytest.raises(Conflict):
        lifting.lift(second.actor, second.keyring, worker.case.pk, row.pk, "Lagi.", agreed=True)
    assert barring.kept(worker.case, worker.keys) == []
    [lifted] = barring.kept(worker.case, worker.keys, lifted=True)
    assert not lifted.present
    assert lifted.words == ("Kejora",)
    outgoing.check(worker.case, worker.keys, "Kejora")


@pytest.mark.parametrize(
    ("values", "field"),
    [({"what": ""}, "what"), ({"kind": "place"}, "kind"), ({"words": ["ab"]}, "words"), ({"words": []}, "words"),
     ({"section": "everything"}, "section"), ({"keep": "Jangan sebut Kejora."}, "keep"),
     ({"kind": "person", "words": []}, "words")],
)  # fmt: skip
def test_what_is_wrong_with_an_entry_is_named(cast: Any, values: dict[str, Any], field: str) -> None:
    worker, _ = pair(cast)
    with pytest.raises(BadInput) as wrong:
        worker.bars(**{"words": ["Kejora"], **values})
    assert wrong.value.field == field


# --- sections ---------------------------------------------------------------------------------------------------------


def seal(worker: Worker, field: str, **value: Any) -> None:
    access.seal(worker.case, worker.keys, field, value)


def test_sections_are_filled_from_what_the_case_knows_in_words(cast: Any) -> None:
    worker, _ = pair(cast)
    seal(
        worker, "child", name="Putri Contoh", age_band="13-15", born_on="2012-03-05", school="SMP Satu", disabilities=[]
    )
    worker.guardian(name="Bu Sari", relation="Ibu", contact="0812 3456 789")
    found = outgoing.gather(worker.case, worker.keys, ["identity", "school", "family", "places", "health", "nothing"])
    assert found["identity"] == "Nama: Putri Contoh\nTanggal lahir: 5 Maret 2012\nUmur: 13 sampai 15 tahun"
    assert found["school"] == "Sekolah: SMP Satu"
    assert found["family"] == "Nama: Bu Sari\nHubungan dengan anak: Ibu\nKontak: 0812 3456 789"
    assert f"place:{PlaceRole.PRESENT.value}" in worker.guarded.fields
    assert "Kabupaten atau kota:" in found["places"]
    assert set(found) == {"identity", "school", "family", "places"}
    with translation.override("en"):
        assert "Date of birth: 5 March 2012" in outgoing.gather(worker.case, worker.keys, ["identity"])["identity"]


def test_a_barred_fact_and_a_barred_section_stay_in_and_the_caution_travels(cast: Any) -> None:
    worker, _ = pair(cast)
    seal(worker, "child", name="Putri", school="SMP Kejora", health="Perlu periksa.")
    worker.bars(words=["kejora"], keep="Jangan bertanya tentang sekolah.")
    worker.bars(section="health")
    found = outgoing.gather(worker.case, worker.keys, ["identity", "school", "health"])
    assert found["school"] == outgoing.LEFT_OUT
    assert "health" not in found
    assert "Jangan bertanya tentang sekolah." in found["cautions"]
    with pytest.raises(Barred):
        outgoing.check(worker.case, worker.keys, "", sections=["identity", "health"])


def test_of_an_implicated_guardian_no_number_leaves_and_everybody_is_warned(cast: Any) -> None:
    worker, _ = pair(cast)
    worker.guardian("implicated", name="Pak Doni", relation="Ayah", contact="0899 1111 222")
    found = outgoing.gather(worker.case, worker.keys, ["family"])
    assert "0899" not in "".join(found.values())
    assert "Jangan dihubungi." in found["family"]
    assert found["cautions"] == "Jangan menghubungi atau memberi tahu: Ayah, Pak Doni"


def test_a_word_that_only_shows_when_two_texts_stand_behind_each_other_is_held_back(cast: Any) -> None:
    worker, _ = pair(cast)
    seal(worker, "child", health="...kejo", school="ra")
    worker.bars(words=["kejorasekolah", "kejosekolahra"])
    found = outgoing.gather(worker.case, worker.keys, ["health", "school"])
    assert found["school"] == outgoing.LEFT_OUT
