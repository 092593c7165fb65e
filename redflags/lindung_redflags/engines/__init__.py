"""What lowers the catalogue to an engine. Each is held against lindung_redflags.reference by tests."""
