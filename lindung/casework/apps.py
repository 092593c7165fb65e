from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "lindung.casework"
    label = "casework"

    def ready(self) -> None:
        from lindung.audit import kinds

        from .events import KINDS
        from .models_closing import Subject
        from .services import approving, planning

        kinds.declare("casework", KINDS)
        approving.on_decided(Subject.PLAN, planning.on_decided)
