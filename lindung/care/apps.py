from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "lindung.care"
    label = "care"
