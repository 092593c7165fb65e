from django.apps import AppConfig


class SeriesConfig(AppConfig):
    name = "lindung.series"
    label = "series"

    def ready(self) -> None:
        from lindung.audit import kinds
        from lindung.reporting import signals

        from . import carrying, vanishing
        from .events import KINDS

        kinds.declare("series", KINDS)
        signals.report_changed.connect(carrying.on_report_changed, dispatch_uid="series.carrying")
        signals.message_received.connect(carrying.on_message_received, dispatch_uid="series.messages")
        signals.report_changed.connect(vanishing.on_report_changed, dispatch_uid="series.vanishing")
        signals.report_moved.connect(carrying.on_report_moved, dispatch_uid="series.parting")
        signals.report_moved.connect(vanishing.on_report_moved, dispatch_uid="series.moved")
        signals.report_erased.connect(vanishing.on_report_erased, dispatch_uid="series.erased")
