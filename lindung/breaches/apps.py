from django.apps import AppConfig


class BreachesConfig(AppConfig):
    name = "lindung.breaches"
    label = "breaches"

    def ready(self) -> None:
        from lindung.audit import kinds
        from lindung.reporting.tasks import register_step

        from .events import KINDS
        from .services.reminding import remind

        kinds.declare("breaches", KINDS)
        register_step("breaches", remind)
