"""What may be written into the log, and that nothing leaves it again."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, connections, transaction

from lindung.audit import export, kinds, selectors, services
from lindung.audit.chain import GENESIS
from lindung.audit.models import AppendOnly, Event
from lindung.audit.tests.filedatabase import file_database
from lindung.audit.verify import verify_events
from lindung.core import clock

kinds.declare("audit_tests", {"tests.happened", "tests.other"})


def append(number: int = 1, **extra: object) -> list[Event]:
    events = []
    for _ in range(number):
        with transaction.atomic():
            events.append(services.record("tests.happened", actor="system", data={"n": 1}, **extra))
    return events


@pytest.mark.django_db
class TestRecording:
    def test_events_are_numbered_without_gaps_and_chained(self) -> None:
        first, second, third = append(3)
        assert (first.seq, second.seq, third.seq) == (1, 2, 3)
        assert first.prev_hash == GENESIS
        assert third.prev_hash == second.hash
        assert verify_events(selectors.rows(), [services.checkpoint()]) == []

    def test_a_rolled_back_event_leaves_no_gap(self) -> None:
        append()
        with transaction.atomic():
            services.record("tests.happened", actor="system")
            transaction.set_rollback(True)
        append()
        assert list(Event.objects.values_list("seq", flat=True)) == [1, 2]

    def test_a_visit_to_the_portal_is_written_in_whole_minutes(self) -> None:
        with clock.frozen(datetime(2026, 3, 4, 5, 6, 47, 123456, tzinfo=UTC)):
            visit = append(coarse=True)[0]
            staff = append()[0]
        assert (visit.at.second, visit.at.microsecond) == (0, 0)
        assert (staff.at.second, staff.at.microsecond) == (47, 0)

    def test_a_record_id_is_stored_the_same_way_however_it_is_given(self) -> None:
        record = uuid.uuid4()
        append(subject=record)
        append(subject=record.hex)
        assert selectors.of_subject(record).count() == 2

    def test_an_undeclared_kind_is_refused(self) -> None:
        with pytest.raises(ValueError, match="not declared"):
            services.record("tests.undeclared", actor="system")

    @pytest.mark.parametrize(
        "value",
        ["aku takut", "a" * 65, "Budi\n", "081234567890", "0812-3456-7890", "12345678901234567890", "é", 10**9, 1.5,
         None, b"x", ["a"]],
    )  # fmt: skip
    def test_what_could_be_content_or_an_identifier_is_refused_without_being_repeated(self, value: object) -> None:
        with pytest.raises(ValueError) as caught:
            services.record("tests.happened", actor="system", data={"text": value})  # type: ignore[dict-item]
        assert str(value) not in str(caught.value)
        assert Event.objects.count() == 0

    @pytest.mark.parametrize(
        "value", ["high", "report.received", uuid.uuid4(), "2026-03-04", "2026-03", "34.71", 7, True, "1" * 32]
    )
    def test_codes_ids_dates_and_small_numbers_pass(self, value: object) -> None:
        services.record("tests.happened", actor=uuid.uuid4(), data={"value": value})  # type: ignore[dict-item]

    @pytest.mark.parametrize("key", ["A", "a b", "", "x" * 33, "é"])
    def test_keys_are_plain_words(self, key: str) -> None:
        with pytest.raises(ValueError, match="keys"):
            services.record("tests.happened", actor="", data={key: 1})

    def test_an_event_is_not_changed_or_deleted_through_the_model(self) -> None:
        event = append()[0]
        event.kind = "tests.other"
        attempts = (
            event.save,
            event.delete,
            Event.objects.all().delete,
            lambda: Event.objects.update(kind="tests.other"),
            lambda: Event.objects.bulk_update([event], ["kind"]),
            lambda: Event.objects.update_or_create(seq=1, defaults={"kind": "x"}),
        )
        for attempt in attempts:
            with pytest.raises(AppendOnly):
                attempt()
        assert Event.objects.get().kind == "tests.happened"

    def test_a_saved_number_is_never_used_again(self) -> None:
        event = append()[0]
        again = Event(seq=event.seq, at=event.at, kind="tests.other", data="{}", prev_hash=GENESIS, hash=GENESIS)
        with pytest.raises(DatabaseError), transaction.atomic():
            again.save()
        assert Event.objects.get().kind == "tests.happened"

    def test_the_database_itself_refuses_an_update(self) -> None:
        append()
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE audit_event SET kind = 'tests.other'")

    def test_an_export_can_be_verified_from_the_file_alone(self, tmp_path: Path) -> None:
        from lindung.audit.verify import read_checkpoints, verify_export

        append(3)
        head = export.write(tmp_path / "log.jsonl")
        assert verify_export(tmp_path / "log.jsonl") == []
        assert read_checkpoints(tmp_path / "log.jsonl") == [head]
        assert (tmp_path / "log.jsonl").stat().st_mode & 0o077 == 0
        assert not list(tmp_path.glob("*.part"))

    def test_an_empty_log_has_a_checkpoint_and_verifies(self, tmp_path: Path) -> None:
        head = export.write(tmp_path / "log.jsonl")
        assert (head.seq, head.hash, head.count) == (0, GENESIS, 0)
        assert verify_events([], [head]) == []


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="atomic"):
        services.record("tests.happened", actor="system")


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_postgresql_refuses_a_delete() -> None:
    append()
    with pytest.raises(DatabaseError, match="never changed"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_event")


def test_a_sqlite_file_refuses_a_delete(tmp_path: Path, django_db_blocker: pytest.FixtureRequest) -> None:
    with django_db_blocker.unblock(), file_database(tmp_path / "log.sqlite3", "audit"):  # type: ignore[attr-defined]
        append()
        with pytest.raises(DatabaseError, match="never changed"), connection.cursor() as cursor:
            cursor.execute("DELETE FROM audit_event")
        assert Event.objects.count() == 1


def _append_from_threads(threads: int, each: int) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            append(each)
        except BaseException as error:
            failures.append(error)
        finally:
            connections["default"].close()

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert list(Event.objects.values_list("seq", flat=True)) == list(range(1, threads * each + 1))
    assert verify_events(selectors.rows(), [services.checkpoint()]) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_many_writers_make_one_chain_on_postgresql() -> None:
    _append_from_threads(8, 10)


@pytest.mark.sqlite
def test_many_writers_make_one_chain_in_a_sqlite_file(tmp_path: Path, django_db_blocker: pytest.FixtureRequest) -> None:
    with django_db_blocker.unblock(), file_database(tmp_path / "log.sqlite3", "audit"):  # type: ignore[attr-defined]
        _append_from_threads(4, 10)


def test_a_kind_belongs_to_one_room() -> None:
    kinds.declare("audit_tests", {"tests.happened"})
    with pytest.raises(ValueError, match="belongs to audit_tests"):
        kinds.declare("another", {"tests.happened"})
    with pytest.raises(ValueError, match="lower-case"):
        kinds.declare("another", {"Tests happened"})
    assert "tests.other" in kinds.all_kinds()
