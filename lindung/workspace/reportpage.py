"""Puts an opened report into words for its page: identity, tasks, clocks, thread, history. No rule is decided here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lindung.accounts.actors import Actor
from lindung.accounts.rules import may_confirm_closure, may_decide_withdrawal
from lindung.desk import selectors as canned_answers
from lindung.reporting import knowledge, rules, rules_staff
from lindung.reporting.knowledge import moves
from lindung.reporting.knowledge.intake import channel_label
from lindung.reporting.models import (
    Authority,
    ClosureProposal,
    ClosureReason,
    FollowUpKind,
    MessageKind,
    NextStep,
    PoliceDecision,
    State,
    Withdrawal,
    WithdrawalState,
)
from lindung.reporting.opened import MessageView, OpenedReport, TimelineEntry, TriageView
from lindung.reporting.services.closing import OBSTACLES
from lindung.workspace import marks, times
from lindung.workspace.marks import CHANNELS, RISKS
from lindung.workspace.times import Deadline
from lindung.workspace.words import Fact

POLICE_NEAR = timedelta(hours=12)
LOCKED_STATES = frozenset({State.CLOSED, State.WITHDRAWN})


@dataclass(frozen=True)
class Clock:
    """A running time on the identity bar."""

    label: str
    text: str
    at: str = ""
    css: str = ""

    @classmethod
    def of(cls, label: str, deadline: Deadline) -> Clock:
        return cls(label, deadline.text, deadline.at, deadline.css)


@dataclass(frozen=True)
class Task:
    """One thing to do, the place on the page where it is done, and how it stands."""

    label: str
    anchor: str
    state: str
    css: str = ""


@dataclass(frozen=True)
class Line:
    """One line of the thread, the notes or the history. `text` is a person's words."""

    at: str
    title: str = ""
    who: str = ""
    text: str = field(default="", repr=False)
    direction: str = ""
    kind_label: str = ""
    kind_css: str = ""
    state: str = ""
    stopped: bool = False
    reason: str = field(default="", repr=False)
    canned: tuple[UUID, int] | None = None


def _task(label: str, anchor: str, done: bool, css: str = "", state: str = "") -> Task:
    return Task(label, anchor, _("selesai") if done else state or _("belum"), "done" if done else css)


class Page:
    """One opened report as its page shows it at a moment."""

    def __init__(self, opened: OpenedReport, actor: Actor, now: datetime) -> None:
        self.opened, self.actor, self.now = opened, actor, now
        self.report = opened.report
        self.tz = self.report.tz

    def at(self, moment: datetime) -> str:
        return times.local(moment, self.tz)

    def deadline(self, due: datetime, near: timedelta = timedelta(hours=1)) -> Deadline:
        return times.deadline(due, self.now, self.tz, near=near)

    # --- the identity bar -------------------------------------------------------------------------------------

    def head(self) -> dict[str, Any]:
        report, answers = self.report, self.opened.answers
        mine = report.claimed_by_id == self.actor.user_id
        handles = rules_staff.may_handle(self.actor, report.team_id)
        takes_over = rules_staff.may_take_over(self.actor, report.team_id)
        closed = report.state in LOCKED_STATES
        merged = report.merged_into_id is not None
        reasons = knowledge.hold_reasons()
        return {
            "reference": report.reference,
            "risk": report.risk,
            "risk_label": RISKS[report.risk],
            "state": report.get_state_display(),
            "path": marks.path_label(report),
            "place": marks.place_label(str(answers.get("province") or ""), str(answers.get("regency") or "")),
            "received": self.at(report.received_at),
            "age": times.ago(report.received_at, self.now),
            "holder": marks.holder(report, self.actor.user_id),
            "marks": marks.marks_of(report, new_message=False, now=self.now),
            "clocks": self.clocks(),
            "legal_hold": report.legal_hold,
            "hold_reason": reasons[report.hold_reason].label if report.hold_reason in reasons else "",
            "may_claim": handles and not closed and not merged and report.claimed_by_id is None,
            "may_take_over": takes_over and not closed and not merged and report.claimed_by_id is not None and not mine,
            "may_release": not closed and not merged and report.claimed_by_id is not None and (mine or takes_over),
        }

    def clocks(self) -> list[Clock]:
        report = self.report
        found = []
        if report.state == State.CLOSED:
            outcome = knowledge.outcomes().get(report.outcome)
            closed = self.at(report.closed_at) if report.closed_at else ""
            return [Clock(_("Hasil"), outcome.label if outcome else _("Ditutup"), closed)]
        if report.state in {State.WAITING_REPORTER, State.REFERRED}:
            found.append(Clock(_("Jawaban"), _("sudah dijawab"), _("menunggu pelapor"), "done"))
        else:
            due = times.deadline(report.due_at, self.now, self.tz, working_days=report.risk == "low")
            found.append(Clock.of(_("Dijawab paling lambat"), due))
        if report.medical_until:
            due = self.deadline(report.medical_until, POLICE_NEAR)
            if due.kind == "late":
                found.append(Clock(_("Jendela medis 72 jam"), _("sudah lewat; perawatan tetap berguna"), due.at))
            else:
                found.append(Clock.of(_("Jendela medis: rumah sakit dulu"), due))
        police = self.opened.police
        if police and not police.decision:
            found.append(Clock.of(_("Keputusan lapor polisi"), self.deadline(police.due_at, POLICE_NEAR)))
        for follow_up in self.opened.follow_ups:
            if follow_up.done_at is None:
                found.append(Clock.of(str(FollowUpKind(follow_up.kind).label), self.deadline(follow_up.due_at)))
        return found

    # --- what there is to do -----------------------------------------------------------------------------------

    def tasks(self) -> list[Task]:
        """What is left to do on this report, in the order of a good morning."""
        report, opened = self.report, self.opened
        found = [Task(_("Baca ceritanya"), "cerita", _("terbuka di bawah"))]
        found.append(_task(_("Triase"), "triase", bool(opened.triage), "near"))
        if report.selfharm:
            spoken = any(handover.by_voice for handover in opened.handovers)
            found.append(_task(_("Serah terima lisan"), "serah-terima", spoken, "late"))
        if report.state in {State.NEW, State.CLAIMED, State.WAITING_STAFF}:
            found.append(_task(_("Jawab pelapor"), "pesan", False, "late" if report.due_at < self.now else "near"))
        elif any(message.direction == "out" for message in opened.messages):
            found.append(_task(_("Jawab pelapor"), "pesan", True))
        if opened.triage and opened.triage[-1].next_step == NextStep.TAKEDOWN:
            asked = any(name.startswith("takedown:") for name in opened.rest)
            found.append(_task(_("Permintaan hapus"), "hapus", asked, "near"))
        if opened.police:
            due = self.deadline(opened.police.due_at, POLICE_NEAR)
            found.append(_task(_("Putuskan lapor polisi"), "polisi", bool(opened.police.decision), due.css, due.text))
        for row in opened.follow_ups:
            due = self.deadline(row.due_at)
            found.append(_task(str(FollowUpKind(row.kind).label), "lanjut", row.done_at is not None, due.css, due.text))
        return found

    # --- thread, notes, history --------------------------------------------------------------------------------

    def thread(self) -> list[Line]:
        return [self._message(message) for message in self.opened.messages]

    def _message(self, message: MessageView) -> Line:
        ours = message.direction == "out"
        if message.kind == MessageKind.SYSTEM:
            return Line(self.at(message.at), who=_("Sistem"), text=message.text, direction="system")
        who = _("Pelapor")
        if ours:
            who = f"{message.by} ({_('sebagai')} {message.alias})" if message.by else message.alias
        label, css = "", ""
        if message.kind != MessageKind.TEXT:
            label = str(MessageKind(message.kind).label)
            css = "high" if message.kind == MessageKind.STOP_PRESSURE else "outline"
        state = ""
        if ours:
            state = _("sudah dibaca") if message.read_by_reporter else _("belum dibaca")
        elif not message.read_by_staff:
            label, css = label or _("Baru"), css or "new"
        return Line(
            self.at(message.at), who=who, text=message.text, direction=message.direction,
            kind_label=label, kind_css=css, state=state, canned=canned_answers.parse(message.canned),
        )  # fmt: skip

    def notes(self) -> list[Line]:
        return [Line(self.at(note.at), who=note.by, text=note.text) for note in self.opened.notes]

    def timeline(self) -> list[Line]:
        """The history, newest first. Messages and notes stand in their own panels and are only named here."""
        return [self._entry(entry) for entry in reversed(self.opened.timeline)]

    def _entry(self, entry: TimelineEntry) -> Line:
        title, said = _SENTENCES.get(entry.kind, entry.kind), _code_label(entry.kind, entry.code)
        text = "" if entry.kind in {"message_in", "message_out", "note"} else entry.text
        return Line(self.at(entry.at), title=f"{title}: {said}" if said else str(title), who=entry.by, text=text)

    # --- the panels at the side ---------------------------------------------------------------------------------

    def triage(self) -> dict[str, Any] | None:
        if not self.opened.triage:
            return None
        latest = self.opened.triage[-1]
        return {"who": latest.by, "at": self.at(latest.at), "facts": triage_facts(latest)}

    def police(self) -> dict[str, Any] | None:
        police = self.opened.police
        if police is None:
            return None
        clock = self.deadline(police.due_at, POLICE_NEAR)
        facts = []
        if police.decision:
            facts = [
                Fact(_("Keputusan"), "label", str(PoliceDecision(police.decision).label)),
                Fact(_("Alasan"), "text", police.reason),
                Fact(_("Yang memberi tahu anak"), "text", police.who_told_child),
                Fact(_("Dicatat"), "label", f"{police.by}, {self.at(police.decided_at or police.starts_at)}"),
            ]
        return {"running": not police.decision, "clock": clock, "facts": facts}

    def handovers(self) -> list[Line]:
        return [
            Line(
                self.at(row.at),
                title=_("Diterima secara lisan") if row.by_voice else _("Terkirim, belum diterima secara lisan"),
                who=row.by,
                text=row.name,
            )
            for row in self.opened.handovers
        ]

    def attempts(self) -> list[Line]:
        return [
            Line(
                self.at(row.at),
                title=str(CHANNELS.get(row.channel, row.channel)),
                who=row.by,
                text=row.note,
                stopped=row.stopped,
                reason=row.stop_reason,
            )
            for row in self.opened.attempts
        ]

    def follow_ups(self) -> list[dict[str, Any]]:
        return [
            {
                "id": row.id,
                "label": FollowUpKind(row.kind).label,
                "clock": self.deadline(row.due_at),
                "done": self.at(row.done_at) if row.done_at else "",
                "who": row.by,
            }
            for row in self.opened.follow_ups
        ]

    def links(self) -> list[dict[str, Any]]:
        """Other reports that belong to this one, as far as this person may see them."""
        reasons = knowledge.link_reasons()
        found = []
        for row in self.opened.links:
            said = [reasons[row.reason].label] if row.reason in reasons else []
            if row.kinds:
                shared = ", ".join(str(IDENTIFIERS.get(kind, kind)) for kind in row.kinds)
                said.append(_("menyebut %(what)s yang sama") % {"what": shared})
            found.append(
                {
                    "reference": row.reference,
                    "url": reverse("workspace:report", args=[row.report_id]),
                    "state": State(row.state).label,
                    "month": times.month(row.month),
                    "text": "; ".join(said),
                    "link_id": row.link_id,
                }
            )
        return found

    def risk_reasons(self) -> list[str]:
        """Why the rules set the first risk, as long as nobody has judged."""
        if self.opened.triage:
            return []
        fitting = set(rules.initial_risk(self.opened.answers)[1])
        return [rule.label for rule in knowledge.risk_rules() if rule.code in fitting]

    def obstacles(self) -> list[str]:
        """What must be done before this can be closed, in words."""
        return [str(OBSTACLES[code]) for code in self.opened.missing if code in OBSTACLES]

    def withdrawal(self, row: Withdrawal) -> dict[str, Any]:
        """A wish to stop that did not lock the report: it waits for a supervisor, or was decided."""
        waiting = row.state == WithdrawalState.SUPERVISOR
        return {
            "css": "soon" if waiting else "",
            "title": _("Pelapor meminta berhenti") if waiting else WithdrawalState(row.state).label,
            "at": self.at(row.asked_at),
            "reason": str(WITHDRAWAL_REASONS.get(row.reason, "")) if waiting else "",
            "pressured": row.pressured or self.report.stop_pressure,
            "waiting": waiting,
            "may_decide": waiting and may_decide_withdrawal(self.actor, self.report.team_id),
        }

    def closure(self, row: ClosureProposal, proposer: str) -> dict[str, Any]:
        """An open proposal to close."""
        return {
            "id": row.pk,
            "reason": ClosureReason(row.reason).label,
            "who": proposer,
            "at": self.at(row.proposed_at),
            "safety_checked": row.safety_checked,
            "own": row.proposed_by_id == self.actor.user_id,
            "may_confirm": may_confirm_closure(self.actor, self.report.team_id, row.proposed_by_id),
            "may_reject": rules_staff.may_propose_closure(self.actor, self.report.team_id),
        }

    def changes(self, since: datetime) -> list[Line]:
        """What happened since a moment, newest first, with the words."""
        found = []
        for entry in reversed(self.opened.timeline):
            if entry.at >= since:
                line = self._entry(entry)
                found.append(replace(line, text=entry.text))
        return found


IDENTIFIERS: dict[str, str | Promise] = {
    "handle": gettext_lazy("nama akun"),
    "phone": gettext_lazy("nomor telepon"),
    "url": gettext_lazy("alamat internet"),
    "account": gettext_lazy("nomor rekening atau dompet"),
}

WITHDRAWAL_REASONS: dict[str, str | Promise] = {
    "legal_hold": gettext_lazy("Laporan ini disimpan untuk proses hukum."),
    "high_risk": gettext_lazy("Risikonya tinggi: anak ini atau anak lain mungkin masih dalam bahaya."),
    "police_clock": gettext_lazy("Batas waktu lapor polisi masih berjalan."),
    "open_case": gettext_lazy("Layanan lain sudah menangani."),
}

_SENTENCES: dict[str, str | Promise] = {
    "received": gettext_lazy("Laporan masuk"),
    "claimed": gettext_lazy("Diambil"),
    "message_in": gettext_lazy("Pelapor menulis"),
    "message_out": gettext_lazy("Kami menjawab"),
    "triage": gettext_lazy("Triase"),
    "note": gettext_lazy("Catatan rekan"),
    "handover": gettext_lazy("Serah terima"),
    "attempt": gettext_lazy("Upaya menjangkau anak"),
    "police": gettext_lazy("Keputusan lapor polisi"),
    "follow_up": gettext_lazy("Tindak lanjut selesai"),
    "closure_proposed": gettext_lazy("Usulan penutupan"),
    "closure_confirmed": gettext_lazy("Ditutup oleh dua orang"),
    "closure_rejected": gettext_lazy("Usulan penutupan ditolak"),
    "withdrawal": gettext_lazy("Pelapor meminta berhenti"),
    "handed_on": gettext_lazy("Diserahkan ke rekan"),
    "transfer_offered": gettext_lazy("Ditawarkan ke tim lain"),
    "transfer_accepted": gettext_lazy("Diterima oleh tim lain"),
    "transfer_declined": gettext_lazy("Tidak diterima oleh tim lain"),
    "transfer_withdrawn": gettext_lazy("Tawaran ke tim lain ditarik"),
    "transfer_fallen": gettext_lazy("Tawaran ke tim lain gugur"),
}

_CODES: dict[str, Any] = {
    "triage": NextStep,
    "police": PoliceDecision,
    "follow_up": FollowUpKind,
    "closure_proposed": ClosureReason,
    "closure_confirmed": ClosureReason,
    "closure_rejected": ClosureReason,
    "withdrawal": WithdrawalState,
}


def _code_label(kind: str, code: str) -> str:
    if kind == "attempt":
        return str(CHANNELS.get(code, code))
    if kind == "received":
        return channel_label(code)
    if kind == "handover":
        return _("diterima secara lisan") if code == "by_voice" else _("belum diterima secara lisan")
    if kind in {"transfer_offered", "transfer_declined"}:
        reasons = moves.transfer_reasons() if kind == "transfer_offered" else moves.decline_reasons()
        return reasons[code].label if code in reasons else ""
    if kind == "message_in" and code != MessageKind.TEXT:
        return str(MessageKind(code).label)
    choices = _CODES.get(kind)
    return str(choices(code).label) if choices is not None and code in choices.values else ""


def triage_facts(entry: TriageView) -> list[Fact]:
    """One judgement, line by line."""
    forms = tuple(knowledge.forms()[code].label if code in knowledge.forms() else code for code in entry.forms)
    facts = [
        Fact(_("Risiko"), "label", str(RISKS[entry.risk])),
        Fact(_("Bentuk"), "list", values=forms) if forms else Fact(_("Bentuk"), "label", _("belum dipilih")),
        Fact(_("Kewenangan"), "label", str(Authority(entry.authority).label)),
        Fact(_("Langkah berikutnya"), "label", str(NextStep(entry.next_step).label)),
        Fact(_("Alasan"), "text", entry.reason),
    ]
    if entry.selfharm:
        facts.insert(1, Fact(_("Menyakiti diri"), "label", _("ada risiko")))
    if entry.safety_plan:
        facts.append(Fact(_("Rencana keselamatan"), "text", entry.safety_plan))
    return facts
