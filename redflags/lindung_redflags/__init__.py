"""Red flags of payments for child sexual exploitation: a catalogue as data and an engine that runs on one's own data."""
