"""Filters of the inbox that people keep under a name. Each person's are their own; nobody else sees or changes them."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core.errors import BadInput, NotAllowed, NotFound

from .. import rules
from ..models import SavedView

AT_MOST = 20
LONGEST_NAME = 40


def save_view(actor: Actor, name: str, query: str) -> SavedView:
    """Keep a filter; `query` holds codes only, as the inbox's own form wrote them.

    Raises NotAllowed for whoever reads no reports, BadInput for an empty, too long or already used name, for an
    over-long filter, and when there are AT_MOST already.
    """
    if not actor.has_role(*rules.READERS):
        raise NotAllowed
    checked = _name(name)
    if len(query) > SavedView._meta.get_field("query").max_length:  # type: ignore[operator]
        raise BadInput("name", _("Saringan ini terlalu panjang untuk disimpan."))
    with transaction.atomic():
        if SavedView.objects.filter(owner=actor.user_id).count() >= AT_MOST:
            raise BadInput("name", _("Sudah ada 20 tampilan. Hapus dulu yang tidak dipakai."))
        view = SavedView(owner_id=actor.user_id, name=checked, query=query)
        _write(view)
        audit.record("view.saved", actor=actor.audit_name, subject=view.pk.hex)
    return view


def rename_view(actor: Actor, view_id: UUID, name: str) -> SavedView:
    """Give one's own view another name. Raises NotFound, BadInput."""
    checked = _name(name)
    with transaction.atomic():
        view = _own(actor, view_id)
        view.name = checked
        _write(view)
        audit.record("view.renamed", actor=actor.audit_name, subject=view.pk.hex)
    return view


def delete_view(actor: Actor, view_id: UUID) -> None:
    """Delete one's own view. Raises NotFound."""
    with transaction.atomic():
        view = _own(actor, view_id)
        subject = view.pk.hex
        view.delete()
        audit.record("view.deleted", actor=actor.audit_name, subject=subject)


def forget_leavers_views() -> int:
    """Delete the views of people who have left; returns how many. Nobody else could ever open them."""
    return SavedView.objects.filter(owner__is_active=False).delete()[0]


def _own(actor: Actor, view_id: UUID) -> SavedView:
    view = SavedView.objects.select_for_update().filter(pk=view_id, owner=actor.user_id).first()
    if view is None:
        raise NotFound
    return view


def _name(name: str) -> str:
    checked = " ".join(name.split())
    if not checked:
        raise BadInput("name", _("Beri nama dulu."))
    if len(checked) > LONGEST_NAME:
        raise BadInput("name", _("Nama paling panjang 40 huruf."))
    return checked


def _write(view: SavedView) -> None:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise BadInput("name", _("Kamu sudah punya tampilan dengan nama ini.")) from None
