"""What can be wrong with what somebody gave us, in a sentence that says what was expected."""

from __future__ import annotations


class RedflagsError(Exception):
    """Something that the caller can mend. `str()` is one sentence for people; no data of a payment is in it."""


class BadCatalogue(RedflagsError):
    """An indicator, a list or a file of parameters is not what it has to be."""


class BadInput(RedflagsError):
    """Transactions, accounts or rates cannot be read or are not what they have to be."""
