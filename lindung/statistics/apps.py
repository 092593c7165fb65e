from django.apps import AppConfig


class StatisticsConfig(AppConfig):
    name = "lindung.statistics"
    label = "statistics"
