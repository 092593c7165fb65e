from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "lindung.referrals"
    label = "referrals"
