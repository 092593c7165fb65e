"""Brings the public contact ways of the knowledge file into the register that staff keep, after every migration."""

from __future__ import annotations

from typing import Any

from django.apps import apps as current_apps
from django.apps.registry import Apps


def seed_contacts(sender: Any, *, using: str = "default", apps: Apps = current_apps, **_: Any) -> None:
    """Add what the register has never seen. What staff changed stays as it is."""
    from .knowledge import contacts

    try:
        model = apps.get_model("takedown", "Contact")
    except LookupError:
        return
    known = set(model._default_manager.using(using).values_list("addressee", "platform"))
    missing = [
        model(addressee=entry.addressee, platform=entry.platform, form_url=entry.form_url, asks=entry.asks)
        for entry in contacts()
        if (entry.addressee, entry.platform) not in known
    ]
    model._default_manager.using(using).bulk_create(missing, ignore_conflicts=True)
