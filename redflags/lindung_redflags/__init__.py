"""Red flags of payments for child sexual exploitation: a catalogue as data, and an engine for one's own data."""
