"""Brings the platforms of the knowledge file into the table that staff maintain, after every migration."""

from __future__ import annotations

from typing import Any

from django.apps import apps as current_apps
from django.apps.registry import Apps


def seed_platforms(sender: Any, *, using: str = "default", apps: Apps = current_apps, **_: Any) -> None:
    """Add platforms that the table has never seen. A retired one stays retired: its row is still there."""
    from .knowledge import platforms

    try:
        model = apps.get_model("reporting", "Platform")
    except LookupError:
        return
    known = set(model._default_manager.using(using).values_list("code", flat=True))
    missing = [
        model(code=entry.code, name=entry.label_id, sort=sort)
        for sort, entry in enumerate(platforms().values())
        if entry.code not in known
    ]
    model._default_manager.using(using).bulk_create(missing, ignore_conflicts=True)
