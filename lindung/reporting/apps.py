from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ReportingConfig(AppConfig):
    name = "lindung.reporting"
    label = "reporting"

    def ready(self) -> None:
        from lindung.accounts import leaving
        from lindung.accounts.signals import left_teams
        from lindung.audit import kinds
        from lindung.vault.signals import record_shredded

        from . import signals
        from .events import KINDS
        from .retention import on_record_shredded
        from .seeding import seed_platforms
        from .services import handing_over
        from .services.transferring import on_report_changed

        kinds.declare("reporting", KINDS)
        post_migrate.connect(seed_platforms, sender=self, dispatch_uid="reporting.platforms")
        record_shredded.connect(on_record_shredded, dispatch_uid="reporting.record_shredded")
        left_teams.connect(handing_over.on_left, dispatch_uid="reporting.left_teams")
        leaving.register("reporting", handing_over.in_hand)
        signals.report_changed.connect(on_report_changed, dispatch_uid="reporting.transfers.changed")
        signals.report_moved.connect(on_report_changed, dispatch_uid="reporting.transfers.moved")
