from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TakedownConfig(AppConfig):
    name = "lindung.takedown"
    label = "takedown"

    def ready(self) -> None:
        from lindung.audit import kinds
        from lindung.reporting import signals, tasks

        from . import following
        from .events import KINDS
        from .seeding import seed_contacts
        from .tasks import remind

        kinds.declare("takedown", KINDS)
        tasks.register_step("takedown", remind)
        post_migrate.connect(seed_contacts, sender=self, dispatch_uid="takedown.contacts")
        signals.report_moved.connect(following.on_report_moved, dispatch_uid="takedown.report_moved")
        signals.report_erased.connect(following.on_report_erased, dispatch_uid="takedown.report_erased")
