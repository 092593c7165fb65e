"""Every write of this room: tokens are made and revoked by people, reports are sent by machines."""

from .state import read_state
from .submitting import CHANNEL, Answer, Content, check, submit
from .tokens import Caller, authenticate, create_token, need, revoke_token

__all__ = [
    "CHANNEL",
    "Answer",
    "Caller",
    "Content",
    "authenticate",
    "check",
    "create_token",
    "need",
    "read_state",
    "revoke_token",
    "submit",
]
