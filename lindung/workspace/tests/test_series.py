"""Series and merging on the pages of staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lindung.places import selectors as places
from lindung.reporting import services as reporting
from lindung.reporting.models import Report
from lindung.series.models import Merge, Series, SeriesMember
from lindung.series.services import join, merge
from lindung.workspace.panels import series as panel

from .conftest import CALM, DANGER, Sent

pytestmark = pytest.mark.django_db
Send = Callable[..., Sent]

ACCOUNT = {"path": "child", "accounts": "@raja_malam_77", "province": "31", "online_where": ["whatsapp"]}


def html(response: Any) -> str:
    return str(response.content.decode())


def test_a_proposal_says_why_and_never_the_account(analyst: Any, send: Send, cast: Any) -> None:
    one, two = send(**ACCOUNT), send(**ACCOUNT)
    hidden = send(**ACCOUNT, concern=["works_here"])
    page = html(analyst.get(one.url("series_beside")))
    assert two.report.reference in page
    assert "sama-sama menyebut satu akun atau nomor" in page
    assert "raja" not in page
    assert hidden.report.reference not in page
    english = html(analyst.get("/en" + one.url("series_beside")))
    assert "both name one account or number" in english


def test_accepting_makes_a_series_with_its_counts(analyst: Any, send: Send) -> None:
    one, two = send(**ACCOUNT), send(**ACCOUNT)
    page = analyst.post(one.url("series_join"), {"id": str(two.id)}, follow=True)
    assert "Laporan masuk seri." in html(page)
    series = Series.objects.get()
    assert set(SeriesMember.objects.values_list("why", flat=True)) == {"identifier"}
    shown = html(analyst.get(reverse("workspace:series", args=[series.pk])))
    for word in (one.report.reference, two.report.reference, places.get("31").name, "WhatsApp", "<rect"):
        assert word in shown, word
    assert series.reference in html(analyst.get(reverse("workspace:series_list")))
    assert series.reference in html(analyst.get(one.url()))
    leave = reverse("workspace:series_leave", args=[series.pk, two.id])
    assert "Satu laporan saja bukan seri" in html(analyst.post(leave, follow=True))


def test_a_report_is_found_by_its_reference_and_by_nothing_else(analyst: Any, send: Send) -> None:
    one, two = send(**CALM), send(**CALM)
    hidden = send(**CALM, concern=["works_here"])
    for other in ("@raja_malam_77", "0812 3456 7890", hidden.report.reference, "00000000"):
        response = analyst.post(one.url("series_join"), {"other": other})
        assert response.status_code == 422
        assert "Tidak ada laporan dengan nomor itu" in html(response)
    assert analyst.post(one.url("series_join"), {"other": two.report.reference.lower()}).status_code == 302
    assert set(SeriesMember.objects.values_list("why", flat=True)) == {"hand"}


def test_merging_shows_where_to_work_and_can_be_undone(analyst: Any, send: Send, cast: Any) -> None:
    lead, other = send(**CALM), send(**DANGER)
    data = {"other": other.report.reference, "way": "sini"}
    assert "Laporan digabung." in html(analyst.post(lead.url("series_merge"), data, follow=True))
    page = html(analyst.get(other.url()))
    assert f"Digabung dengan {lead.report.reference}" in page
    assert other.url("claim") not in page
    assert other.url("triage") not in page
    assert other.url("message") in page, "the box of this reporter is answered here"
    assert other.report.reference in html(analyst.get(lead.url()))
    inbox = html(analyst.get(reverse("workspace:inbox")))
    assert lead.report.reference in inbox
    assert other.report.reference not in inbox
    reporting.claim(cast.actor(cast.analyst), lead.id)
    undone = analyst.post(lead.url("series_unmerge", merged_id=other.id), follow=True)
    assert "Yang diubah setelah digabung tetap seperti sekarang:" in html(undone)
    assert "yang memegang" in html(undone)
    assert not Merge.objects.exists()


def test_the_other_way_round_and_what_cannot_be_merged(analyst: Any, send: Send) -> None:
    one, two, three = send(**CALM), send(**CALM), send(**CALM)
    analyst.post(one.url("series_merge"), {"other": two.report.reference, "way": "sana"})
    assert one.now().merged_into_id == two.id
    refused = analyst.post(three.url("series_merge"), {"other": one.report.reference, "way": "sini"})
    assert refused.status_code == 409
    assert "sudah digabung" in html(refused)


def test_whoever_may_not_judge_looks_only(browse: Any, cast: Any, send: Send) -> None:
    one, two = send(**ACCOUNT), send(**ACCOUNT)
    series = join(cast.actor(cast.analyst), one.id, two.id, "hand")
    worker = browse(cast.case_worker)
    page = html(worker.get(one.url("series_beside")))
    assert one.url("series_join") not in page
    assert worker.post(one.url("series_join"), {"id": str(two.id)}).status_code == 404
    assert worker.post(reverse("workspace:series_leave", args=[series.pk, one.id])).status_code == 404
    outsider = browse(cast.other_analyst)
    assert outsider.get(reverse("workspace:series", args=[series.pk])).status_code == 404
    assert series.reference not in html(outsider.get(reverse("workspace:series_list")))


def test_the_supervisor_sees_all_series_counted_together(browse: Any, cast: Any, send: Send, analyst: Any) -> None:
    one, two = send(**ACCOUNT), send(**ACCOUNT)
    join(cast.actor(cast.analyst), one.id, two.id, "hand")
    assert "Semua seri bersama" in html(browse(cast.supervisor).get(reverse("workspace:series_list")))
    assert "Semua seri bersama" not in html(analyst.get(reverse("workspace:series_list")))


def test_the_panel_asks_twice_and_the_pages_stay_within_their_budget(
    analyst: Any, send: Send, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = [send(**ACCOUNT) for _ in range(6)]
    actor = cast.actor(cast.analyst)
    for other in reports[1:]:
        series = join(actor, reports[0].id, other.id, "hand")
    merge(actor, reports[1].id, reports[0].id)
    counted: list[int] = []
    build = panel.build

    def counting(*args: Any) -> Any:
        with CaptureQueriesContext(connection) as queries:
            found = build(*args)
        counted.append(len(queries))
        return found

    from lindung.workspace import panels

    entries = tuple(panels.Panel(p.template, counting if p.build is build else p.build, p.side) for p in panels.PANELS)
    monkeypatch.setattr(panels, "PANELS", entries)
    analyst.get(reports[0].url())
    assert counted == [2]
    for path in (
        reports[0].url("series_beside"),
        reverse("workspace:series", args=[series.pk]),
        reverse("workspace:series_list"),
    ):
        analyst.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert analyst.get(path).status_code == 200
        assert len(queries) <= 25, path
    assert Report.objects.count() == 6
