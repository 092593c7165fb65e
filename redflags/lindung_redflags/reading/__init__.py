"""Reads payments, accounts, relations and rates, checks them, and makes the tables of the engines."""

from lindung_redflags.reading.faults import Fault, InputFaults
from lindung_redflags.reading.quality import Quality
from lindung_redflags.reading.tables import open_tables

__all__ = ["Fault", "InputFaults", "Quality", "open_tables"]
