from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DirectoryConfig(AppConfig):
    name = "lindung.directory"
    label = "directory"

    def ready(self) -> None:
        from lindung.audit import kinds

        from .events import KINDS
        from .seeding import seed_bodies

        kinds.declare("directory", KINDS)
        post_migrate.connect(seed_bodies, sender=self, dispatch_uid="directory.bodies")
