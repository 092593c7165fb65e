"""Addresses of the staff front door, below /kerja/. Every one answers 404 to whoever may not know that it exists."""

from __future__ import annotations

from django.urls import path

from lindung.workspace.views import actions, audit, decisions, inbox, platforms, report, roster, staff_intake

app_name = "workspace"

urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("laporan/<uuid:report_id>/", report.report, name="report"),
    path("laporan/<uuid:report_id>/ambil/", actions.claim, name="claim"),
    path("laporan/<uuid:report_id>/lepas/", actions.release, name="release"),
    path("laporan/<uuid:report_id>/pesan/", actions.message, name="message"),
    path("laporan/<uuid:report_id>/catatan/", actions.note, name="note"),
    path("laporan/<uuid:report_id>/triase/", actions.triage, name="triage"),
    path("laporan/<uuid:report_id>/polisi/", actions.police, name="police"),
    path("laporan/<uuid:report_id>/serah-terima/", actions.handover, name="handover"),
    path("laporan/<uuid:report_id>/tindak-lanjut/<uuid:follow_up_id>/", actions.follow_up, name="follow_up"),
    path("laporan/<uuid:report_id>/upaya/", actions.attempt, name="attempt"),
    path("laporan/<uuid:report_id>/tutup/", decisions.propose_closure, name="closure"),
    path("laporan/<uuid:report_id>/tutup/<uuid:proposal_id>/", decisions.decide_closure, name="closure_decide"),
    path("laporan/<uuid:report_id>/buka-lagi/", decisions.reopen, name="reopen"),
    path("laporan/<uuid:report_id>/kaitan/", decisions.link, name="link"),
    path("laporan/<uuid:report_id>/kaitan/<uuid:link_id>/lepas/", decisions.unlink, name="unlink"),
    path("laporan/<uuid:report_id>/pindah/", decisions.conflict_of_interest, name="conflict"),
    path("laporan/<uuid:report_id>/berhenti/", decisions.withdrawal, name="withdrawal"),
    path("laporan/<uuid:report_id>/tahan/", decisions.legal_hold, name="legal_hold"),
    path("terima/", staff_intake.choose, name="intake"),
    path("terima/hasil/<uuid:intake_id>/", staff_intake.taken, name="intake_taken"),
    path("terima/<slug:channel>/", staff_intake.take_in, name="intake_channel"),
    path("jaga/", roster.roster, name="roster"),
    path("jaga/tambah/", roster.add, name="shift_add"),
    path("jaga/<uuid:shift_id>/hapus/", roster.remove, name="shift_remove"),
    path("platform/", platforms.platforms, name="platforms"),
    path("platform/tambah/", platforms.add, name="platform_add"),
    path("platform/<slug:code>/tutup/", platforms.retire, name="platform_retire"),
    path("audit/", audit.audit, name="audit"),
    path("audit/periksa/", audit.verify, name="audit_verify"),
    path("audit/titik/", audit.checkpoint, name="audit_checkpoint"),
    path("audit/ekspor/", audit.export, name="audit_export"),
]
