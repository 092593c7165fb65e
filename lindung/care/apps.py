from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "lindung.care"
    label = "care"

    def ready(self) -> None:
        from lindung.accounts import leaving
        from lindung.audit import kinds
        from lindung.reporting.tasks import register_step

        from .events import KINDS
        from .selectors import in_hand
        from .tasks import alarm, forget

        kinds.declare("care", KINDS)
        leaving.register("care", in_hand)
        register_step("care.visits", alarm)
        register_step("care.diaries", forget)
