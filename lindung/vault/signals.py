"""News for the rooms above."""

from django.dispatch import Signal

# Sent inside the transaction in which a record is shredded (also when a restored backup replays the tombstones), with
# `record_id`: the receivers delete their own rows about it. A receiver that raises stops the shredding.
record_shredded = Signal()
