from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ReportingConfig(AppConfig):
    name = "lindung.reporting"
    label = "reporting"

    def ready(self) -> None:
        from lindung.audit import kinds
        from lindung.vault.signals import record_shredded

        from .events import KINDS
        from .retention import on_record_shredded
        from .seeding import seed_platforms

        kinds.declare("reporting", KINDS)
        post_migrate.connect(seed_platforms, sender=self, dispatch_uid="reporting.platforms")
        record_shredded.connect(on_record_shredded, dispatch_uid="reporting.record_shredded")
