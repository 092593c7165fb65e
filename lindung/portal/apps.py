from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "lindung.portal"
    label = "portal"
