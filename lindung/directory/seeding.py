"""Brings the public bodies of the knowledge file into the directory, after every migration.

What staff changed stays as it is: only bodies whose code was never seen are added. They count as never verified.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps as current_apps
from django.apps.registry import Apps

from lindung.core import clock
from lindung.places import selectors as places


def seed_bodies(sender: Any, *, using: str = "default", apps: Apps = current_apps, **_: Any) -> None:
    """Add what the directory has never seen, with names, services and successors."""
    from . import knowledge
    from .names import name_key

    try:
        bodies = apps.get_model("directory", "Organisation")
        variants = apps.get_model("directory", "NameVariant")
        services = apps.get_model("directory", "Service")
        successions = apps.get_model("directory", "Succession")
    except LookupError:
        return
    rows = bodies._default_manager.using(using)
    seen = set(rows.filter(code__in=[one.code for one in knowledge.bodies()]).values_list("code", flat=True))
    new = [one for one in knowledge.bodies() if one.code not in seen]
    if not new:
        return
    made = {
        one.code: bodies(
            code=one.code, name=one.name, name_key=name_key(one.name), kind=one.kind, phone=one.phone,
            whatsapp=one.whatsapp, public=one.public, source=one.source, since=one.since, until=one.ended,
            tz=places.DEFAULT_ZONE, changed_at=clock.now(),
        )
        for one in new
    }  # fmt: skip
    rows.bulk_create(made.values())
    names = [(one.code, name_key(name), name) for one in new for name in one.variants]
    once = {(code, key): name for code, key, name in names}
    variants._default_manager.using(using).bulk_create(
        variants(organisation=made[code], name=name, key=key) for (code, key), name in once.items()
    )
    services._default_manager.using(using).bulk_create(
        services(organisation=made[one.code], service=service, does=does, whole_country=True)
        for one in new
        for service, does in one.services
    )
    ids = dict(rows.filter(code__in=[one.code for one in knowledge.bodies()]).values_list("code", "pk"))
    successions._default_manager.using(using).bulk_create(
        successions(before=made[one.code], after_id=ids[after], on=one.ended, source=one.source)
        for one in new
        if one.ended
        for after in one.successors
    )
