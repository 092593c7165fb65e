"""Every write of this room. Views, the clock and the rooms above call these functions and nothing below them.

The actor comes first and, where content is opened or written, the keyring.
"""

from .answering import heard_delivery, heard_no, heard_outcome, heard_voice, heard_yes
from .answering import say as say_to_receiver
from .printing import Paper, paper
from .reading import OpenedReferral, open_received, open_sent
from .receiving import DeliveredInput, accept, complete, decline, deliver, say, voice
from .revoking import revoke
from .sending import DraftInput, amend, discard, draft, send

__all__ = [
    "DeliveredInput",
    "DraftInput",
    "OpenedReferral",
    "Paper",
    "accept",
    "amend",
    "complete",
    "decline",
    "deliver",
    "discard",
    "draft",
    "heard_delivery",
    "heard_no",
    "heard_outcome",
    "heard_voice",
    "heard_yes",
    "open_received",
    "open_sent",
    "paper",
    "revoke",
    "say",
    "say_to_receiver",
    "send",
    "voice",
]
