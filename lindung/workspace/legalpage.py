"""What the tab Hukum shows: rows and sealed words put together for its template."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from lindung.casework import rules, rules_legal
from lindung.casework.knowledge import ending, law
from lindung.casework.knowledge import rights as rights_knowledge
from lindung.casework.models_closing import Approval, ApprovalState, Subject
from lindung.casework.models_legal import Demand, DemandState, Interview, Milestone, Simfoni, Tip
from lindung.casework.services import demands as demanding
from lindung.casework.services import legal, places
from lindung.core.worktime import describe_day, local_day
from lindung.directory import selectors as bodies
from lindung.places import selectors as regions
from lindung.reporting import selectors as reports
from lindung.reporting.models import PoliceDecision
from lindung.workspace.casepage import CasePage

STATE_CSS = {DemandState.OPEN: "medium", DemandState.WITH_LAWYER: "medium", DemandState.ANSWERED: "low"}


def may_note(page: CasePage) -> bool:
    """Whoever works on the case notes what the law does, also after its end."""
    return rules.may_work(page.actor, page.facts)


def milestones(page: CasePage) -> list[dict[str, Any]]:
    """The steps of the proceedings in their order; those struck out stay readable."""
    rows = Milestone.objects.filter(case=page.case).select_related("recorded_by")
    steps, articles, found = law.steps(), law.articles(), []
    for row in rows:
        words = page.opened.words(row.field)
        struck = row.struck_at is not None
        suffix = "_then" if struck else ""
        article = articles.get(row.article)
        found.append(
            {
                "id": row.pk,
                "step": steps[row.step].label if row.step in steps else row.step,
                "on": describe_day(row.on, page.tz),
                "result": law.label("legal.yaml", "results", row.result) if row.result else "",
                "article": article.label if article else row.article,
                "to_be_confirmed": bool(article and article.to_be_confirmed),
                "none": row.article == law.NONE_ADEQUATE,
                "number": words.get(f"number{suffix}", ""),
                "words": words.get(f"words{suffix}", ""),
                "event_on": words.get(f"event_on{suffix}", ""),
                "struck": words.get("struck", "") if struck else "",
                "is_struck": struck,
                "by": row.recorded_by.display_name,
                "at": page.at(row.recorded_at),
            }
        )
    return found


def clocks(page: CasePage) -> list[dict[str, Any]]:
    """The duty to report, by the report's clock or the case's own."""
    seen = set(reports.visible_to(page.actor).filter(case_reports__case=page.case).values_list("pk", flat=True))
    said = page.opened.words(legal.POLICE)
    found = []
    for one in legal.police_clocks(page.case):
        found.append(
            {
                "own": one.report_id is None,
                "report": one.report,
                "url": reverse("workspace:report", args=[one.report_id]) + "#polisi" if one.report_id in seen else "",
                "running": one.running,
                "due": page.deadline(one.due_at),
                "decision": str(PoliceDecision(one.decision).label) if one.decision else "",
                "decided": page.at(one.decided_at) if one.decided_at else "",
                "final": one.decision == PoliceDecision.REPORTED,
                "reason": said.get("reason", "") if one.report_id is None else "",
                "told": said.get("who_told_child", "") if one.report_id is None else "",
            }
        )
    return found


def interviews(page: CasePage) -> list[dict[str, Any]]:
    """Who asked the child about what, with the topics that somebody had asked before."""
    rows = Interview.objects.filter(case=page.case).select_related("noted_by")
    topics = law.codes("interviews.yaml", "topics")
    found: list[dict[str, Any]] = []
    earlier: list[list[str]] = []
    for row in rows:
        asked = row.topics.split()
        again = rules_legal.repeats(asked, earlier)
        earlier.append(asked)
        found.append(
            {
                "on": describe_day(row.on, page.tz),
                "agency": law.label("interviews.yaml", "agencies", row.agency),
                "topics": [(topics[code].label if code in topics else code, code in again) for code in asked],
                "again": len(again),
                "recorded": row.recorded,
                "companion": row.companion,
                "words": page.opened.words(row.field).get("words", ""),
                "by": row.noted_by.display_name,
            }
        )
    return found


def told_again(rows: list[dict[str, Any]]) -> int:
    """How many times the child was asked about the events themselves."""
    labels = {law.codes("interviews.yaml", "topics")[code].label for code in law.about_events()}
    return sum(any(label in labels for label, _again in row["topics"]) for row in rows)


def demands(page: CasePage) -> list[dict[str, Any]]:
    """Letters that ask for records, the newest first."""
    rows = Demand.objects.filter(case=page.case).order_by("-received_on", "-recorded_at")
    sections = rights_knowledge.sections()
    found = []
    for row in rows:
        words = page.opened.words(row.field)
        found.append(
            {
                "id": row.pk,
                "version": row.version,
                "agency": law.label("legal.yaml", "agencies", row.agency),
                "basis": law.label("legal.yaml", "demand_bases", row.basis),
                "received": describe_day(row.received_on, page.tz),
                "state": row.get_state_display(),
                "css": STATE_CSS.get(DemandState(row.state), "outline"),
                "open": row.state in demanding.OPEN,
                "with_lawyer": row.state == DemandState.WITH_LAWYER,
                "answered": describe_day(row.answered_on, page.tz) if row.answered_on else "",
                "sections": [sections[code].label if code in sections else code for code in row.given.split()],
                "words": words,
            }
        )
    return found


def tips(page: CasePage) -> list[dict[str, Any]]:
    """What was handed over, the newest first."""
    rows = Tip.objects.filter(case=page.case).order_by("-handed_on", "-recorded_at").select_related("recorded_by")
    return [
        {
            "to": row.get_to_display(),
            "basis": law.tip_bases()[row.basis].label if row.basis in law.tip_bases() else row.basis,
            "way": law.label("legal.yaml", "tip_ways", row.way),
            "on": describe_day(row.handed_on, page.tz),
            "by": row.recorded_by.display_name,
            "words": page.opened.words(row.field),
        }
        for row in rows
    ]


def simfoni(page: CasePage) -> dict[str, Any] | None:
    """Where the case stands in Simfoni PPA."""
    row = Simfoni.objects.filter(case=page.case).select_related("typed_by").first()
    if row is None:
        return None
    return {
        "number": page.opened.words("simfoni").get("number", ""),
        "on": describe_day(row.typed_on, page.tz),
        "by": row.typed_by.display_name,
        "elsewhere": row.typed_elsewhere,
        "identity": row.get_identity_display() if row.identity else "",
    }


def lead(page: CasePage) -> dict[str, Any]:
    """Whose task it is, why, who is asked besides, and which body took the lead."""
    found = places.lead_of(page.opened.places, page.opened.child)
    there = places.bodies(found, local_day(page.now, page.tz))
    reasons, contacts, how = ending.place_reasons(), ending.place_contacts(), ending.place_rules()
    chosen = page.case.lead_agency
    help_at = regions.get(found.help_at)
    notes = [*found.reasons]
    if found.leads and not any(body.kind == found.leads[0].kind for body in there):
        notes.append("no_body_here")
    return {
        "authority": page.case.get_authority_display() if page.case.authority else "",
        "reasons": [reasons[code].label for code in notes if code in reasons],
        "help_at": help_at.name if help_at else "",
        "along": [bodies.region_name(agency.region) for agency in found.along if agency.region],
        "contacts": [
            {"label": contacts[one.code].label, "rule": one.rule, "how": how[one.rule].label,
             "why": reasons[one.reason].label}
            for one in found.contacts
        ],
        "suggested": there[0].name if there else "",
        "chosen": chosen.name if chosen else "",
        "words": page.opened.words(places.FIELD).get("words", ""),
    }  # fmt: skip


def mediation(page: CasePage) -> dict[str, Any]:
    """Settling out of court: barred, or a question of two people where every alleged offender is a child."""
    rows = Approval.objects.filter(case=page.case, subject=Subject.MEDIATION).order_by("-asked_at")
    last = rows.select_related("asked_by", "decided_by").first()
    return {
        "barred": page.case.mediation_barred,
        "possible": legal.mediation_possible(page.case),
        "waits": last is not None and last.state == ApprovalState.OPEN,
        "state": last.get_state_display() if last else "",
        "words": page.opened.words(last.field) if last else {},
    }


def near() -> timedelta:
    """How long before its end the police clock begins to urge."""
    return timedelta(hours=12)


def labels_of_sheet() -> str:
    """What the sheet does not hold by itself, in words."""
    return ", ".join(column.label for column in law.columns() if column.identity) or _("tidak ada")
