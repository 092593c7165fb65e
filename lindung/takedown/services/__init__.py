"""Every write of this room. Nothing here sends a letter to an addressee and nothing opens an address: people do."""

from . import items, notices
from .contacts import ContactInput, save_contact, verify_contact
from .items import add, answer, check, end, open_item, renew
from .notices import discard, export, make_notice, mark_sent, open_notice, statistics_exported

__all__ = [
    "ContactInput",
    "add",
    "answer",
    "check",
    "discard",
    "end",
    "export",
    "items",
    "make_notice",
    "mark_sent",
    "notices",
    "open_item",
    "open_notice",
    "renew",
    "save_contact",
    "statistics_exported",
    "verify_contact",
]
