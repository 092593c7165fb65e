from django.apps import AppConfig


class StatisticsConfig(AppConfig):
    name = "lindung.statistics"
    label = "statistics"

    def ready(self) -> None:
        from lindung.audit import kinds
        from lindung.casework import signals as casework
        from lindung.reporting import signals as reporting

        from . import following
        from .events import KINDS

        kinds.declare("statistics", KINDS)
        reporting.report_changed.connect(following.on_report_changed, dispatch_uid="statistics.answers")
        reporting.report_erasing.connect(following.on_report_erasing, dispatch_uid="statistics.reports")
        casework.case_erasing.connect(following.on_case_erasing, dispatch_uid="statistics.cases")
