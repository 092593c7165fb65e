from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "lindung.vault"
    label = "vault"
