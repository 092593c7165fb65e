from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "lindung.casework"
    label = "casework"

    def ready(self) -> None:
        from lindung.accounts import leaving
        from lindung.accounts.signals import left_teams
        from lindung.audit import kinds
        from lindung.reporting import keepers, tasks
        from lindung.reporting import signals as reports
        from lindung.vault.signals import record_shredded

        from . import following, retention, signals
        from . import tasks as clock_tasks
        from .events import KINDS, TAKES_KEYS_AWAY
        from .models_closing import Subject
        from .services import approving, closing, feedback, holding, legal, moving, planning, workers

        kinds.declare("casework", KINDS)
        approving.on_decided(Subject.PLAN, planning.on_decided)
        approving.on_decided(Subject.HOLD, holding.after_decision)
        approving.on_decided(Subject.CLOSURE, closing.after_decision)
        approving.on_decided(Subject.MEDIATION, legal.after_mediation)
        signals.case_opened.connect(legal.on_case_opened, dispatch_uid="casework.police_duty")
        signals.case_excluded.connect(moving.on_case_excluded, dispatch_uid="casework.move_fell")
        signals.case_erased.connect(feedback.on_case_erased, dispatch_uid="casework.feedback_erased")
        left_teams.connect(feedback.on_left_teams, dispatch_uid="casework.feedback_left")
        tasks.register_step("casework", clock_tasks.call)
        leaving.register("casework", workers.in_hand)
        left_teams.connect(workers.on_left, dispatch_uid="casework.left_teams")
        # what becomes of a report becomes of its case, and what is erased
        keepers.register("casework", following.standing, following.on_conflict)
        reports.report_changed.connect(following.on_report_changed, dispatch_uid="casework.report_changed")
        reports.report_erased.connect(following.on_report_erased, dispatch_uid="casework.report_erased")
        record_shredded.connect(retention.on_record_shredded, dispatch_uid="casework.record_shredded")
        tasks.register_step("case retention", retention.run)
        tasks.clean_after(TAKES_KEYS_AWAY)
