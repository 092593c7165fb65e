from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "lindung.casework"
    label = "casework"

    def ready(self) -> None:
        from lindung.accounts import leaving
        from lindung.accounts.signals import left_teams
        from lindung.audit import kinds
        from lindung.reporting import tasks

        from . import signals
        from . import tasks as clock_tasks
        from .events import KINDS
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
