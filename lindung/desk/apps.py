from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "lindung.desk"
    label = "desk"

    def ready(self) -> None:
        from lindung.audit import kinds
        from lindung.reporting.tasks import register_step

        from .events import KINDS
        from .tasks import forget_counts

        kinds.declare("desk", KINDS)
        register_step("desk.counts", forget_counts)
