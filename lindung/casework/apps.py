from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "lindung.casework"
    label = "casework"

    def ready(self) -> None:
        from lindung.audit import kinds

        from .events import KINDS

        kinds.declare("casework", KINDS)
