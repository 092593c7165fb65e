from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "lindung.partners"
    label = "partners"

    def ready(self) -> None:
        from lindung.audit import kinds
        from lindung.reporting import signals
        from lindung.reporting.tasks import register_step

        from .events import KINDS
        from .retention import forget_old, on_report_erased

        kinds.declare("partners", KINDS)
        signals.report_erased.connect(on_report_erased, dispatch_uid="partners.report_erased")
        register_step("partners", forget_old)
