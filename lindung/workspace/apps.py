from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    name = "lindung.workspace"
    label = "workspace"
