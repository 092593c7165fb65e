from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ReportingConfig(AppConfig):
    name = "lindung.reporting"
    label = "reporting"

    def ready(self) -> None:
        from lindung.audit import kinds

        from .events import KINDS
        from .seeding import seed_platforms

        kinds.declare("reporting", KINDS)
        post_migrate.connect(seed_platforms, sender=self, dispatch_uid="reporting.platforms")
