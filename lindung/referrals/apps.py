from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "lindung.referrals"
    label = "referrals"

    def ready(self) -> None:
        from lindung.audit import kinds
        from lindung.casework import along, signals
        from lindung.casework.services import closing
        from lindung.reporting import tasks as clock

        from . import following, tasks
        from .events import KINDS, TAKES_KEYS_AWAY
        from .services import moving

        kinds.declare("referrals", KINDS)
        clock.register_step("referrals", tasks.run)
        clock.clean_after(TAKES_KEYS_AWAY)
        along.register("referrals", moving.ALONG)
        closing.register_block("referrals", following.left_to_do)
        signals.consent_withdrawn.connect(following.on_consent_withdrawn, dispatch_uid="referrals.consent_withdrawn")
        signals.case_excluded.connect(following.on_case_excluded, dispatch_uid="referrals.case_excluded")
        signals.case_closed.connect(following.on_case_closed, dispatch_uid="referrals.case_closed")
        signals.case_changed.connect(following.on_case_changed, dispatch_uid="referrals.case_changed")
        signals.case_erased.connect(following.on_case_erased, dispatch_uid="referrals.case_erased")
