from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "lindung.directory"
    label = "directory"

    def ready(self) -> None:
        from lindung.audit import kinds

        from .events import KINDS

        kinds.declare("directory", KINDS)
