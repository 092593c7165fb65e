"""Reports that change hands, as a browser sees it: from team to team, from colleague to colleague; legal holds."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from lindung.accounts.models import GrantRequest, Membership
from lindung.core import clock
from lindung.reporting import services
from lindung.reporting.models import FollowUp, Report
from lindung.reporting.models_moves import LegalHold, Reassignment, Transfer
from lindung.reporting.services import holding, transferring

from .conftest import CALM, DANGER

pytestmark = pytest.mark.django_db
WORDS = "Anaknya pindah ke sana pekan ini, kata bibinya."


def html(response: Any) -> str:
    assert response.status_code in {200, 409, 422}, response.status_code
    return response.content.decode()


def offer(cast: Any, sent: Any, **more: Any) -> Transfer:
    desk = cast.analyst
    data = {"reason": "place", "words": WORDS, **more}
    team = data.pop("team", cast.other_intake)
    return transferring.offer(cast.actor(desk), cast.keyring(desk), sent.id, team.pk, **data)


def claimed(cast: Any, sent: Any, user: Any) -> Any:
    services.claim(cast.actor(user), sent.id)
    return sent


class TestOffering:
    def test_from_the_page_of_the_report(self, cast, analyst, browse, send):
        sent = send(**CALM)
        page = html(analyst.get(sent.url()))
        assert 'id="tawarkan"' in page
        assert f'<option value="{cast.other_intake.pk}"' in page
        assert f'<option value="{cast.partner_team.pk}"' not in page.split('id="tawarkan"')[1].split("</section>")[0]
        data = {"team": cast.other_intake.pk, "reason": "place", "words": WORDS, "urgent": "on"}
        response = analyst.post(sent.url("transfer_offer"), data)
        assert response.status_code == 302
        page = html(analyst.get(response["Location"].split("#")[0]))
        assert "Menunggu jawaban other intake" in page
        assert "Laporan ditawarkan" in page
        other = browse(cast.other_analyst)
        page = html(other.get("/kerja/serah-terima/"))
        assert "Anak berada di wilayah tim itu" in page
        assert "Mendesak" in page
        assert WORDS not in page
        assert sent.report.reference not in page
        assert CALM["words"] not in page

    def test_wrong_fields_come_back_with_what_was_typed(self, cast, analyst, send):
        sent = send(**CALM)
        for team in ("", "bukan-id", cast.partner_team.pk):
            response = analyst.post(sent.url("transfer_offer"), {"team": team, "reason": "place", "words": WORDS})
            assert response.status_code == 422
            assert WORDS in html(response)
        assert not Transfer.objects.exists()

    def test_a_case_worker_sees_no_panel(self, cast, browse, send):
        sent = send(**CALM)
        worker = browse(cast.case_worker)
        assert 'id="tawarkan"' not in html(worker.get(sent.url()))
        data = {"team": cast.other_intake.pk, "reason": "place", "words": WORDS}
        assert worker.post(sent.url("transfer_offer"), data).status_code == 404
        assert worker.get("/kerja/serah-terima/").status_code == 404

    def test_a_team_that_the_report_names_is_not_in_the_list(self, cast, browse, send):
        Membership.objects.create(user=cast.independent_analyst, team=cast.independent, role="supervisor")
        sent = send(**CALM, concern=["works_here"])
        page = html(browse(cast.independent_analyst).get(sent.url()))
        assert "Tidak ada tim lain yang boleh menerima laporan ini." in page

    def test_taking_it_back_from_the_report(self, cast, analyst, send):
        row = offer(cast, sent := send(**CALM))
        url = f"/kerja/serah-terima/{row.pk}/tarik/"
        assert url in html(analyst.get(sent.url()))
        response = analyst.post(url, {"dari": "laporan"})
        assert response["Location"].startswith(sent.url())
        assert analyst.post(url).status_code == 409
        assert "Ditarik lagi" in html(analyst.get("/kerja/serah-terima/"))


class TestAnswering:
    def test_yes_leads_to_the_report_and_shuts_the_first_team_out(self, cast, analyst, browse, send):
        row = offer(cast, sent := send(**DANGER))
        other = browse(cast.other_analyst)
        response = other.post(f"/kerja/serah-terima/{row.pk}/terima/")
        assert response["Location"].startswith(sent.url())
        page = html(other.get(response["Location"]))
        assert DANGER["words"] in page
        assert WORDS in page
        assert "Laporan ini sekarang pada timmu" in page
        assert analyst.get(sent.url()).status_code == 404
        page = html(analyst.get("/kerja/serah-terima/"))
        assert "Diterima" in page
        assert sent.url() not in page
        assert sent.report.reference in page
        assert other.post(f"/kerja/serah-terima/{row.pk}/terima/").status_code == 409

    def test_no_needs_a_reason(self, cast, analyst, browse, send):
        row = offer(cast, send(**CALM))
        other = browse(cast.other_analyst)
        url = f"/kerja/serah-terima/{row.pk}/tolak/"
        assert "Pilih alasannya" in html(other.post(url, {"reason": "karena"}))
        assert other.post(url, {"reason": "other_area"}).status_code == 302
        assert other.post(url, {"reason": "other_area"}).status_code == 409
        assert "Bukan wilayah kami" in html(analyst.get("/kerja/serah-terima/"))
        assert "Tidak ada yang menunggu jawabanmu" in html(other.get("/kerja/serah-terima/"))

    @pytest.mark.parametrize("who", ["analyst", "supervisor", "independent_analyst"])
    def test_it_is_not_there_for_others(self, cast, browse, send, who):
        row, browser = offer(cast, send(**CALM)), browse(getattr(cast, who))
        for ending in ("terima", "tolak"):
            assert browser.post(f"/kerja/serah-terima/{row.pk}/{ending}/", {"reason": "full"}).status_code == 404
        assert browser.get(f"/kerja/serah-terima/{row.pk}/terima/").status_code == 302

    def test_the_menu_says_how_many_wait(self, cast, browse, send):
        offer(cast, send(**CALM))
        offer(cast, send(**CALM))
        page = html(browse(cast.other_analyst).get("/kerja/serah-terima/"))
        entry = page.split('href="/kerja/serah-terima/"')[1].split("</a>")[0]
        assert "2" in re.sub(r"<[^>]+>", " ", entry)
        assert "menunggu" in entry

    def test_in_english(self, cast, browse, send):
        offer(cast, send(**CALM))
        with translation.override("en"):
            page = html(browse(cast.other_analyst).get("/en/kerja/serah-terima/"))
        assert "Offered to your team" in page
        assert "The child is in that team" in page


class TestHandingOver:
    def test_a_supervisor_sees_who_holds_how_much(self, cast, browse, send):
        claimed(cast, send(**DANGER), cast.analyst)
        claimed(cast, send(**CALM), cast.analyst)
        FollowUp.objects.create(report=Report.objects.first(), kind="safety_check", due_at=clock.now())
        start = clock.coarse_now() + timedelta(days=1)
        services.add_shift(
            cast.actor(cast.supervisor), cast.intake.pk, cast.analyst.pk, "analyst", start, start + timedelta(hours=8)
        )
        page = html(browse(cast.supervisor).get("/kerja/serahkan/"))
        row = page.split(">Analyst")[1].split("</tr>")[0]
        numbers = [int(n) for n in re.findall(r"<td[^>]*>(?:<span>)?(\d+)", row)]
        assert numbers == [2, 0, 1, 0, 1], "reports, cases, follow-ups, police clocks, shifts"
        assert "1 risiko tinggi" in row

    def test_all_of_it_evenly_to_two(self, cast, browse, send):
        sents = [claimed(cast, send(**CALM), cast.analyst) for _ in range(4)]
        supervisor = browse(cast.supervisor)
        url = f"/kerja/serahkan/{cast.intake.pk}/{cast.analyst.pk}/"
        page = html(supervisor.get(url))
        assert page.count("checked") == 4
        people = [cast.second_analyst.pk, cast.case_worker.pk]
        response = supervisor.post(url, {"reports": [s.id for s in sents], "people": people})
        assert response.status_code == 302
        assert "4 laporan diserahkan" in html(supervisor.get(response["Location"]))
        holders = list(Report.objects.values_list("claimed_by", flat=True))
        assert sorted(holders.count(pk) for pk in people) == [2, 2]
        page = html(browse(cast.second_analyst).get(next(s for s in sents if s.now().claimed_by_id == people[0]).url()))
        assert "Diserahkan ke rekan" in page
        assert "dari Analyst ke Second Analyst" in page
        assert "Supervisor" in page

    def test_only_the_ticked_ones(self, cast, browse, send):
        kept, given = claimed(cast, send(**CALM), cast.analyst), claimed(cast, send(**CALM), cast.analyst)
        url = f"/kerja/serahkan/{cast.intake.pk}/{cast.analyst.pk}/"
        data = {"reports": [given.id], "people": [cast.second_analyst.pk]}
        assert browse(cast.supervisor).post(url, data).status_code == 302
        assert (kept.now().claimed_by, given.now().claimed_by) == (cast.analyst, cast.second_analyst)

    def test_nothing_or_nobody_chosen_comes_back(self, cast, browse, send):
        sent, supervisor = claimed(cast, send(**CALM), cast.analyst), browse(cast.supervisor)
        url = f"/kerja/serahkan/{cast.intake.pk}/{cast.analyst.pk}/"
        for data in (
            {"reports": [sent.id]},
            {"people": [cast.second_analyst.pk]},
            {"reports": [sent.id], "people": [cast.other_analyst.pk]},
            {"reports": [sent.id], "people": [cast.analyst.pk]},
        ):
            response = supervisor.post(url, data)
            assert response.status_code == 422
            assert "Belum diserahkan" in html(response)
        assert sent.now().claimed_by == cast.analyst

    def test_what_changed_meanwhile_is_said(self, cast, browse, send):
        sent, supervisor = claimed(cast, send(**CALM), cast.analyst), browse(cast.supervisor)
        url = f"/kerja/serahkan/{cast.intake.pk}/{cast.analyst.pk}/"
        services.release(cast.actor(cast.analyst), sent.id)
        assert supervisor.post(url, {"reports": [sent.id], "people": [cast.second_analyst.pk]}).status_code == 409

    def test_everybody_else_sees_and_gives_their_own_only(self, cast, analyst, browse, send):
        sent = claimed(cast, send(**CALM), cast.analyst)
        claimed(cast, send(**CALM), cast.second_analyst)
        page = html(analyst.get("/kerja/serahkan/"))
        assert "Second Analyst" not in page.split("<main")[1]
        own = f"/kerja/serahkan/{cast.intake.pk}/{cast.analyst.pk}/"
        assert analyst.post(own, {"reports": [sent.id], "people": [cast.supervisor.pk]}).status_code == 302
        theirs = f"/kerja/serahkan/{cast.intake.pk}/{cast.second_analyst.pk}/"
        assert analyst.get(theirs).status_code == 404
        assert browse(cast.other_analyst).get(own).status_code == 404
        assert browse(cast.administrator).get("/kerja/serahkan/").status_code == 404


class TestSomebodyLeaves:
    def test_never_silently_while_work_is_in_their_hands(self, cast, browse, send):
        sent = claimed(cast, send(**DANGER), cast.analyst)
        admin = browse(cast.administrator)
        url = f"/kerja/orang/{cast.analyst.pk}/berhenti/"
        page = html(admin.get(url))
        assert "Laporan terbuka: <b>1</b>" in page
        assert "Supervisor" in page
        assert sent.report.reference not in page
        assert admin.post(url).status_code == 409
        cast.analyst.refresh_from_db()
        assert cast.analyst.is_active
        assert admin.post(url, {"release": "on"}).status_code == 302
        now = sent.now()
        assert (now.claimed_by, now.state) == (None, "new")
        assert Reassignment.objects.count() == 0

    def test_with_empty_hands_nothing_is_asked(self, cast, browse):
        admin = browse(cast.administrator)
        url = f"/kerja/orang/{cast.second_analyst.pk}/berhenti/"
        assert 'name="release"' not in html(admin.get(url))
        assert admin.post(url).status_code == 302

    def test_shifts_of_somebody_who_lost_the_role_are_shown_as_uncovered(self, cast, analyst):
        start = clock.coarse_now() + timedelta(minutes=5)
        services.add_shift(
            cast.actor(cast.supervisor), cast.intake.pk, cast.second_analyst.pk, "analyst", start,
            start + timedelta(hours=20),
        )  # fmt: skip
        assert "sudah keluar" not in html(analyst.get("/kerja/jaga/"))
        Membership.objects.filter(user=cast.second_analyst).delete()
        page = html(analyst.get("/kerja/jaga/"))
        assert "sudah keluar" in page
        assert "tidak ada yang jaga" in page


class TestHolds:
    def test_the_page_says_since_when_why_and_by_whom(self, cast, browse, send):
        sent, supervisor = send(**CALM), browse(cast.supervisor)
        data = {"number": sent.report.reference, "reason": "court"}
        assert supervisor.post("/kerja/penyimpanan-hukum/simpan/", data).status_code == 302
        page = html(supervisor.get("/kerja/penyimpanan-hukum/"))
        panel = page.split(sent.report.reference)[1]
        assert "Perkara di pengadilan" in panel
        assert "Supervisor" in panel
        assert "sisa 89 hari" in panel
        assert "sudah disimpan" in html(supervisor.post("/kerja/penyimpanan-hukum/simpan/", data))

    def test_an_overdue_review_is_marked_and_a_review_sets_the_next(self, cast, browse, send):
        sent = send(**CALM)
        with clock.frozen(clock.now() - timedelta(days=95)):
            holding.put_on_hold(cast.actor(cast.supervisor), sent.id, "court")
        supervisor = browse(cast.supervisor)
        page = html(supervisor.get("/kerja/penyimpanan-hukum/"))
        assert 'class="panel stern"' in page
        assert "terlambat 5 hari" in page
        assert supervisor.post(f"/kerja/penyimpanan-hukum/{LegalHold.objects.get().pk}/tinjau/").status_code == 302
        page = html(supervisor.get("/kerja/penyimpanan-hukum/"))
        assert "terlambat" not in page
        assert "terakhir" in page

    def test_two_people_end_it(self, cast, analyst, browse, send):
        sent = send(**CALM)
        hold = holding.put_on_hold(cast.actor(cast.supervisor), sent.id, "court")
        supervisor, base = browse(cast.supervisor), f"/kerja/penyimpanan-hukum/{hold.pk}/"
        assert analyst.post(base + "akhiri/", {"reason": "over"}).status_code == 404
        assert "Pilih alasannya" in html(supervisor.post(base + "akhiri/", {"reason": "bosan"}))
        assert supervisor.post(base + "akhiri/", {"reason": "over"}).status_code == 302
        assert supervisor.post(base + "putuskan/", {"keputusan": "confirm"}).status_code == 404
        assert sent.now().legal_hold
        page = html(analyst.get("/kerja/penyimpanan-hukum/"))
        assert "Perkaranya sudah selesai" in page
        assert analyst.post(base + "putuskan/", {"keputusan": "confirm"}).status_code == 302
        assert not sent.now().legal_hold
        page = html(supervisor.get("/kerja/penyimpanan-hukum/"))
        assert "Yang sudah berakhir" in page
        assert supervisor.post(base + "putuskan/", {"keputusan": "confirm"}).status_code == 409

    def test_disagreeing_keeps_it(self, cast, analyst, browse, send):
        sent = send(**CALM)
        holding.put_on_hold(cast.actor(cast.supervisor), sent.id, "court")
        holding.ask_to_lift(cast.actor(cast.supervisor), sent.id, "mistake")
        assert analyst.post(f"/kerja/penyimpanan-hukum/{LegalHold.objects.get().pk}/putuskan/").status_code == 302
        assert LegalHold.objects.get().lift_asked_by is None
        assert sent.now().legal_hold

    def test_of_other_teams_nothing_is_there(self, cast, browse, send):
        sent = send(**CALM)
        holding.put_on_hold(cast.actor(cast.supervisor), sent.id, "court")
        other = browse(cast.other_analyst)
        assert sent.report.reference not in html(other.get("/kerja/penyimpanan-hukum/"))
        for ending in ("tinjau", "akhiri", "putuskan"):
            url = f"/kerja/penyimpanan-hukum/{LegalHold.objects.get().pk}/{ending}/"
            assert other.post(url, {"reason": "over"}).status_code == 404
        for who in (cast.case_worker, cast.administrator, cast.auditor):
            assert browse(who).get("/kerja/penyimpanan-hukum/").status_code == 404


class TestKeyRequests:
    def ask(self, cast: Any) -> GrantRequest:
        from lindung.accounts import services as accounts
        from lindung.accounts.actors import Actor

        with clock.frozen(clock.now() - timedelta(days=2, hours=3)):
            user = accounts.add_user(
                actor=Actor.system(), organisation=cast.organisation, username="baru", display_name="Orang Baru",
                passphrase="empat kata di kebun", temporary=False, roles=[(cast.intake.pk, "analyst")],
            )  # fmt: skip
        return GrantRequest.objects.get(user=user)

    def test_the_menu_counts_those_who_wait(self, cast, analyst, browse):
        page = html(analyst.get("/kerja/akses/"))
        assert "menunggu" not in page.split('href="/kerja/akses/"')[1].split("</a>")[0]
        self.ask(cast)
        entry = html(analyst.get("/kerja/")).split('href="/kerja/akses/"')[1].split("</a>")[0]
        assert "1" in entry
        assert "menunggu" in entry
        entry = html(browse(cast.other_analyst).get("/kerja/")).split('href="/kerja/akses/"')[1].split("</a>")[0]
        assert "menunggu" not in entry

    def test_the_list_says_who_as_what_and_for_how_long(self, cast, analyst):
        self.ask(cast)
        page = html(analyst.get("/kerja/akses/"))
        assert "Orang Baru" in page
        assert "Analis" in page.split("<tbody")[1]
        assert "2" in page.split("<tbody")[1]
        assert "hari" in page.split("<tbody")[1]
        assert "••••• •••••" in page

    def test_nobody_waits(self, analyst):
        assert "Tidak ada yang menunggu kunci" in html(analyst.get("/kerja/akses/"))
