"""One link on its way, by the clock: added, sent, reminded, answered, looked for on three days, gone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core import mail

from lindung.audit.models import Event as AuditEvent
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.reporting import services as reporting
from lindung.reporting.services import mailbox
from lindung.reporting.tasks import run_due
from lindung.takedown import selectors, services, tasks
from lindung.takedown.models import Check, Entry, Item, Notice, State
from lindung.vault.models import SealedField

from .conftest import HASH, LINK, MONDAY, Desk, later

pytestmark = pytest.mark.django_db


def at(**delta: float) -> datetime:
    return MONDAY + timedelta(**delta)


def now(item: Item) -> Item:
    return Item.objects.get(pk=item.pk)


def test_the_whole_loop_with_a_clock(send, analyst, second) -> None:
    sent = send()
    [item] = analyst.add(sent)
    assert now(item).state == State.DRAFT
    assert selectors.told(sent.pk) is None, "nothing is told before something was sent"

    with clock.frozen(at(hours=1)):
        notice = analyst.notice(item)
        text = services.export(analyst.actor, analyst.keyring, notice.pk, "text", "en")
        assert f"1. {LINK}" in text
        services.mark_sent(analyst.actor, analyst.keyring, notice.pk, reference="IWF-2026-77")
    item = now(item)
    assert (item.state, item.sent_at, item.remind_at) == (State.SENT, at(hours=1), at(hours=25))
    told = selectors.told(sent.pk)
    assert told is not None
    assert told.sentences[0].startswith("Link yang kamu laporkan sudah kami minta dihapus.")

    for moment, letters in ((at(hours=24, minutes=59), 0), (at(hours=25), 1), (at(hours=26), 1)):
        with clock.frozen(moment):
            run_due(moment)
        assert len(mail.outbox) == letters
    assert now(item).reminded_at == at(hours=25)
    assert "invalid" not in mail.outbox[0].body
    assert item.reference not in mail.outbox[0].body

    with clock.frozen(at(hours=30)):
        assert [row.group for row in selectors.worklist(analyst.actor)] == [selectors.REMIND]
        item = second.answer(item, "removed", words="Dihapus hari ini.")
        assert item.state == State.REMOVED
        assert [row.group for row in selectors.worklist(analyst.actor)] == [selectors.LOOK]
        item = second.check(item, "not_there")
    assert item.state == State.CHECKING
    with clock.frozen(at(hours=31)):  # the same day in Jakarta: it does not count twice
        item = analyst.check(item, "not_there", "list")
        assert item.state == State.CHECKING
        assert [row.group for row in selectors.worklist(analyst.actor)] == [selectors.WAIT]
    with clock.frozen(at(days=2)):
        item = analyst.check(item, "could_not_tell")
        item = analyst.check(item, "not_there")
        assert item.state == State.CHECKING
    with clock.frozen(at(days=3)):
        item = analyst.check(item, "not_there", "addressee")
    assert item.state == State.GONE
    assert item.check_at is item.remind_at is None
    told = selectors.told(sent.pk)
    assert told is not None
    assert told.sentences == ("Link yang kamu laporkan sudah tidak ada lagi. Terima kasih sudah melapor.",)
    assert told.take_it_down == "", "a witness is not offered a place for their own picture"
    assert LINK not in " ".join(told.sentences)

    opened = analyst.open(item)
    assert opened.address == LINK
    assert opened.sendings[0].reference == "IWF-2026-77"
    assert opened.answers[0].words == "Dihapus hari ini."
    assert [check.result for check, _ in opened.checks].count("not_there") == 4
    assert opened.not_there_days == 3
    kinds = list(AuditEvent.objects.filter(kind__startswith="takedown.").values_list("kind", flat=True))
    assert kinds.count("takedown.checked") == 5
    assert "takedown.reminded" in kinds
    assert not AuditEvent.objects.filter(data__contains="invalid").exists()


def test_what_is_due_is_what_stands_first_on_the_list(send, analyst, cast) -> None:
    items = [analyst.add(send())[0] for _ in range(4)]
    analyst.send(*items[:3])
    analyst.answer(items[0])
    for hours in (1, 23, 24, 40):
        with later(hours=hours):
            moment = clock.now()
            due = {item.pk for item in selectors.due(analyst.actor, moment)}
            rows = {
                r.item.pk for r in selectors.worklist(analyst.actor) if r.group in {selectors.REMIND, selectors.LOOK}
            }
            assert due == rows
            assert len(due) == (1 if hours < 24 else 3)
            assert not selectors.due(cast.actor(cast.other_analyst), moment).exists()


def test_still_there_begins_the_count_anew_and_asks_to_send_again(send, analyst) -> None:
    [item] = analyst.add(send())
    analyst.send(item)
    for day in (1, 2):
        with later(days=day):
            item = analyst.check(item)
    with later(days=3):
        item = analyst.check(item, "there")
        assert (item.state, item.round, item.last_result) == (State.DRAFT, 2, "there")
        assert [row.group for row in selectors.worklist(analyst.actor)] == [selectors.SEND]
        with pytest.raises(Conflict):
            analyst.check(item)
        analyst.send(item)
    for day, state in ((4, State.CHECKING), (5, State.CHECKING), (6, State.GONE)):
        with later(days=day):
            item = analyst.check(item)
            assert item.state == state
    assert item.first_sent_at == MONDAY
    assert item.first_not_there_at == at(days=1)
    assert len(analyst.open(item).sendings) == 2
    with later(days=9):
        assert analyst.check(item, "there").state == State.DRAFT, "it came back"


@pytest.mark.parametrize(("province", "who", "days"), [("31", "analyst", 1), ("91", "other_analyst", 2)])
def test_a_day_is_the_day_of_the_reports_place(province, who, days, send, cast) -> None:
    """14:30 and 15:30 UTC are 21:30 and 22:30 of one day in Jakarta, and 23:30 and 00:30 in Jayapura."""
    desk = Desk(cast, getattr(cast, who))
    [item] = desk.add(send(province=province))
    desk.send(item)
    for hour in (14, 15):
        with clock.frozen(MONDAY.replace(hour=hour, minute=30)):
            item = desk.check(item)
    assert desk.open(item).not_there_days == days


def test_refused_and_questions_wait_for_a_decision_and_can_be_asked_again(send, analyst) -> None:
    sent = send()
    [item] = analyst.add(sent)
    analyst.send(item)
    item = analyst.answer(item, "asks_more")
    assert [row.group for row in selectors.worklist(analyst.actor)] == [selectors.DECIDE]
    item = analyst.answer(item, "refused")
    assert selectors.told(sent.pk).sentences == (
        "Ada yang menolak permintaan kami. Itu bukan salahmu. Kami cari cara lain.",
    )
    assert tasks.remind(at(days=3)) == 0, "an answer ends the reminder"
    item = services.renew(analyst.actor, item.pk)
    assert (item.state, item.round) == (State.DRAFT, 2)
    analyst.send(item)
    assert now(item).answer == "", "the next letter waits for its own answer"


def test_ending_without_an_outcome_says_why_and_is_told_as_it_is(send, analyst) -> None:
    sent = send()
    one, two = analyst.add(sent, LINK, "https://lain.invalid/x")
    notice = analyst.notice(one, two)
    services.end(analyst.actor, one.pk, "give_up", "private_chat")
    services.end(analyst.actor, two.pk, "withdraw", "mistake")
    assert not Notice.objects.filter(pk=notice.pk).exists(), "a letter about nothing goes"
    told = selectors.told(sent.pk)
    assert told.sentences[0].startswith("Maaf, ada yang tidak bisa kami minta dihapus")
    with pytest.raises(Conflict):
        analyst.check(two)
    assert services.renew(analyst.actor, two.pk).state == State.DRAFT
    assert now(two).round == 1, "it was never sent"


def test_times_may_be_noted_later_but_not_before_what_came_first_nor_ahead(send, analyst) -> None:
    [item] = analyst.add(send())
    notice = analyst.notice(item)
    with clock.frozen(at(hours=3)):
        for wrong in (at(hours=4), at(hours=-1)):
            with pytest.raises(BadInput):
                services.mark_sent(analyst.actor, analyst.keyring, notice.pk, at=wrong)
        services.mark_sent(analyst.actor, analyst.keyring, notice.pk, at=at(hours=1))
        assert now(item).sent_at == at(hours=1)
        with pytest.raises(BadInput):
            analyst.check(item, at=at(minutes=59))
        with pytest.raises(BadInput):
            analyst.answer(item, at=at(minutes=59))
        with pytest.raises(BadInput):
            analyst.check(item, at=datetime(2026, 11, 23, 12, 0))  # noqa: DTZ001 (a form without a zone)
        analyst.check(item, at=at(hours=2))
        with pytest.raises(BadInput):
            analyst.check(item, "there", at=at(hours=1, minutes=30))


def test_several_reports_and_hashes_stand_on_one_letter(send, analyst) -> None:
    first, second_report = send(), send(media_url="https://lain.invalid/halaman")
    items = [
        *analyst.add(first),
        *analyst.add(second_report, "https://lain.invalid/halaman"),
        *analyst.add(first, entries=[("md5", HASH)]),
    ]
    notice = analyst.notice(*items)
    opened = services.open_notice(analyst.actor, analyst.keyring, notice.pk)
    text = opened.text("id")
    assert f"MD5: {HASH}" in text
    assert LINK in text
    assert "https://lain.invalid/halaman" in text
    assert "(3)" in text
    for secret in (first.report.reference, second_report.report.reference, "cerita", "Analyst"):
        assert secret not in text
    rows = services.export(analyst.actor, analyst.keyring, notice.pk, "sheet").splitlines()
    assert rows[0] == "url,date_seen,platform"
    assert sorted(rows[1:]) == [f"{LINK},2026-11-23,", "https://lain.invalid/halaman,2026-11-23,"]
    services.mark_sent(analyst.actor, analyst.keyring, notice.pk, reference="R-1")
    assert {now(item).state for item in items} == {State.SENT}
    assert Entry.objects.filter(notice=notice, sent_at=MONDAY).count() == 3


def test_a_link_of_two_reports_stands_on_the_letter_once_and_is_followed_for_each(send, analyst) -> None:
    items = [analyst.add(sent)[0] for sent in (send(), send())]
    other = analyst.add(send(), f"{LINK}&y=2")[0]
    notice = analyst.notice(*items, other)
    text = services.export(analyst.actor, analyst.keyring, notice.pk, "text", "en")
    assert sorted(line[3:] for line in text.splitlines() if LINK in line) == [LINK, f"{LINK}&y=2"]
    services.mark_sent(analyst.actor, analyst.keyring, notice.pk)
    assert {now(item).state for item in (*items, other)} == {State.SENT}


def test_one_letter_has_one_addressee(send, analyst) -> None:
    sent, other = send(online_where=["instagram"]), send()
    iwf, komdigi = analyst.add(sent, addressees=["iwf", "komdigi"], bases=["ite", "iwf"])
    assert (iwf.basis, komdigi.basis) == ("iwf", "ite")
    with pytest.raises(BadInput):
        analyst.notice(iwf, komdigi)
    one = analyst.add(sent, addressees=["platform"], bases=["platform_rules"], platform="instagram")
    two = analyst.add(other, addressees=["platform"], bases=["platform_rules"], platform="facebook")
    with pytest.raises(BadInput):
        analyst.notice(*one, *two)
    hosts = [
        *analyst.add(sent, addressees=["host"], bases=["ite"]),
        *analyst.add(other, addressees=["host"], bases=["ite"]),
    ]
    with pytest.raises(BadInput):
        analyst.notice(*hosts)
    analyst.notice(hosts[0])
    with pytest.raises(Conflict):
        analyst.notice(hosts[0])
    notice = Notice.objects.get(addressee="host")
    services.discard(analyst.actor, notice.pk)
    analyst.notice(hosts[0])
    with pytest.raises(NotFound):
        services.export(analyst.actor, analyst.keyring, Notice.objects.get().pk, "sheet")


def test_adding_the_same_twice_gives_one_and_wrong_entries_say_why(send, analyst) -> None:
    sent = send()
    analyst.add(sent)
    with pytest.raises(BadInput):
        analyst.add(sent, "www.contoh-tautan.invalid/halaman/48213?x=Ab", LINK)
    assert len(analyst.add(sent, LINK, "https://lain.invalid/x")) == 1
    for more, field in (
        ({"entries": [("url", "bukan alamat")]}, "entries"),
        ({"entries": []}, "entries"),
        ({"entries": [("md5", LINK)]}, "entries"),
        ({"entries": [("video", LINK)]}, "kind"),
        ({"addressees": []}, "addressees"),
        ({"addressees": ["polisi"]}, "addressees"),
        ({"bases": []}, "bases"),
        ({"bases": ["ite"]}, "bases"),
        ({"bases": ["apa"]}, "bases"),
        ({"addressees": ["platform"], "bases": ["ite"]}, "platform"),
        ({"platform": "tidak-ada"}, "platform"),
    ):
        with pytest.raises(BadInput) as caught:
            analyst.add(sent, **more)
        assert caught.value.field == field, more
        assert LINK not in str(caught.value.message)
    assert Item.objects.count() == 2
    help_asked = send(path="worried_self", words="tolong")
    with pytest.raises(BadInput):
        analyst.add(help_asked)


def test_a_link_that_two_are_asked_about_is_one_link_for_the_reporter(send, analyst) -> None:
    sent, other = send(), send()
    iwf, komdigi = analyst.add(sent, addressees=["iwf", "komdigi"], bases=["iwf", "ite"])
    [elsewhere] = analyst.add(other)
    assert iwf.address == komdigi.address != elsewhere.address
    analyst.send(iwf)
    analyst.send(komdigi)
    for day in (0, 1, 2):
        with later(days=day):
            analyst.check(iwf)
    assert selectors.told(sent.pk).sentences[0].startswith("Link yang kamu laporkan sudah tidak ada lagi.")


def test_the_address_is_sealed_and_stands_in_no_column(send, analyst) -> None:
    [item] = analyst.add(send())
    analyst.send(item, reference="kanari-rujukan")
    analyst.answer(item, words="kanari-jawaban")
    for model in (Item, Notice, Entry, Check):
        for row in model.objects.values():
            assert "invalid" not in str(row)
            assert "kanari" not in str(row)
    for row in SealedField.objects.filter(field__startswith="takedown"):
        assert row.key_name == "staff"
        assert b"kanari" not in bytes(row.ciphertext)
        assert b"invalid" not in bytes(row.ciphertext)
    assert LINK not in repr(analyst.open(item))


def test_who_may_do_what(send, cast, analyst) -> None:
    sent = send()
    [item] = analyst.add(sent)
    notice = analyst.notice(item)
    worker = Desk(cast, cast.case_worker)
    assert worker.open(item).address == LINK, "a case worker reads"
    services.open_notice(worker.actor, worker.keyring, notice.pk)
    stranger = Desk(cast, cast.other_analyst)
    for desk, error in ((worker, NotAllowed), (stranger, NotFound)):
        for deed in (
            lambda d: d.add(sent, "https://lain.invalid/y"),
            lambda d: d.check(item),
            lambda d: d.answer(item),
            lambda d: services.end(d.actor, item.pk, "withdraw", "mistake"),
            lambda d: services.renew(d.actor, item.pk),
            lambda d: services.make_notice(d.actor, [item.pk]),
            lambda d: services.mark_sent(d.actor, d.keyring, notice.pk),
            lambda d: services.export(d.actor, d.keyring, notice.pk, "text"),
            lambda d: services.discard(d.actor, notice.pk),
        ):
            with pytest.raises(error):
                deed(desk)
    for deed in (
        lambda: stranger.open(item),
        lambda: services.open_notice(stranger.actor, stranger.keyring, notice.pk),
    ):
        with pytest.raises(NotFound):
            deed()
    for person in (cast.administrator, cast.auditor, cast.data_analyst, cast.partner):
        assert selectors.worklist(cast.actor(person)) == []


def test_a_form_made_from_an_older_page_changes_nothing(send, analyst, second) -> None:
    [item] = analyst.add(send())
    analyst.send(item)
    seen = now(item).version
    second.answer(item)
    for late in (
        lambda: analyst.check(item, version=seen),
        lambda: analyst.answer(item, version=seen),
        lambda: services.end(analyst.actor, item.pk, "withdraw", "mistake", version=seen),
        lambda: services.renew(analyst.actor, item.pk, version=seen),
    ):
        with pytest.raises(Conflict):
            late()
    assert Check.objects.count() == 0


# --- the report goes its own way --------------------------------------------------------------------------------------


def test_while_a_report_is_withdrawn_its_requests_are_hidden_and_stand_still(send, analyst) -> None:
    sent, other = send(), send(media_url="https://lain.invalid/x")
    [item], [rest] = analyst.add(sent), analyst.add(other, "https://lain.invalid/x")
    notice = analyst.notice(item, rest)
    mailbox.ask_to_stop(sent.visit())
    assert [row.item.pk for row in selectors.worklist(analyst.actor)] == [rest.pk]
    for hidden in (lambda: analyst.open(item), lambda: analyst.check(item), lambda: analyst.add(sent)):
        with pytest.raises(NotFound):
            hidden()
    assert selectors.told(sent.pk) is None
    opened = services.open_notice(analyst.actor, analyst.keyring, notice.pk)
    assert [line.item.pk for line in opened.lines] == [rest.pk]
    services.mark_sent(analyst.actor, analyst.keyring, notice.pk)
    assert (now(rest).state, now(item).state) == (State.SENT, State.DRAFT)
    mailbox.undo_stop(sent.visit())
    analyst.send(item)
    assert now(item).state == State.SENT, "it goes out on a letter of its own"


def test_no_reminder_for_a_report_that_is_withdrawn(send, analyst) -> None:
    sent = send()
    [item] = analyst.add(sent)
    analyst.send(item)
    mailbox.ask_to_stop(sent.visit())
    assert tasks.remind(at(hours=30)) == 0
    assert mail.outbox == []
    mailbox.undo_stop(sent.visit())
    assert tasks.remind(at(hours=30)) == 1


def test_a_report_that_moves_takes_its_requests_along(send, cast, analyst) -> None:
    sent, other = send(), send(media_url="https://lain.invalid/x")
    [item], [rest] = analyst.add(sent), analyst.add(other, "https://lain.invalid/x")
    [went] = analyst.add(sent, "https://ketiga.invalid/z")
    letter = analyst.send(went, reference="R-9")
    notice = analyst.notice(item, rest)
    reporting.mark_conflict(analyst.actor, analyst.keyring, sent.pk, cast.intake.pk)
    with pytest.raises(NotFound):
        analyst.open(item)
    with pytest.raises(NotFound):
        services.open_notice(analyst.actor, analyst.keyring, letter.pk)
    assert [row.item.pk for row in selectors.worklist(analyst.actor)] == [rest.pk]
    assert list(Entry.objects.filter(notice=notice).values_list("item", flat=True)) == [rest.pk]
    there = Desk(cast, cast.independent_analyst)
    assert there.open(item).address == LINK
    opened = there.open(went)
    assert (opened.sendings[0].notice_id, opened.sendings[0].reference) == (None, "R-9")
    there.send(item)
    assert there.check(went).state == State.CHECKING
    services.mark_sent(analyst.actor, analyst.keyring, notice.pk)


def test_an_erased_report_takes_its_requests_along_and_a_letter_about_others_goes_on(send, analyst) -> None:
    from lindung.takedown.models import Erased
    from lindung.vault import services as vault

    sent, other = send(), send(media_url="https://lain.invalid/x")
    [item, never], [rest] = (
        analyst.add(sent, LINK, "https://tak.invalid/"),
        analyst.add(other, "https://lain.invalid/x"),
    )
    both = analyst.send(item, rest)
    alone = analyst.notice(never)
    with later(hours=2.5):
        analyst.answer(item)
    with later(hours=5):
        analyst.check(item)
        vault.shred(record_id=sent.report.record_id)
    assert list(Item.objects.values_list("pk", flat=True)) == [rest.pk]
    assert list(Notice.objects.values_list("pk", flat=True)) == [both.pk]
    assert not Notice.objects.filter(pk=alone.pk).exists()
    assert len(services.open_notice(analyst.actor, analyst.keyring, both.pk).lines) == 1
    line = Erased.objects.get()
    assert (line.addressee, line.answered_tenths, line.not_there_tenths) == ("iwf", 25, 50)
    assert line.month.isoformat() == "2026-11-01"
    assert not SealedField.objects.filter(field__startswith="takedown", record=sent.report.record_id).exists()


def test_the_offer_of_take_it_down_stands_in_a_childs_box_from_the_first_request(send, analyst) -> None:
    child = send(path="child", words="cerita", media_url="", accounts=f"di {LINK}")
    assert selectors.told(child.pk) is None
    analyst.add(child)
    told = selectors.told(child.pk)
    assert told.sentences == ()
    assert "18" in told.take_it_down


def test_a_member_who_waits_for_the_key_sees_no_request(send, cast, analyst) -> None:
    from lindung.accounts import services as accounts

    [item] = analyst.add(send())
    user = cast.second_analyst
    accounts.reset_passphrase(actor=cast.actor(cast.administrator), user=user)
    assert selectors.worklist(cast.actor(user)) == []
    with pytest.raises(NotFound):
        services.check(cast.actor(user), item.pk, "address", "there")


def test_when_nobody_can_be_called_it_is_tried_again(send, analyst, monkeypatch) -> None:
    from lindung.reporting.services import alerts

    [item] = analyst.add(send())
    analyst.send(item)
    monkeypatch.setattr(alerts, "_send", lambda one: False)
    assert tasks.remind(at(hours=24)) == 0
    assert tasks.remind(at(hours=24, minutes=10)) == 0, "leased for a quarter of an hour"
    monkeypatch.undo()
    assert tasks.remind(at(hours=24, minutes=14)) == 0
    assert tasks.remind(at(hours=24, minutes=15)) == 1
    assert len(mail.outbox) == 1
    assert tasks.remind(at(hours=48)) == 0, "once for each letter"
